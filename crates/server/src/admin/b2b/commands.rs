//! `naru b2b …`: one call each, and its answer in words or as JSON.

use super::types::{Invitation, NewTaxContract, TaxContract, WebhookSent};
use crate::admin::client::AdminClient;
use crate::admin::commands::{list, secrets};
use crate::admin::types::Items;
use crate::cli::{B2bCommand, B2bDisable, B2bEnable, OfInvoice};
use crate::output;

/// `naru b2b …`
pub async fn b2b(command: B2bCommand) -> anyhow::Result<()> {
    match command {
        B2bCommand::Enable(arguments) => enable(arguments).await,
        B2bCommand::Show { reach, store, json } => {
            let path = ["stores", store.as_str(), "tax-contracts"];
            let contracts: Items<TaxContract> = AdminClient::find(&reach)?.get(&path).await?;
            let header = ["FOR", "COMPANY", "PROVIDER", "SINCE"];
            list(&contracts, json, header, |contract| {
                [
                    environment(contract.is_test).to_owned(),
                    contract.brn.clone(),
                    contract.provider.clone(),
                    contract.created_at.clone(),
                ]
            })
        }
        B2bCommand::Disable(B2bDisable {
            reach,
            store,
            test,
            json,
            ..
        }) => {
            let path = ["stores", &store, "tax-contracts", environment(test)];
            let ended: TaxContract = AdminClient::find(&reach)?.delete(&path).await?;
            if json {
                return output::json(&ended);
            }
            output::note(format!(
                "the contract for {} data is ended; invoices stay",
                environment(test)
            ));
            Ok(())
        }
        B2bCommand::Invite(of) => invite(of).await,
        B2bCommand::Bulk(command) => super::bulk_commands::bulk(command).await,
        B2bCommand::Webhook(of) => webhook(of).await,
    }
}

/// The address at which a supplier without an account answers.
async fn invite(of: OfInvoice) -> anyhow::Result<()> {
    let OfInvoice {
        reach,
        store,
        invoice,
        json,
    } = of;
    let path = ["stores", &store, "tax-invoices", &invoice, "invitation"];
    let made: Invitation = AdminClient::find(&reach)?.post(&path, &()).await?;
    if json {
        return output::json(&made);
    }
    output::line(&made.url);
    output::note(format!(
        "whoever has the address and the supplier's number may answer; it works until {}, \
         and earlier ones do not work any more",
        made.expires_at
    ));
    Ok(())
}

/// `TaxInvoice.Manual`.
async fn webhook(of: OfInvoice) -> anyhow::Result<()> {
    let OfInvoice {
        reach,
        store,
        invoice,
        json,
    } = of;
    let path = ["stores", &store, "tax-invoices", &invoice, "webhook"];
    let sent: WebhookSent = AdminClient::find(&reach)?.post(&path, &()).await?;
    if json {
        return output::json(&sent);
    }
    output::note(format!(
        "`TaxInvoice.Manual` with status {} goes to {} of the store's webhooks",
        sent.status, sent.webhooks
    ));
    Ok(())
}

const fn environment(is_test: bool) -> &'static str {
    if is_test { "test" } else { "live" }
}

async fn enable(arguments: B2bEnable) -> anyhow::Result<()> {
    let new = NewTaxContract {
        is_test: arguments.test,
        provider: arguments.provider,
        brn: arguments.brn,
        secrets: secrets(&arguments.secret_files, &arguments.secret_variables)?,
        options: arguments.options.into_iter().collect(),
    };
    let path = ["stores", arguments.store.as_str(), "tax-contracts"];
    let contract: TaxContract = AdminClient::find(&arguments.reach)?
        .post(&path, &new)
        .await?;
    if arguments.json {
        return output::json(&contract);
    }
    output::line(format!("store     {}", contract.store_id));
    output::line(format!("for       {} data", environment(contract.is_test)));
    output::line(format!("company   {}", contract.brn));
    output::line(format!("provider  {}", contract.provider));
    for (name, value) in &contract.options {
        output::line(format!("option    {name}={value}"));
    }
    for name in &contract.secrets {
        output::line(format!("secret    {name}"));
    }
    Ok(())
}
