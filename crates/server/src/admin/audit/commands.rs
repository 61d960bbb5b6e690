//! `naru audit`: every store, part by part, page by page.

use naru_engine::audit::AuditPart;

use super::types::{AuditPage, AuditReport, FoundIn};
use crate::admin::client::AdminClient;
use crate::admin::types::{Items, Store};
use crate::cli::AuditArgs;
use crate::failure::Failure;
use crate::output;

/// `naru audit`
pub async fn audit(arguments: AuditArgs) -> anyhow::Result<()> {
    let client = AdminClient::find(&arguments.reach)?;
    let Items { items: stores, .. }: Items<Store> = client.get(&["stores"]).await?;
    let wanted = |store: &&Store| arguments.store.as_ref().is_none_or(|id| *id == store.id);
    let stores: Vec<&Store> = stores.iter().filter(wanted).collect();
    if let (Some(id), true) = (&arguments.store, stores.is_empty()) {
        let failure = Failure::new(format!("`{id}` is no store"));
        return Err(failure.hint("`naru stores list` names them").into());
    }
    let mut report = AuditReport::default();
    for store in stores {
        for part in AuditPart::ALL {
            look(&client, &store.id, part, &mut report).await?;
        }
    }
    let found = report.findings.len();
    if arguments.json {
        output::json(&report)?;
    } else {
        shown(&report);
    }
    if found == 0 {
        return Ok(());
    }
    let failure = Failure::new(format!("{found} findings"));
    Err(failure
        .hint("what each means, and what to do, is in docs/operating/audit.md")
        .into())
}

/// One part of a store, to its end.
async fn look(
    client: &AdminClient,
    store: &str,
    part: AuditPart,
    report: &mut AuditReport,
) -> anyhow::Result<()> {
    let mut after: Option<String> = None;
    loop {
        let query: Vec<(&str, String)> = after.into_iter().map(|text| ("after", text)).collect();
        let path = ["stores", store, "audit", part.name()];
        let page: AuditPage = client.get_with(&path, &query).await?;
        let checked = report.checked.entry(part.name()).or_default();
        *checked += u64::from(page.checked);
        if page.next.is_some() {
            output::progress(format!("{store}, {}: {checked} looked at …", part.name()));
        }
        report
            .findings
            .extend(page.findings.into_iter().map(|finding| FoundIn {
                store_id: store.to_owned(),
                part: part.name(),
                finding,
            }));
        report.notes.extend(page.note);
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

fn shown(report: &AuditReport) {
    let rows: Vec<[String; 4]> = report
        .findings
        .iter()
        .map(|one| {
            [
                one.store_id.clone(),
                one.part.to_owned(),
                one.finding.subject.clone(),
                one.finding.text.clone(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        output::table(["STORE", "PART", "ID", "WHAT"], &rows);
    }
    let checked: Vec<String> = report
        .checked
        .iter()
        .map(|(part, count)| format!("{count} {part}"))
        .collect();
    output::note(format!("looked at {}", checked.join(", ")));
    for note in &report.notes {
        output::note(note);
    }
    if rows.is_empty() {
        output::line("everything fits");
    }
}
