//! `naru audit-log`: acts, page by page, the latest first.

use super::types::{Act, ActPage};
use crate::admin::client::AdminClient;
use crate::admin::types::Items;
use crate::cli::AuditLogArgs;
use crate::output;

/// Acts asked for at once.
const PAGE: u32 = 200;

/// `naru audit-log`
pub async fn audit_log(arguments: AuditLogArgs) -> anyhow::Result<()> {
    let client = AdminClient::find(&arguments.reach)?;
    let mut after = arguments.after.clone();
    let mut acts: Vec<Act> = Vec::new();
    loop {
        let left = arguments.limit - u32::try_from(acts.len()).unwrap_or(u32::MAX);
        let given = [
            ("since", &arguments.since),
            ("store", &arguments.store),
            ("actor", &arguments.actor),
            ("operation", &arguments.operation),
            ("after", &after),
        ];
        let mut query: Vec<(&str, String)> = given
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.clone()?)))
            .collect();
        query.push(("limit", left.min(PAGE).to_string()));
        let page: ActPage = client.get_with(&["audit-log"], &query).await?;
        acts.extend(page.items);
        after = page.next;
        let count = u32::try_from(acts.len()).unwrap_or(u32::MAX);
        if after.is_none() || count >= arguments.limit {
            break;
        }
        output::progress(format!("{count} read …"));
    }
    if arguments.json {
        output::json(&Items { items: acts })?;
    } else {
        show(&acts);
    }
    if let Some(after) = after {
        output::note(format!(
            "there are earlier ones: go on with `--after {after}`"
        ));
    }
    Ok(())
}

fn show(acts: &[Act]) {
    if acts.is_empty() {
        output::note("no act matches");
        return;
    }
    let dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let row = |act: &Act| {
        [
            act.at.clone(),
            act.actor.clone(),
            dash(&act.address),
            act.operation.clone(),
            dash(&act.subject.clone().or_else(|| act.store_id.clone())),
            outcome(act),
        ]
    };
    let rows: Vec<[String; 6]> = acts.iter().map(row).collect();
    output::table(["AT", "WHO", "FROM", "WHAT", "ON", "OUTCOME"], &rows);
}

fn outcome(act: &Act) -> String {
    match &act.reason {
        Some(reason) => format!("{}: {reason}", act.outcome),
        None => act.outcome.clone(),
    }
}
