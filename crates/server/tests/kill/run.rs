//! A run: clients work, something is struck again and again, then everything comes to rest and is
//! audited.

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
use crate::client::{Client, Server, Shared};
use crate::history::History;
use crate::receiver::Receiver;
use crate::rest::{ask_again, rest};
use crate::support::{Cluster, Pair, Sandbox, SandboxOptions, Simulator, SmallCluster, SmallDisk};
use crate::wire::Wire;

/// How long a round lasts at most, also where slow cards hold clients up.
const ROUND: Duration = Duration::from_secs(4);
const POLL: Duration = Duration::from_millis(2);
const CLIENTS: usize = 16;
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

/// What is struck in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    /// A server; at times once more while it starts.
    Server,
    /// The server and the simulated PGs.
    ServerAndPg,
    /// The database, under a server that lives on.
    Database,
    /// The same, but it is stopped in order.
    DatabaseInOrder,
    /// The connections to the database, which lives on.
    Connections,
    /// The machine of the database: its standby takes over.
    Primary,
    /// The disk: it has no room, for a while.
    Disk,
    /// The same, and the server is killed and started while there is none.
    DiskAndServer,
    /// The files of the server: they can't grow, for a while.
    FileSize,
    /// The network between us and the PGs.
    Wire,
}

/// What the server stands on.
#[derive(Debug)]
pub enum Ground {
    /// A file of SQLite.
    File,
    /// A file of SQLite on a disk that can be filled.
    Disk(SmallDisk, PathBuf),
    /// PostgreSQL.
    Cluster(Cluster),
    /// PostgreSQL on a disk that can be filled.
    SmallCluster(SmallCluster),
    /// PostgreSQL with a standby.
    Pair(Pair),
}

impl Ground {
    fn url(&self) -> Option<String> {
        match self {
            Self::File | Self::Disk(..) => None,
            Self::Cluster(cluster) => Some(cluster.url()),
            Self::SmallCluster(small) => Some(small.cluster.url()),
            Self::Pair(pair) => Some(pair.url()),
        }
    }
}

/// What is run.
#[derive(Debug)]
pub struct Plan {
    /// The test's name, for the command that replays it.
    pub name: &'static str,
    /// The seed, where none is given.
    pub seed: u64,
    /// How often something is struck, where nothing is given.
    pub kills: u64,
    /// What the server stands on.
    pub ground: Ground,
    /// What is struck. Each round it is one of them.
    pub victims: &'static [Victim],
    /// How many nodes serve the clients from the same database.
    pub nodes: usize,
    /// How many of them are killed. At the end all die but the last, which finishes.
    pub mortals: usize,
    /// Whether the network to the PGs can be struck.
    pub has_wire: bool,
}

impl Plan {
    /// One server on SQLite, killed again and again.
    pub fn new(name: &'static str, seed: u64, kills: u64) -> Self {
        Self {
            name,
            seed,
            kills,
            ground: Ground::File,
            victims: &[Victim::Server],
            nodes: 1,
            mortals: 1,
            has_wire: false,
        }
    }
}

/// A server and those who have to know where it is.
pub struct Node {
    /// How it is started.
    pub options: SandboxOptions,
    /// It, as it runs.
    pub server: Sandbox,
    /// Tells its clients.
    pub tell: watch::Sender<Server>,
}

