//! `naru settlements …`: calls of the admin routes, and their answers in words or as JSON.

use super::types::{
    Acceptance, ChannelTaxation, Comparison, Difference, Differences, Enrolment, Import,
    ImportEvent, Lines, NewEnrolment, Rematch, Report, Sums,
};
use crate::admin::client::AdminClient;
use crate::admin::types::{Channel, Items};
use crate::cli::{
    AcceptArgs, CompareArgs, DifferencesArgs, EnrolArgs, ImportArgs, LineFilter, LinesArgs,
    RematchArgs, ReportArgs, SettlementsCommand, TaxArgs,
};
use crate::failure::Failure;
use crate::output;

/// `naru settlements …`
pub async fn settlements(command: SettlementsCommand) -> anyhow::Result<()> {
    match command {
        SettlementsCommand::Enrol(arguments) => enrol(arguments).await,
        SettlementsCommand::Import(arguments) => import(arguments).await,
        SettlementsCommand::Report(arguments) => report(arguments).await,
        SettlementsCommand::Lines(arguments) => lines(arguments).await,
        SettlementsCommand::Rematch(arguments) => rematch(arguments).await,
        SettlementsCommand::Tax(arguments) => tax(arguments).await,
        SettlementsCommand::Differences(arguments) => differences(arguments).await,
        SettlementsCommand::Accept(arguments) => accept(arguments).await,
        SettlementsCommand::Compare(arguments) => compare(arguments).await,
    }
}

async fn enrol(arguments: EnrolArgs) -> anyhow::Result<()> {
    let client = AdminClient::find(&arguments.reach)?;
    let path = ["stores", &arguments.store, "enrolment"];
    if arguments.end {
        let () = client.delete(&path).await?;
        output::note(format!(
            "settlements of `{}` are collected no more",
            arguments.store
        ));
        return Ok(());
    }
    let new = NewEnrolment {
        collected_from: arguments.from,
    };
    let enrolled: Enrolment = client.put(&path, &new).await?;
    if arguments.json {
        return output::json(&enrolled);
    }
    output::line(format!("store           {}", enrolled.store_id));
    output::line(format!("collected from  {}", enrolled.collected_from));
    Ok(())
}

async fn import(arguments: ImportArgs) -> anyhow::Result<()> {
    let client = AdminClient::find(&arguments.reach)?;
    let channel = channel_of(&client, &arguments).await?;
    let path = &arguments.file;
    let file = std::fs::File::open(path).map_err(|error| {
        Failure::new(format!("can't read `{}`: {error}", path.display()))
            .hint("name the settlement file that the PG gave you")
    })?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let query = [
        ("format", arguments.format.as_str()),
        ("part", &arguments.part),
        ("replace", if arguments.replace { "true" } else { "false" }),
        ("dryRun", if arguments.dry_run { "true" } else { "false" }),
        ("fileName", &name),
    ];
    let mut answer = client
        .upload(&["channels", &channel, "settlements"], &query, file)
        .await?;
    let mut bar = output::Bar::default();
    while let Some(event) = answer.next().await? {
        match event {
            ImportEvent::Progress { done, of } => bar.show(done, of),
            ImportEvent::Imported(import) => {
                bar.end();
                return show_import(&import, &arguments);
            }
            ImportEvent::Problem(problem) => {
                bar.end();
                return Err(Failure::from(problem).into());
            }
        }
    }
    bar.end();
    Err(
        Failure::new("the server ended the connection before the import was done")
            .hint("import the file again: the same lines twice change nothing")
            .into(),
    )
}

/// The channel that was named, or the one of the merchant id.
async fn channel_of(client: &AdminClient, arguments: &ImportArgs) -> anyhow::Result<String> {
    if let Some(channel) = &arguments.channel {
        return Ok(channel.clone());
    }
    let store = arguments.store.as_deref().unwrap_or_default();
    let id = arguments.pg_merchant_id.as_deref().unwrap_or_default();
    let channels: Items<Channel> = client.get(&["stores", store, "channels"]).await?;
    let found = channels
        .items
        .into_iter()
        .find(|one| one.pg_merchant_id == id);
    found.map(|one| one.key).ok_or_else(|| {
        Failure::new(format!(
            "no channel of `{store}` has the merchant id `{id}`"
        ))
        .hint("see `naru channels list`")
        .into()
    })
}

