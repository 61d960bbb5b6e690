//! `naru promotions …`: one call each, and its answer in words or as JSON.

use std::path::Path;

use super::types::{
    Imported, NewCardBins, NewPromotion, Partition, Promotion, PromotionChange, Recovery,
};
use crate::admin::client::AdminClient;
use crate::admin::commands::list;
use crate::admin::types::Items;
use crate::cli::{PromotionCreate, PromotionEdit, PromotionName, PromotionsCommand, Reach};
use crate::failure::Failure;
use crate::output;

/// `naru promotions …`
pub async fn promotions(command: PromotionsCommand) -> anyhow::Result<()> {
    match command {
        PromotionsCommand::Create(arguments) => create(*arguments).await,
        PromotionsCommand::List { reach, store, json } => {
            let path = ["stores", store.as_str(), "promotions"];
            let found: Items<Promotion> = AdminClient::find(&reach)?.get(&path).await?;
            let header = ["PROMOTION", "NAME", "STATUS", "CARDS OF", "SPENT", "UNTIL"];
            list(&found, json, header, |one| {
                [
                    one.id.clone(),
                    one.name.clone(),
                    one.status.clone(),
                    one.card_company.clone(),
                    format!("{} of {}", one.spent_amount, one.total_budget),
                    one.end_at.clone(),
                ]
            })
        }
        PromotionsCommand::Show(PromotionName {
            reach,
            promotion,
            json,
        }) => {
            let path = ["promotions", promotion.as_str()];
            let found = AdminClient::find(&reach)?.get(&path).await?;
            show(&found, json)
        }
        PromotionsCommand::Pause(name) => act(name, "pause").await,
        PromotionsCommand::Resume(name) => act(name, "resume").await,
        PromotionsCommand::Terminate(name) => act(name, "terminate").await,
        PromotionsCommand::Edit(arguments) => edit(*arguments).await,
        PromotionsCommand::ImportCards { reach, file } => import_cards(&reach, &file).await,
    }
}

async fn create(arguments: PromotionCreate) -> anyhow::Result<()> {
    let new = NewPromotion {
        name: arguments.name,
        card_company: arguments.card_company,
        currency: arguments.currency,
        partitions: arguments.partitions,
        max_discount_amount: arguments.max_discount,
        total_budget: arguments.budget,
        recovery: Recovery {
            recovers: !arguments.no_recover,
            spare_amount: arguments.spare_amount,
            spare_percent: arguments.spare_percent,
        },
        start_at: arguments.start,
        end_at: arguments.end,
    };
    let path = ["stores", arguments.store.as_str(), "promotions"];
    let made = AdminClient::find(&arguments.reach)?
        .post(&path, &new)
        .await?;
    show(&made, arguments.json)
}

async fn act(name: PromotionName, act: &str) -> anyhow::Result<()> {
    let path = ["promotions", name.promotion.as_str(), act];
    let changed = AdminClient::find(&name.reach)?
        .post(&path, &serde_json::json!({}))
        .await?;
    show(&changed, name.json)
}

async fn edit(arguments: PromotionEdit) -> anyhow::Result<()> {
    let PromotionName {
        reach,
        promotion,
        json,
    } = arguments.name;
    let recovery = (arguments.recover || arguments.no_recover).then_some(Recovery {
        recovers: arguments.recover,
        spare_amount: arguments.spare_amount,
        spare_percent: arguments.spare_percent,
    });
    let change = PromotionChange {
        name: arguments.new_name,
        card_company: arguments.card_company,
        partitions: Some(arguments.partitions).filter(|list| !list.is_empty()),
        max_discount_amount: arguments.max_discount,
        total_budget: arguments.budget,
        recovery,
        start_at: arguments.start,
        end_at: arguments.end,
    };
    if change == PromotionChange::default() {
        let nothing = Failure::new("nothing to change")
            .hint("see `naru promotions edit --help` for what can be changed");
        return Err(nothing.into());
    }
    let path = ["promotions", promotion.as_str()];
    let changed = AdminClient::find(&reach)?.post(&path, &change).await?;
    show(&changed, json)
}

async fn import_cards(reach: &Reach, file: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::new(format!("can't read `{}`: {error}", file.display()))
            .hint("name a text file with lines such as `12345678,SAMSUNG_CARD`")
    })?;
    let mut bins = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim().trim_start_matches('\u{feff}');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (bin, company) = line.split_once(',').ok_or_else(|| {
            Failure::new(format!(
                "line {number} of `{}` has no comma",
                file.display()
            ))
            .hint("write lines such as `12345678,SAMSUNG_CARD`")
        })?;
        bins.push((bin.trim().to_owned(), company.trim().to_owned()));
    }
    let imported: Imported = AdminClient::find(reach)?
        .post(&["card-bins"], &NewCardBins { bins })
        .await?;
    output::note(format!("{} lines are in the table", imported.count));
    Ok(())
}

fn show(promotion: &Promotion, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(promotion);
    }
    output::line(format!("promotion     {}", promotion.id));
    output::line(format!("store         {}", promotion.store_id));
    output::line(format!("name          {}", promotion.name));
    output::line(format!("status        {}", promotion.status));
    output::line(format!("cards of      {}", promotion.card_company));
    for partition in &promotion.partitions {
        output::line(format!("discount      {}", words(*partition)));
    }
    if let Some(most) = promotion.max_discount_amount {
        output::line(format!("at most       {most}"));
    }
    output::line(format!(
        "spent         {} of {} {}",
        promotion.spent_amount, promotion.total_budget, promotion.currency
    ));
    let recovery = match promotion.recovery {
        Recovery { recovers: true, .. } => "give back to the budget".to_owned(),
        Recovery {
            spare_amount: Some(amount),
            ..
        } => format!("give nothing back; spare budget {amount}"),
        Recovery {
            spare_percent: Some(percent),
            ..
        } => format!("give nothing back; spare budget {percent} %"),
        Recovery { .. } => "give nothing back".to_owned(),
    };
    output::line(format!("cancellations {recovery}"));
    output::line(format!("from          {}", promotion.start_at));
    output::line(format!("until         {}", promotion.end_at));
    if let Some(at) = &promotion.terminated_at {
        output::line(format!("terminated    {at}"));
    }
    Ok(())
}

fn words(partition: Partition) -> String {
    let off = match (partition.percent, partition.amount) {
        (Some(percent), _) => format!("{percent} %"),
        (None, amount) => amount.unwrap_or_default().to_string(),
    };
    format!("{off} from {} up", partition.amount_from)
}
