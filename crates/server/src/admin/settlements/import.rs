//! Taking a settlement file: the body is read as it comes, up to the limit; the answer is a
//! stream of lines of JSON, since writing a large file takes a while.

use axum::body::Body;
use axum::extract::{Extension, Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use http::header;
use naru_connector::Support;
use naru_connectors::{
    FileProblem, NumberedLine, SettlementFormat, read_settlement_file, settlement_support,
};
use naru_domain::ChannelKey;
use naru_engine::reconcile::{DayOutcome, Imported, SettlementImport};
use naru_engine::records::ChannelRecord;
use naru_engine::{ActEnd, Engine, Fault};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::types::{Import, ImportDay, ImportEvent};
use crate::admin::acts::layer::ActUnderWay;
use crate::admin::routes::{problem, refused};

/// Events that wait for a slow reader; further progress is left out.
const EVENTS_MAX: usize = 16;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct ImportQuery {
    format: Option<String>,
    part: String,
    replace: bool,
    dry_run: bool,
    file_name: String,
}

pub(super) async fn handle(
    State(engine): State<Engine>,
    Path(channel): Path<String>,
    Query(query): Query<ImportQuery>,
    Extension(act): Extension<ActUnderWay>,
    body: Body,
) -> Result<Response, Response> {
    let channel = ChannelKey::new(channel);
    let record = engine.existing_channel(&channel).await.map_err(refused)?;
    let format = format_of(query.format.as_deref(), &record).map_err(refused)?;
    let file = whole(body, engine.config().compare.file_bytes_max).await;
    let file = file.map_err(refused)?;
    let lines = lines_of(format, &record, &file).map_err(refused)?;
    let import = SettlementImport {
        channel,
        part: query.part,
        may_remove: query.replace,
        is_trial: query.dry_run,
        file_name: query.file_name.chars().take(200).collect(),
        lines,
    };
    let (events, received) = mpsc::channel(EVENTS_MAX);
    act.take();
    let ongoing = engine.clone();
    // On a task of its own: a reader that hangs up changes nothing.
    tokio::spawn(async move {
        let progress = {
            let events = events.clone();
            move |done, of| {
                // A reader that is behind misses a step of the bar.
                let _ = events.try_send(ImportEvent::Progress { done, of });
            }
        };
        let imported = ongoing.import_settlement(import, &progress).await;
        act.end(ActEnd::of(&imported)).await;
        let last = match imported {
            Ok(imported) => ImportEvent::Imported(view(&imported)),
            Err(fault) => ImportEvent::Problem(problem(&fault)),
        };
        // Nobody may be listening any more.
        let _ = events.send(last).await;
    });
    let lines = stream::unfold(received, async |mut received| {
        let event = received.recv().await?;
        let mut line = serde_json::to_vec(&event).unwrap_or_default();
        line.push(b'\n');
        Some((
            Ok::<_, std::convert::Infallible>(Bytes::from(line)),
            received,
        ))
    });
    let kind = [(header::CONTENT_TYPE, "application/x-ndjson")];
    Ok((kind, Body::from_stream(Box::pin(lines))).into_response())
}

/// The format asked for, if this channel's may be read.
fn format_of(name: Option<&str>, channel: &ChannelRecord) -> Result<SettlementFormat, Fault> {
    match name {
        None | Some("csv") => return Ok(SettlementFormat::Own),
        Some("pg") => {}
        Some(other) => {
            return Err(Fault::invalid(format!(
                "`{other}` is no format; it is `csv` or `pg`"
            )));
        }
    }
    let pg = &channel.pg_provider;
    let is_allowed = channel.is_simulated
        || channel.options.get("unconfirmed").map(String::as_str) == Some("true");
    match settlement_support(pg) {
        Support::Confirmed => Ok(SettlementFormat::Pg),
        Support::Unconfirmed if is_allowed => Ok(SettlementFormat::Pg),
        Support::Unconfirmed => Err(Fault::invalid(format!(
            "how the settlement file of `{pg}` looks is our guess; write it as CSV \
             (docs/operating/reconcile.md), or try the guess with the channel's option \
             `unconfirmed=true`"
        ))),
        Support::None => Err(Fault::invalid(format!(
            "there is no reader for settlement files of `{pg}`; write it as CSV \
             (docs/operating/reconcile.md)"
        ))),
    }
}

/// The body to its end.
async fn whole(body: Body, bytes_max: usize) -> Result<Bytes, Fault> {
    let mut kept = BytesMut::new();
    let mut frames = body.into_data_stream();
    while let Some(frame) = frames.next().await {
        let frame = frame.map_err(|_| Fault::invalid("the file could not be read to its end"))?;
        if kept.len() + frame.len() > bytes_max {
            return Err(Fault::invalid(format!(
                "the file is larger than {bytes_max} bytes; import fewer days at a time, or \
                 raise `settlement_file_bytes_max`"
            )));
        }
        kept.extend_from_slice(&frame);
    }
    Ok(kept.freeze())
}

fn lines_of(
    format: SettlementFormat,
    channel: &ChannelRecord,
    file: &[u8],
) -> Result<Vec<NumberedLine>, Fault> {
    read_settlement_file(format, &channel.pg_provider, file).map_err(|found| match found {
        FileProblem::NoReader => Fault::invalid("there is no reader for this PG's files"),
        FileProblem::Encoding => {
            Fault::invalid("the file is neither UTF-8 nor EUC-KR; save it as CSV in one of the two")
        }
        FileProblem::Lines { first, count } => {
            let told: Vec<String> = first
                .iter()
                .map(|one| format!("\n  line {}: {}", one.line, one.problem.replace("; ", ", ")))
                .collect();
            Fault::invalid(format!(
                "the file was not imported, {count} of its lines can't be read:{}; mend them, \
                 then import the whole file again",
                told.concat()
            ))
        }
    })
}

fn view(imported: &Imported) -> Import {
    let day = imported.days.iter().map(|day| ImportDay {
        settled_on: day.settled_on.to_string(),
        outcome: match day.outcome {
            DayOutcome::New => "NEW",
            DayOutcome::Unchanged => "UNCHANGED",
            DayOutcome::Replaced => "REPLACED",
        }
        .to_owned(),
        lines: day.lines,
        changed: day.changed,
        removed: day.removed,
        unmatched: day.unmatched,
    });
    Import {
        pg: imported.contract.pg.clone(),
        pg_merchant_id: imported.contract.pg_merchant_id.clone(),
        days: day.collect(),
    }
}
