//! `naru b2b bulk …`

use std::time::Duration;

use super::types::{Bulk, BulkImported, BulkStart};
use crate::admin::client::AdminClient;
use crate::admin::commands::list;
use crate::admin::types::Items;
use crate::cli::{BulkCommand, BulkImportArgs, BulkName, BulkStartArgs};
use crate::failure::Failure;
use crate::output;

/// How often a bulk is looked at while somebody waits for it.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Complaints that are told; more are counted.
const COMPLAINTS_MAX: usize = 50;

/// `naru b2b bulk …`
pub async fn bulk(command: BulkCommand) -> anyhow::Result<()> {
    match command {
        BulkCommand::Import(arguments) => import(arguments).await,
        BulkCommand::List { reach, store, json } => {
            let path = ["stores", store.as_str(), "bulk-tax-invoices"];
            let bulks: Items<Bulk> = AdminClient::find(&reach)?.get(&path).await?;
            let header = [
                "BULK", "FOR", "STATUS", "INVOICES", "WON", "NAME", "CREATED",
            ];
            list(&bulks, json, header, |bulk| {
                [
                    bulk.id.clone(),
                    if bulk.is_test { "test" } else { "live" }.to_owned(),
                    bulk.status.clone(),
                    bulk.count.to_string(),
                    bulk.total.to_string(),
                    bulk.name.clone().unwrap_or("-".to_owned()),
                    bulk.created_at.clone(),
                ]
            })
        }
        BulkCommand::Show(name) => {
            let client = AdminClient::find(&name.reach)?;
            let path = path(&name);
            let found: Bulk = client.get(&path).await?;
            let found = awaited(&client, found, &name).await?;
            show(&found, name.json)
        }
        BulkCommand::Start(BulkStartArgs { name, at }) => {
            let client = AdminClient::find(&name.reach)?;
            let [stores, store, bulks, bulk] = path(&name);
            let path = [stores, store, bulks, bulk, "start"];
            let started: Bulk = client.post(&path, &BulkStart { at }).await?;
            let started = awaited(&client, started, &name).await?;
            show(&started, name.json)
        }
        BulkCommand::Cancel(name) => {
            let [stores, store, bulks, bulk] = path(&name);
            let path = [stores, store, bulks, bulk, "cancel"];
            let ended: Bulk = AdminClient::find(&name.reach)?.post(&path, &()).await?;
            show(&ended, name.json)
        }
    }
}

fn path(name: &BulkName) -> [&str; 4] {
    ["stores", &name.store, "bulk-tax-invoices", &name.bulk]
}

async fn import(arguments: BulkImportArgs) -> anyhow::Result<()> {
    let client = AdminClient::find(&arguments.reach)?;
    let path = &arguments.file;
    let sheet = std::fs::read(path).map_err(|error| {
        Failure::new(format!("can't read `{}`: {error}", path.display()))
            .hint("name the sheet, saved as CSV; its columns are in docs/b2b.md")
    })?;
    let mut query = vec![
        ("isTest", flag(arguments.test)),
        ("isNormal", flag(arguments.issuance == "normal")),
        ("starts", flag(arguments.start)),
        ("dryRun", flag(arguments.dry_run)),
    ];
    for (name, value) in [
        ("id", &arguments.id),
        ("name", &arguments.name),
        ("at", &arguments.at),
    ] {
        query.extend(value.as_deref().map(|value| (name, value)));
    }
    let store = arguments.store.as_str();
    let path = ["stores", store, "bulk-tax-invoices"];
    let imported: BulkImported = client.post_bytes(&path, &query, sheet).await?;
    if imported.outcome == "FAULTY" {
        return Err(faulty(&imported, arguments.json)?.into());
    }
    let Some(bulk) = imported.bulk else {
        if arguments.json {
            return output::json(&imported);
        }
        output::note(format!(
            "nothing is wrong with the sheet: {} invoices over {} won; nothing was made",
            imported.count, imported.total
        ));
        return Ok(());
    };
    if imported.outcome == "KNOWN" && !arguments.json {
        output::note("this sheet is a bulk already; nothing was made");
    }
    let name = BulkName {
        reach: arguments.reach,
        store: arguments.store,
        bulk: bulk.id.clone(),
        wait: arguments.wait,
        json: arguments.json,
    };
    let bulk = awaited(&client, bulk, &name).await?;
    show(&bulk, name.json)
}

const fn flag(is_set: bool) -> &'static str {
    if is_set { "true" } else { "false" }
}

/// Tells what is wrong with a sheet.
fn faulty(imported: &BulkImported, json: bool) -> anyhow::Result<Failure> {
    let problems = &imported.problems;
    if json {
        output::json(imported)?;
    } else {
        for one in problems.iter().take(COMPLAINTS_MAX) {
            output::line(format!("line {}: {}", one.line, one.problem));
        }
    }
    let rows = problems.len();
    Ok(Failure::new(format!(
        "{rows} rows of the sheet are faulty; nothing was made"
    ))
    .hint("mend them and import the sheet again"))
}

/// The bulk when it rests, if somebody waits for it; its progress is told.
async fn awaited(client: &AdminClient, bulk: Bulk, name: &BulkName) -> anyhow::Result<Bulk> {
    let mut bulk = bulk;
    if !name.wait {
        return Ok(bulk);
    }
    let mut bar = output::Bar::default();
    while bulk.is_moving() {
        let is_drafting = bulk.status == "DRAFT_PENDING";
        let left = if is_drafting {
            bulk.count_of(&["DRAFT_PENDING"])
        } else {
            bulk.count_of(&["DRAFTED", "REQUEST_PENDING", "ISSUE_PENDING"])
        };
        let done = bulk.count.saturating_sub(left);
        if !name.json {
            bar.show(
                usize::try_from(done).unwrap_or(0),
                usize::try_from(bulk.count).unwrap_or(0),
            );
        }
        tokio::time::sleep(LOOK_EVERY).await;
        bulk = client.get(&path(name)).await?;
    }
    bar.end();
    Ok(bulk)
}

fn show(bulk: &Bulk, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(bulk);
    }
    output::line(format!("bulk       {}", bulk.id));
    if let Some(name) = &bulk.name {
        output::line(format!("name       {name}"));
    }
    let data = if bulk.is_test { "test" } else { "live" };
    output::line(format!("for        {data} data"));
    output::line(format!("issuance   {}", bulk.issuance_type));
    output::line(format!("status     {}", bulk.status));
    output::line(format!("invoices   {} over {} won", bulk.count, bulk.total));
    for (status, stat) in &bulk.stats {
        let (count, total) = (stat.count, stat.total);
        output::line(format!("  {status}: {count} over {total} won"));
    }
    if let Some(at) = &bulk.scheduled_at {
        output::line(format!("scheduled  {at}"));
    }
    for one in bulk.problems.iter().take(COMPLAINTS_MAX) {
        output::line(format!("line {}: {}", one.line, one.problem));
    }
    Ok(())
}
