//! After the last blow: lost calls are asked again, everything has to come to rest, and is audited.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::api::{Api, Heard};
use crate::audit::audit;
use crate::facts::Reader;
use crate::history::{Call, History};
use crate::receiver::Receiver;
use crate::support::Sandbox;

/// How long everything may take to come to rest after the last start.
const REST: Duration = Duration::from_secs(90);
const AUDIT_EVERY: Duration = Duration::from_millis(500);

/// Polls until the audit finds nothing, and audits once more: rest is where nothing changes.
pub async fn rest(history: &History, (server, simulator): (&Sandbox, &str), receiver: &Receiver) {
    assert!(history.wrongs.is_empty(), "{}", history.wrongs.join("\n"));
    let ids: BTreeSet<&str> = history.calls.iter().map(|c| c.payment.as_str()).collect();
    let mut reader = Reader::new(&server.place, simulator);
    let began = Instant::now();
    let mut moved = began;
    loop {
        let facts = reader.read(ids.iter().copied()).await;
        let wrongs = receiver.look(|received| audit(history, &facts, received));
        if wrongs.is_empty() {
            println!("at rest after {:?}", began.elapsed());
            println!("{}", facts.summary(history));
            break;
        }
        if began.elapsed() > REST {
            let (words, log) = (wrongs.join("\n"), server.process.last_words());
            panic!("{} findings\n{words}\n--- log\n{log}", wrongs.len());
        }
        // Refused webhooks wait for minutes, at last for hours: of the business clock, which can be
        // moved: a second for each millisecond, since a look at many payments takes long.
        tokio::time::sleep(AUDIT_EVERY).await;
        let seconds = moved.elapsed().as_millis();
        moved = Instant::now();
        let clock = format!("{simulator}/clock");
        let advance = json!({"advance": format!("PT{seconds}S")});
        let heard = Api::new().tell(&clock, &advance).await;
        assert!(heard.success().is_some(), "{heard:?}");
    }
    tokio::time::sleep(AUDIT_EVERY).await;
    let facts = reader.read(ids.iter().copied()).await;
    let wrongs = receiver.look(|received| audit(history, &facts, received));
    assert!(wrongs.is_empty(), "after rest:\n{}", wrongs.join("\n"));
    let wrongs = own_audit(&server.directory);
    assert!(wrongs.is_empty(), "naru audit:\n{}", wrongs.join("\n"));
    same_answers(history, server).await;
}

/// What `naru audit` finds, the journal among it; what is noted for a person it lists by design.
fn own_audit(data: &Path) -> Vec<String> {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_naru"));
    command.args(["audit", "--json", "--data"]).arg(data);
    let output = command.output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    println!("naru audit looked at {}", report["checked"]);
    assert!(report["checked"]["journal"].as_u64() > Some(0), "{report}");
    let all = report["findings"].as_array().unwrap().iter();
    all.filter(|one| one["part"] != "discrepancies")
        .map(ToString::to_string)
        .collect()
}

/// A client that has no answer, or one that says nothing, asks again under the same key, until it
/// gets one.
pub async fn ask_again(history: &mut History, server: &Sandbox) {
    let api = Api::new();
    let lost: Vec<Call> = history
        .calls
        .iter()
        .filter(|call| is_keyed_and_unclear(call))
        .cloned()
        .collect();
    let mut answered = 0;
    for call in lost {
        let began = Instant::now();
        loop {
            let key = call.key.as_deref();
            let heard = api.post(&server.place, &call.path, &call.body, key).await;
            let is_running = match &heard {
                Heard::Told(told) => told.kind() == "IDEMPOTENCY_OUTSTANDING_REQUEST",
                Heard::Lost => true,
            };
            if !is_running {
                answered += 1;
                let call = Call { heard, ..call };
                history.calls.push(call);
                break;
            }
            assert!(began.elapsed() < REST, "still running: {call:?}");
            tokio::time::sleep(AUDIT_EVERY / 4).await;
        }
    }
    println!("{answered} lost calls asked again");
}

fn is_keyed_and_unclear(call: &Call) -> bool {
    call.key.is_some() && call.heard.is_unclear()
}

/// Answers given after the intent are kept and given again, word for word.
async fn same_answers(history: &History, server: &Sandbox) {
    let api = Api::new();
    let mut count = 0;
    for call in &history.calls {
        let (Some(key), Heard::Told(told)) = (&call.key, &call.heard) else {
            continue;
        };
        if ![200, 502].contains(&told.status) {
            continue;
        }
        let again = api
            .post(&server.place, &call.path, &call.body, Some(key))
            .await;
        let Heard::Told(again) = again else {
            panic!("no answer to {call:?}")
        };
        let is_same = (again.status, &again.body) == (told.status, &told.body) && again.is_replay;
        assert!(is_same, "{call:?}\nasked again: {again:?}");
        count += 1;
    }
    println!("{count} answers given again");
}
