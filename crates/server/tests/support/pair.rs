//! A PostgreSQL and its synchronous standby: what the one answers as committed, the other has.

use std::time::{Duration, Instant};

use super::Cluster;

const TIMEOUT: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(50);

/// Two clusters of which one follows the other.
#[derive(Debug)]
pub struct Pair {
    primary: Cluster,
    standby: Cluster,
    ports: [u16; 2],
}

impl Pair {
    /// Makes and starts both; commits wait for the standby from now on.
    pub async fn start() -> Self {
        let primary = Cluster::start();
        let standby = Cluster::standby_of(&primary, None);
        let pair = Self {
            ports: [primary.port(), standby.port()],
            primary,
            standby,
        };
        pair.wait_for_standby().await;
        pair
    }

    /// Where it is, whichever of the two is the primary.
    pub fn url(&self) -> String {
        let [one, two] = self.ports;
        format!(
            "postgres://postgres@127.0.0.1:{one},127.0.0.1:{two}/postgres\
             ?target_session_attrs=read-write"
        )
    }

    /// The primary's machine is gone, at once.
    pub fn lose_primary(&mut self) {
        self.primary.kill();
    }

    /// The standby takes over.
    pub fn promote(&mut self) {
        self.standby.promote();
        std::mem::swap(&mut self.primary, &mut self.standby);
    }

    /// Makes a new standby in the place of the machine that is gone.
    pub async fn repair(&mut self) {
        let port = self.standby.port();
        self.standby = Cluster::standby_of(&self.primary, Some(port));
        self.wait_for_standby().await;
    }

    /// Has the primary wait for its standby. Only now, so that the standby's copy of the settings
    /// does not have it wait for one of its own once it is the primary.
    async fn wait_for_standby(&self) {
        let wait = "ALTER SYSTEM SET synchronous_standby_names = '*'";
        self.primary.tell(wait).await;
        self.primary.tell("SELECT pg_reload_conf()").await;
        let look = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
        let began = Instant::now();
        while self.primary.tell(look).await != "1" {
            assert!(began.elapsed() < TIMEOUT, "no synchronous standby");
            tokio::time::sleep(POLL).await;
        }
    }
}