fn show_import(import: &Import, arguments: &ImportArgs) -> anyhow::Result<()> {
    if arguments.json {
        return output::json(import);
    }
    let rows: Vec<[String; 6]> = import
        .days
        .iter()
        .map(|day| {
            [
                day.settled_on.clone(),
                day.outcome.clone(),
                day.lines.to_string(),
                day.changed.to_string(),
                day.removed.to_string(),
                day.unmatched.to_string(),
            ]
        })
        .collect();
    let header = [
        "SETTLED ON",
        "OUTCOME",
        "LINES",
        "CHANGED",
        "REMOVED",
        "TO LOOK AT",
    ];
    output::table(header, &rows);
    if arguments.dry_run {
        output::note("nothing was changed: this was a dry run");
    } else if let Some(hint) = where_to_look(import) {
        output::note(&hint);
    }
    Ok(())
}

/// How to see the lines that need a look. A settlement's day is often yet to come, and the list
/// ends today unless it is told otherwise.
fn where_to_look(import: &Import) -> Option<String> {
    let days = import.days.iter().filter(|day| day.unmatched > 0);
    let days = days.map(|day| day.settled_on.as_str());
    let (from, until) = (days.clone().min()?, days.max()?);
    Some(format!(
        "see them with `naru settlements lines --from {from} --until {until} \
         --status NOT_MATCHED,INCOMPARABLE`"
    ))
}

/// The filter as a query string.
fn query_of(filter: &LineFilter) -> Vec<(&'static str, String)> {
    let mut query = vec![("by", filter.by.clone())];
    let given = [
        ("store", &filter.store),
        ("from", &filter.from),
        ("until", &filter.until),
        ("pg", &filter.pg),
        ("pgMerchantId", &filter.pg_merchant_id),
        ("status", &filter.status),
    ];
    query.extend(present(given));
    query
}

