//! A run: clients work, the server is killed again and again, then everything comes to rest and
//! is audited.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::api::{Api, Heard, text};
use crate::audit::audit;
use crate::client::{Client, Server, Shared};
use crate::facts::Reader;
use crate::history::{Call, History};
use crate::receiver::Receiver;
use crate::support::{Cluster, Sandbox, SandboxOptions, Simulator};

/// How long everything may take to come to rest after the last start.
const REST: Duration = Duration::from_secs(90);
/// How long a round lasts at most, also where slow cards hold clients up.
const ROUND: Duration = Duration::from_secs(4);
const POLL: Duration = Duration::from_millis(2);
const AUDIT_EVERY: Duration = Duration::from_millis(500);
const CLIENTS: u64 = 16;
/// What goes wrong between us and the PG: operation and kind.
const TROUBLE: &[(&str, &str)] = &[
    ("pay_card", "drop_after"),
    ("pay_card", "garbage"),
    ("pay_card", "http_500"),
    ("charge_billing_key", "drop_after"),
    ("charge_billing_key", "drop_before"),
    ("charge_billing_key", "wrong_amount"),
    ("issue_virtual_account", "drop_after"),
    ("issue_virtual_account", "garbage"),
    ("refund", "drop_after"),
    ("refund", "drop_before"),
    ("refund", "decline"),
    ("refund", "http_500"),
    ("partial_refund", "drop_after"),
    ("partial_refund", "drop_before"),
    ("partial_refund", "garbage"),
    ("partial_refund", "wrong_amount"),
    ("inquiry", "drop_before"),
    ("inquiry", "garbage"),
    ("inquiry", "http_500"),
    ("*", "late"),
    ("*", "late"),
];

/// What is killed in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    /// The server; at times once more while it starts.
    Server,
    /// The server and the simulated PGs.
    ServerAndPg,
    /// The database, under a server that lives on.
    Database,
}

/// What is run.
#[derive(Debug)]
pub struct Plan {
    /// The test's name, for the command that replays it.
    pub name: &'static str,
    /// The seed, where none is given.
    pub seed: u64,
    /// How often the server is killed, where nothing is given.
    pub kills: u64,
    /// PostgreSQL instead of SQLite.
    pub cluster: Option<Cluster>,
    /// Who is killed. Each round it is one of them.
    pub victims: &'static [Victim],
    /// Whether a second node, which is never killed, serves half of the clients from the same
    /// database. The first is then not started again after its last death.
    pub has_second_node: bool,
}

/// A run under way.
struct Run {
    random: StdRng,
    options: SandboxOptions,
    simulator: Simulator,
    server: Sandbox,
    tell: watch::Sender<Server>,
    second: Option<Sandbox>,
    calls: Arc<AtomicU64>,
    _directory: tempfile::TempDir,
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// Runs a plan and panics if the audit finds anything.
pub async fn run(mut plan: Plan) {
    let seed = variable("NARU_KILL_SEED").unwrap_or(plan.seed);
    let kills = variable("NARU_KILL_ROUNDS").unwrap_or(plan.kills);
    println!(
        "seed {seed}; replay it with\n  NARU_KILL_SEED={seed} NARU_KILL_ROUNDS={kills} cargo \
         nextest run -p naru-server --test kill -- {}",
        plan.name
    );
    let mut run = Run::start(&plan, seed).await;
    let receiver = Receiver::of(&run.server.place).await;
    let steady = watch::Sender::new(match &run.second {
        Some(second) => Server::Up(second.place.clone()),
        None => Server::Down,
    });
    let shared = Shared {
        server: run.tell.subscribe(),
        calls: Arc::clone(&run.calls),
        simulator: run.simulator.url.clone(),
        notice: receiver.url.clone(),
        seed,
    };
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let mut shared = shared.clone();
        if run.second.is_some() && number % 2 == 1 {
            shared.server = steady.subscribe();
        }
        clients.spawn(Client::new(shared, number).run());
    }
    for _ in 0..kills {
        run.trouble().await;
        run.wait_for_work().await;
        match plan.victims[run.random.random_range(0..plan.victims.len())] {
            Victim::Server => run.kill().await,
            Victim::ServerAndPg => {
                run.kill().await;
                run.simulator.kill_and_restart().await;
            }
            Victim::Database => {
                plan.cluster.as_mut().unwrap().crash_and_restart();
                continue;
            }
        }
        run.restart().await;
    }
    run.wait_for_work().await;
    if let Some(second) = run.second.take() {
        run.kill().await;
        run.server = second;
        run.take_notices().await;
    }
    run.tell.send_replace(Server::Over);
    steady.send_replace(Server::Over);
    let mut history = History::default();
    while let Some(done) = clients.join_next().await {
        history.add(done.unwrap());
    }
    println!("{} calls, {kills} kills", history.calls.len());
    // From here on everything is well: what is not at rest now has to come to rest.
    Api::new()
        .clear(&format!("{}/faults", run.simulator.url))
        .await;
    ask_again(&mut history, &run.server).await;
    run.rest(&history, &receiver).await;
    assert!(run.server.process.stop().await, "it stops in order");
}