/// A run under way.
pub struct Run {
    /// What the seed fixes.
    pub random: StdRng,
    /// The servers.
    pub nodes: Vec<Node>,
    /// The simulated PGs.
    pub simulator: Simulator,
    /// What the servers stand on.
    pub ground: Ground,
    /// The network to the PGs, if it can be struck.
    pub wire: Option<Wire>,
    /// What the run itself asked for.
    pub history: History,
    /// The receiver of webhooks.
    pub notice: String,
    mortals: usize,
    calls: Arc<AtomicU64>,
    _directory: tempfile::TempDir,
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// Runs a plan and panics if the audit finds anything.
pub async fn run(plan: Plan) {
    let seed = variable("NARU_KILL_SEED").unwrap_or(plan.seed);
    let kills = variable("NARU_KILL_ROUNDS").unwrap_or(plan.kills);
    println!(
        "seed {seed}; replay it with\n  NARU_KILL_SEED={seed} NARU_KILL_ROUNDS={kills} cargo \
         nextest run -p naru-server --test kill -- {}",
        plan.name
    );
    let victims = plan.victims;
    let mut run = Run::start(plan, seed).await;
    let receiver = Receiver::of(&run.nodes[0].server.place).await;
    run.notice.clone_from(&receiver.url);
    let mut clients = run.clients(seed);
    for _ in 0..kills {
        run.trouble().await;
        run.wait_for_work().await;
        let victim = victims[run.random.random_range(0..victims.len())];
        run.strike(victim).await;
    }
    run.wait_for_work().await;
    run.leave_one().await;
    let mut history = std::mem::take(&mut run.history);
    while let Some(done) = clients.join_next().await {
        history.add(done.unwrap());
    }
    println!("{} calls, {kills} kills", history.calls.len());
    if let Some(wire) = &run.wire {
        println!("the network: {}", wire.summary());
        assert!(wire.troubles() > 0, "the network was never struck");
    }
    // From here on everything is well: what is not at rest now has to come to rest.
    Api::new()
        .clear(&format!("{}/faults", run.simulator.url))
        .await;
    let server = &mut run.nodes[0].server;
    ask_again(&mut history, server).await;
    rest(&history, (server, &run.simulator.url), &receiver).await;
    assert!(server.process.stop().await, "it stops in order");
}

impl Run {
    async fn start(plan: Plan, seed: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| -> PathBuf { Path::join(directory.path(), name) };
        let simulator = Simulator::start(&path("simulator")).await;
        let wire = if plan.has_wire {
            Some(Wire::before(&simulator.url, seed).await)
        } else {
            None
        };
        let url = wire.as_ref().map_or(&simulator.url, |wire| &wire.url);
        let first = SandboxOptions {
            directory: match &plan.ground {
                Ground::Disk(_, place) => place.join("naru"),
                _ => path("naru"),
            },
            simulator: url.clone(),
            database: plan.ground.url(),
        };
        let mut nodes: Vec<Node> = Vec::new();
        for number in 0..plan.nodes {
            let options = match number {
                0 => first.clone(),
                _ => first.second_node(&path(&format!("node{number}"))),
            };
            let server = Sandbox::start(&options).await;
            let (tell, _) = watch::channel(Server::Up(server.place.clone()));
            nodes.push(Node {
                options,
                server,
                tell,
            });
        }
        nodes[0].server.allow_failover(&first).await;
        Self {
            random: StdRng::seed_from_u64(seed),
            nodes,
            simulator,
            ground: plan.ground,
            wire,
            history: History::default(),
            notice: String::new(),
            mortals: plan.mortals,
            calls: Arc::default(),
            _directory: directory,
        }
    }

    /// Clients, spread over the nodes.
    fn clients(&self, seed: u64) -> JoinSet<History> {
        let mut clients = JoinSet::new();
        for (number, node) in (0..CLIENTS).zip(self.nodes.iter().cycle()) {
            let shared = Shared {
                server: node.tell.subscribe(),
                calls: Arc::clone(&self.calls),
                simulator: self.simulator.url.clone(),
                notice: self.notice.clone(),
                seed,
            };
            clients.spawn(Client::new(shared, u64::try_from(number).unwrap()).run());
        }
        clients
    }

    /// Until some more calls have ended, and then a moment: the blow comes at any point of a call.
    pub async fn wait_for_work(&mut self) {
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

    /// One of the nodes that are killed.
    pub fn mortal(&mut self) -> usize {
        self.random.random_range(0..self.mortals)
    }

    /// Kills all nodes but the last, which has to finish their work, and ends the load.
    async fn leave_one(&mut self) {
        while self.nodes.len() > 1 {
            let mut node = self.nodes.remove(0);
            node.server.process.kill().await;
            node.tell.send_replace(Server::Over);
            if self.nodes.len() == 1 {
                self.take_notices().await;
            }
        }
        self.nodes[0].tell.send_replace(Server::Over);
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
        let place = &self.nodes[0].server.place;
        let body = json!({
            "noticeUrl": format!("{}/{path}", place.url),
            "clockUrl": format!("{}/sandbox/clock", place.private)
        });
        let heard = api.put(&format!("{url}/second"), &body).await;
        assert!(heard.success().is_some(), "{heard:?}");
    }
}