fn present<const N: usize>(
    given: [(&'static str, &Option<String>); N],
) -> impl Iterator<Item = (&'static str, String)> {
    let given = given.map(|(name, value)| (name, value.clone()));
    given
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
}

async fn report(arguments: ReportArgs) -> anyhow::Result<()> {
    let client = AdminClient::find(&arguments.reach)?;
    let query = query_of(&arguments.lines);
    let report: Report = client.get_with(&["settlements", "report"], &query).await?;
    if arguments.json {
        output::json(&report)?;
    } else {
        show_report(&report);
    }
    let differing: i64 = report
        .totals
        .iter()
        .map(|sums| sums.not_matched_count + sums.incomparable_count)
        .sum();
    fail_if(arguments.fail_on_difference, differing)
}

fn show_report(report: &Report) {
    let row = |[day, pg, id]: [String; 3], sums: &Sums| {
        [
            day,
            pg,
            id,
            sums.currency.clone(),
            sums.transaction_amount.to_string(),
            sums.cancel_amount.to_string(),
            sums.fee.to_string(),
            sums.fee_vat.to_string(),
            sums.settlement_amount.to_string(),
            (sums.not_matched_count + sums.incomparable_count).to_string(),
            sums.anomaly_amount.to_string(),
        ]
    };
    let mut rows: Vec<[String; 11]> = report
        .days
        .iter()
        .map(|day| {
            let of = [day.day.clone(), day.pg.clone(), day.pg_merchant_id.clone()];
            row(of, &day.sums)
        })
        .collect();
    let total = ["total".to_owned(), String::new(), String::new()];
    rows.extend(report.totals.iter().map(|sums| row(total.clone(), sums)));
    let header = [
        "DAY",
        "PG",
        "MERCHANT ID",
        "CUR",
        "APPROVED",
        "CANCELLED",
        "FEE",
        "FEE VAT",
        "PAID OUT",
        "TO LOOK AT",
        "ANOMALY",
    ];
    output::table(header, &rows);
}

async fn lines(arguments: LinesArgs) -> anyhow::Result<()> {
    let client = AdminClient::find(&arguments.reach)?;
    let mut query = query_of(&arguments.lines);
    query.extend(present([("reason", &arguments.reason)]));
    query.push(("limit", arguments.limit.to_string()));
    query.push(("offset", arguments.offset.to_string()));
    let lines: Lines = client.get_with(&["settlements", "lines"], &query).await?;
    if arguments.json {
        output::json(&lines)?;
    } else {
        let rows: Vec<[String; 8]> = lines
            .items
            .iter()
            .map(|line| {
                [
                    line.settled_on.clone(),
                    line.transacted_on.clone(),
                    line.action.clone(),
                    line.status.clone(),
                    line.reasons.join(","),
                    format!("{} {}", line.amount, line.currency),
                    line.payment_id.clone().unwrap_or("-".to_owned()),
                    line.pg_tx_id.clone(),
                ]
            })
            .collect();
        let header = [
            "SETTLED",
            "TRANSACTED",
            "ACTION",
            "STATUS",
            "DIFFERS IN",
            "AMOUNT",
            "PAYMENT",
            "PG ID",
        ];
        output::table(header, &rows);
        if lines.has_more {
            output::note("there are more: `--offset` skips these");
        }
    }
    let needs_look = |status: &str| status == "NOT_MATCHED" || status == "INCOMPARABLE";
    let differing = lines.items.iter().filter(|line| needs_look(&line.status));
    let differing = i64::try_from(differing.count()).unwrap_or(i64::MAX);
    fail_if(arguments.fail_on_difference, differing)
}

/// The exit code of a check.
fn fail_if(is_asked: bool, differing: i64) -> anyhow::Result<()> {
    if !is_asked || differing == 0 {
        return Ok(());
    }
    let failure = Failure::new(format!("{differing} need a look"))
        .hint("what to do with each kind is in docs/operating/reconcile.md");
    Err(failure.into())
}

async fn rematch(arguments: RematchArgs) -> anyhow::Result<()> {
    output::progress("comparing all imported lines again …");
    let path = ["stores", &arguments.store, "settlements", "rematch"];
    let done: Rematch = AdminClient::find(&arguments.reach)?
        .post(&path, &serde_json::json!({}))
        .await?;
    output::line(format!("{} lines came out otherwise", done.changed));
    Ok(())
}

async fn tax(arguments: TaxArgs) -> anyhow::Result<()> {
    let path = ["channels", &arguments.channel, "taxation"];
    let set: ChannelTaxation = AdminClient::find(&arguments.reach)?
        .post(
            &path,
            &ChannelTaxation {
                taxation: arguments.tax,
            },
        )
        .await?;
    output::line(format!("taxation  {}", set.taxation));
    output::note("lines imported before take it on with `naru settlements rematch`");
    Ok(())
}

async fn differences(arguments: DifferencesArgs) -> anyhow::Result<()> {
    let client = AdminClient::find(&arguments.reach)?;
    let given = [
        ("store", &arguments.store),
        ("channel", &arguments.channel),
        ("payment", &arguments.payment),
        ("state", &arguments.state),
        ("kind", &arguments.kind),
        ("from", &arguments.from),
        ("until", &arguments.until),
    ];
    let mut query: Vec<(&str, String)> = present(given).collect();
    query.push(("limit", arguments.limit.to_string()));
    query.push(("offset", arguments.offset.to_string()));
    let found: Differences = client.get_with(&["differences"], &query).await?;
    if arguments.json {
        output::json(&found)?;
    } else {
        let rows: Vec<[String; 8]> = found.items.iter().map(difference_row).collect();
        let header = [
            "FOUND", "STATE", "KIND", "OURS", "PG'S", "STORE", "PAYMENT", "ID",
        ];
        output::table(header, &rows);
        output::note(format!(
            "{} in all, {} open",
            found.total_count, found.open_count
        ));
    }
    fail_if(arguments.fail_on_difference, found.open_count.into())
}

fn difference_row(one: &Difference) -> [String; 8] {
    [
        one.found_at.clone(),
        one.state.clone(),
        one.kind.clone(),
        format!("{} {}", one.ours, one.currency),
        format!("{} {}", one.theirs, one.currency),
        one.store_id.clone(),
        one.payment_id.clone(),
        one.id.clone(),
    ]
}

async fn accept(arguments: AcceptArgs) -> anyhow::Result<()> {
    let path = [
        "stores",
        &arguments.store,
        "differences",
        &arguments.id,
        "accept",
    ];
    let note = Acceptance {
        note: arguments.note,
    };
    let accepted: Difference = AdminClient::find(&arguments.reach)?
        .post(&path, &note)
        .await?;
    output::note(format!("`{}` is accepted", accepted.id));
    Ok(())
}

async fn compare(arguments: CompareArgs) -> anyhow::Result<()> {
    let path = [
        "stores",
        &arguments.store,
        "payments",
        &arguments.payment,
        "compare",
    ];
    let compared: Comparison = AdminClient::find(&arguments.reach)?
        .post(&path, &serde_json::json!({}))
        .await?;
    match (compared.result.as_str(), compared.open_count) {
        ("COMPARED", 0) => output::line("our books and the PG's agree"),
        ("COMPARED", open) => output::line(format!("{open} differences are open")),
        ("UNDER_WAY", _) => output::line("something of the payment is under way; not compared"),
        _ => output::line("the PG did not answer clearly; nothing was changed"),
    }
    Ok(())
}