impl Run {
    async fn start(plan: &Plan, seed: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| -> PathBuf { Path::join(directory.path(), name) };
        let simulator = Simulator::start(&path("simulator")).await;
        let options = SandboxOptions {
            directory: path("naru"),
            simulator: simulator.url.clone(),
            database: plan.cluster.as_ref().map(Cluster::url),
        };
        let server = Sandbox::start(&options).await;
        server.allow_failover(&options).await;
        let (tell, _) = watch::channel(Server::Up(server.place.clone()));
        let second = if plan.has_second_node {
            Some(Sandbox::start(&options.second_node(&path("second"))).await)
        } else {
            None
        };
        Self {
            random: StdRng::seed_from_u64(seed),
            options,
            simulator,
            server,
            tell,
            second,
            calls: Arc::default(),
            _directory: directory,
        }
    }

    /// Until some more calls have ended, and then a moment: the kill comes at any point of a call.
    async fn wait_for_work(&mut self) {
        let target = self.calls.load(Ordering::Relaxed) + self.random.random_range(15..150);
        let jitter = self.random.random_range(0..20_000);
        let deadline = Instant::now() + ROUND;
        while self.calls.load(Ordering::Relaxed) < target && Instant::now() < deadline {
            tokio::time::sleep(POLL).await;
        }
        tokio::time::sleep(Duration::from_micros(jitter)).await;
    }

    /// Trouble with the PG: what its next calls meet, beside the magic cards.
    async fn trouble(&mut self) {
        let url = format!("{}/faults", self.simulator.url);
        for _ in 0..4 {
            let (operation, kind) = TROUBLE[self.random.random_range(0..TROUBLE.len())];
            let times = self.random.random_range(1..6);
            let mut fault = json!({"operation": operation, "kind": kind, "times": times});
            if kind == "late" {
                fault["delayMs"] = json!(self.random.random_range(20..600));
            }
            let heard = Api::new().tell(&url, &fault).await;
            assert!(
                matches!(&heard, Heard::Told(told) if told.status == 201),
                "{heard:?}"
            );
        }
    }

    async fn kill(&mut self) {
        self.server.process.kill().await;
        self.tell.send_replace(Server::Down);
    }

    /// Has the PG send its notices, and moves of the clock, to the node that is left, as a load
    /// balancer would.
    async fn take_notices(&self) {
        let api = Api::new();
        let url = format!("{}/registrations", self.simulator.url);
        let Heard::Told(all) = api.read(&url).await else {
            panic!("no registrations");
        };
        let notice = text(&all.body, "/registrations/0/noticeUrl");
        let path = notice.splitn(4, '/').nth(3).unwrap();
        let place = &self.server.place;
        let body = json!({
            "noticeUrl": format!("{}/{path}", place.url),
            "clockUrl": format!("{}/sandbox/clock", place.private)
        });
        let heard = api.put(&format!("{url}/second"), &body).await;
        assert!(heard.success().is_some(), "{heard:?}");
    }

    /// Starts it again; at times it is killed once more while it starts.
    async fn restart(&mut self) {
        if self.random.random_bool(0.4) {
            let mut early = Sandbox::spawn(&self.options);
            let moment = self.random.random_range(0..400_000);
            tokio::time::sleep(Duration::from_micros(moment)).await;
            early.kill().await;
        }
        self.server = Sandbox::start(&self.options).await;
        let place = self.server.place.clone();
        self.tell.send_replace(Server::Up(place));
    }

    /// Polls until the audit finds nothing, and audits once more: rest is where nothing changes.
    async fn rest(&mut self, history: &History, receiver: &Receiver) {
        assert!(history.wrongs.is_empty(), "{}", history.wrongs.join("\n"));
        let ids: BTreeSet<&str> = history.calls.iter().map(|c| c.payment.as_str()).collect();
        let mut reader = Reader::new(&self.server.place, &self.simulator.url);
        let began = Instant::now();
        loop {
            let facts = reader.read(ids.iter().copied()).await;
            let wrongs = receiver.look(|received| audit(history, &facts, received));
            if wrongs.is_empty() {
                println!("at rest after {:?}", began.elapsed());
                println!("{}", facts.summary(history));
                break;
            }
            if began.elapsed() > REST {
                let (words, log) = (wrongs.join("\n"), self.server.process.last_words());
                panic!("{} findings\n{words}\n--- log\n{log}", wrongs.len());
            }
            // Refused webhooks wait for minutes: of the business clock, which can be moved.
            let clock = format!("{}/clock", self.simulator.url);
            Api::new().tell(&clock, &json!({"advance": "PT5M"})).await;
            tokio::time::sleep(AUDIT_EVERY).await;
        }
        tokio::time::sleep(AUDIT_EVERY).await;
        let facts = reader.read(ids.iter().copied()).await;
        let wrongs = receiver.look(|received| audit(history, &facts, received));
        assert!(wrongs.is_empty(), "after rest:\n{}", wrongs.join("\n"));
        let wrongs = own_audit(&self.server.directory);
        assert!(wrongs.is_empty(), "naru audit:\n{}", wrongs.join("\n"));
        same_answers(history, &self.server).await;
    }
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

/// A client that lost an answer asks again under the same key, until it gets one.
async fn ask_again(history: &mut History, server: &Sandbox) {
    let api = Api::new();
    let lost: Vec<Call> = history
        .calls
        .iter()
        .filter(|call| is_keyed_and_lost(call))
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

fn is_keyed_and_lost(call: &Call) -> bool {
    call.key.is_some() && call.heard == Heard::Lost
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
