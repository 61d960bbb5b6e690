//! The blows of a run. Each leaves everything in order again: what was killed is started, what
//! was full has room. What a blow left undone is for the servers to finish.

use std::path::Path;
use std::time::{Duration, Instant};

use rand::Rng as _;
use serde_json::Value;

use crate::api::{self, Api, Heard, payment_path};
use crate::client::Server;
use crate::history::{Call, What};
use crate::run::{Ground, Run, Victim};
use crate::support::{Place, Sandbox};

const POLL: Duration = Duration::from_millis(20);
/// How long it may take until a lack of room is noticed, and until it is forgotten. A loaded
/// machine with a build without optimisation may take its time.
const NOTICED: Duration = Duration::from_mins(4);
const CARD: &str = "4000000000000001";

impl Run {
    /// Strikes.
    pub async fn strike(&mut self, victim: Victim) {
        match victim {
            Victim::Server => self.kill_one().await,
            Victim::ServerAndPg => {
                self.kill(0).await;
                self.simulator.kill_and_restart().await;
                self.restart(0).await;
            }
            Victim::Database => self.cluster().crash_and_restart(),
            Victim::DatabaseInOrder => self.cluster().restart(),
            Victim::Connections => {
                let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                           WHERE application_name = 'naru'";
                let count = self.cluster().tell(cut).await;
                assert_ne!(count, "0", "no connection was there to be cut");
            }
            Victim::Primary => self.fail_over().await,
            Victim::Disk => self.fill_disk(false).await,
            Victim::DiskAndServer => self.fill_disk(true).await,
            Victim::FileSize => self.limit_files().await,
            Victim::Wire => self.spoil_wire().await,
        }
    }

    async fn kill_one(&mut self) {
        let number = self.mortal();
        self.kill(number).await;
        self.restart(number).await;
    }

    async fn kill(&mut self, number: usize) {
        let node = &mut self.nodes[number];
        node.server.process.kill().await;
        node.tell.send_replace(Server::Down);
    }

    /// Starts it again; at times it is killed once more while it starts.
    async fn restart(&mut self, number: usize) {
        if self.random.random_bool(0.4) {
            self.start_and_kill(number).await;
        }
        let node = &mut self.nodes[number];
        node.server = Sandbox::start(&node.options).await;
        let place = node.server.place.clone();
        node.tell.send_replace(Server::Up(place));
    }

    async fn start_and_kill(&mut self, number: usize) {
        let mut early = Sandbox::spawn(&self.nodes[number].options);
        let moment = self.random.random_range(0..400_000);
        tokio::time::sleep(Duration::from_micros(moment)).await;
        early.kill().await;
    }

    fn cluster(&mut self) -> &mut crate::support::Cluster {
        match &mut self.ground {
            Ground::Cluster(cluster) => cluster,
            Ground::SmallCluster(small) => &mut small.cluster,
            Ground::File | Ground::Disk(..) | Ground::Pair(_) => panic!("no cluster to strike"),
        }
    }

    /// The machine of the primary is gone; after a while the standby is made the primary, and gets
    /// a standby of its own.
    async fn fail_over(&mut self) {
        let pause = Duration::from_millis(self.random.random_range(0..2_000));
        let Ground::Pair(pair) = &mut self.ground else {
            panic!("no standby to take over");
        };
        pair.lose_primary();
        tokio::time::sleep(pause).await;
        pair.promote();
        let promoted = Instant::now();
        self.until_paid().await;
        println!("paid {:?} after the standby took over", promoted.elapsed());
        self.wait_for_work().await;
        if let Ground::Pair(pair) = &mut self.ground {
            pair.repair().await;
        }
    }

    /// No room is left on the disk, until it is refused what needs room, and for some more work.
    async fn fill_disk(&mut self, is_killed: bool) {
        self.disk().fill();
        self.until_refused().await;
        self.wait_for_work().await;
        if is_killed {
            self.kill(0).await;
            self.start_and_kill(0).await;
        }
        self.disk().free();
        if is_killed {
            self.restart(0).await;
        }
        self.until_paid().await;
    }

    fn disk(&self) -> &crate::support::SmallDisk {
        match &self.ground {
            Ground::Disk(disk, _) => disk,
            Ground::SmallCluster(small) => &small.disk,
            Ground::File | Ground::Cluster(_) | Ground::Pair(_) => panic!("no disk to fill"),
        }
    }

    /// The server's files can't grow any more, as the log or the database is now, or not even
    /// that; then they can again.
    async fn limit_files(&mut self) {
        let directory = self.nodes[0].options.directory.clone();
        let size = |name: &str| Path::join(&directory, name).metadata().unwrap().len();
        let sizes = [size("naru.db"), size("naru.db-wal"), 0];
        let bytes = sizes[self.random.random_range(0..sizes.len())];
        self.nodes[0].server.process.limit_file_size(Some(bytes));
        self.until_refused().await;
        self.wait_for_work().await;
        self.nodes[0].server.process.limit_file_size(None);
        self.until_paid().await;
    }

    async fn spoil_wire(&mut self) {
        self.set_wire(true);
        self.wait_for_work().await;
        self.set_wire(false);
    }

    fn set_wire(&self, is_bad: bool) {
        self.wire.as_ref().unwrap().set_bad(is_bad);
    }

    /// Pays until the server says that it can't.
    async fn until_refused(&mut self) {
        let is_it = |heard: &Heard| matches!(heard, Heard::Told(told) if told.status == 503);
        self.pay_until(is_it, "nothing was refused").await;
    }

    /// Pays until it can again.
    async fn until_paid(&mut self) {
        let began = Instant::now();
        let is_it = |heard: &Heard| heard.success().is_some();
        self.pay_until(is_it, "nothing can be paid again").await;
        println!("paid again after {:?}", began.elapsed());
    }

    async fn pay_until(&mut self, is_it: impl Fn(&Heard) -> bool, otherwise: &str) {
        let began = Instant::now();
        loop {
            let place = self.nodes[0].server.place.clone();
            let heard = self.pay(&place).await;
            if is_it(&heard) {
                return;
            }
            if let Some(words) = self.nodes[0].server.process.ended() {
                panic!("the server ended: {words}");
            }
            assert!(began.elapsed() < NOTICED, "{otherwise}: {heard:?}");
            if let Ground::SmallCluster(small) = &mut self.ground {
                // PostgreSQL ends by itself where it can't write its log; an operator starts it.
                if small.cluster.revive() {
                    println!("PostgreSQL had ended");
                }
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// A payment of the run's own, which the audit looks at like any other.
    async fn pay(&mut self, place: &Place) -> Heard {
        let payment = format!("strike-{}", self.history.calls.len());
        let body: Value = api::card_body(place, CARD, 1_001, &self.notice);
        let path = format!("{}/instant", payment_path(&payment));
        let heard = Api::new().post(place, &path, &body, None).await;
        self.history.calls.push(Call {
            payment,
            what: What::Card,
            path,
            body,
            key: None,
            heard: heard.clone(),
        });
        heard
    }
}
