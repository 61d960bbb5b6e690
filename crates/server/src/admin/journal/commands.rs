//! `naru journal`: every store, page by page, summed.

use std::collections::BTreeMap;

use super::types::{Account, Balance, JournalPage, Total, TrialBalance};
use crate::admin::client::AdminClient;
use crate::admin::types::{Items, Store};
use crate::cli::JournalArgs;
use crate::failure::Failure;
use crate::output;

/// By account and currency: debits, credits.
type Sums = BTreeMap<(String, String), (i64, i64)>;

/// `naru journal`
pub async fn journal(arguments: JournalArgs) -> anyhow::Result<()> {
    let client = AdminClient::find(&arguments.reach)?;
    let Items { items: stores, .. }: Items<Store> = client.get(&["stores"]).await?;
    let wanted = |store: &&Store| arguments.store.as_ref().is_none_or(|id| *id == store.id);
    let stores: Vec<&Store> = stores.iter().filter(wanted).collect();
    if let (Some(id), true) = (&arguments.store, stores.is_empty()) {
        let failure = Failure::new(format!("`{id}` is no store"));
        return Err(failure.hint("`naru stores list` names them").into());
    }
    let mut balance = TrialBalance::default();
    let mut sums = Sums::new();
    for store in stores {
        add_store(&client, (&store.id, &arguments), (&mut balance, &mut sums)).await?;
    }
    fill(&mut balance, sums);
    if arguments.json {
        return output::json(&balance);
    }
    show(&balance);
    Ok(())
}

/// Adds the sums of one store, to its end.
async fn add_store(
    client: &AdminClient,
    (store, arguments): (&str, &JournalArgs),
    (balance, sums): (&mut TrialBalance, &mut Sums),
) -> anyhow::Result<()> {
    let mut after: Option<String> = None;
    loop {
        let given = [
            ("from", &arguments.from),
            ("until", &arguments.until),
            ("after", &after),
        ];
        let query: Vec<(&str, String)> = given
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.clone()?)))
            .collect();
        let path = ["stores", store, "journal"];
        let page: JournalPage = client.get_with(&path, &query).await?;
        balance.postings += u64::from(page.postings);
        balance.is_filling |= page.is_filling;
        for one in page.accounts {
            let (debit, credit) = sums.entry((one.account, one.currency)).or_default();
            *debit = debit.saturating_add(one.debit);
            *credit = credit.saturating_add(one.credit);
        }
        if page.next.is_some() {
            output::progress(format!("{store}: {} postings summed …", balance.postings));
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

fn fill(balance: &mut TrialBalance, sums: Sums) {
    let mut totals: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for ((account, currency), (debit, credit)) in sums {
        let (debits, credits) = totals.entry(currency.clone()).or_default();
        *debits = debits.saturating_add(debit);
        *credits = credits.saturating_add(credit);
        balance.accounts.push(Balance {
            of: Account {
                account,
                currency,
                debit,
                credit,
            },
            balance: debit.saturating_sub(credit),
        });
    }
    let total = |(currency, (debit, credit))| Total {
        currency,
        debit,
        credit,
    };
    balance.totals = totals.into_iter().map(total).collect();
}

fn show(balance: &TrialBalance) {
    let row = |account: &str, currency: &str, (debit, credit): (i64, i64)| {
        [
            account.to_owned(),
            currency.to_owned(),
            debit.to_string(),
            credit.to_string(),
            debit.saturating_sub(credit).to_string(),
        ]
    };
    let of_account = |one: &Balance| {
        let of = &one.of;
        row(&of.account, &of.currency, (of.debit, of.credit))
    };
    let mut rows: Vec<[String; 5]> = balance.accounts.iter().map(of_account).collect();
    let of_total = |one: &Total| row("total", &one.currency, (one.debit, one.credit));
    rows.extend(balance.totals.iter().map(of_total));
    if rows.is_empty() {
        output::line("nothing is posted");
    } else {
        output::table(["ACCOUNT", "CUR", "DEBIT", "CREDIT", "BALANCE"], &rows);
    }
    output::note(format!("summed {} postings", balance.postings));
    if balance.is_filling {
        output::note(
            "the journal is still being filled with what happened before the upgrade: these sums \
             are not whole yet",
        );
    }
}
