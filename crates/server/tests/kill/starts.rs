//! The very first start, killed at any moment: in the middle of making keys, of migrating, of
//! seeding. The next start takes up what it finds.

use std::path::Path;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::api::{self, Api};
use crate::support::{Cluster, Sandbox, SandboxOptions, Simulator};

const SEED: u64 = 2_026_112_106;
const STARTS: usize = 12;
/// About how long a first start takes without optimisation, and a little more.
const MOMENT_MAX_US: u64 = 250_000;

/// Many first starts, with SQLite and with PostgreSQL.
pub async fn killed() {
    let directory = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(&directory.path().join("simulator")).await;
    let cluster = Cluster::start();
    let mut random = StdRng::seed_from_u64(SEED);
    for number in 0..STARTS {
        let name = format!("start{number}");
        let moment = Duration::from_micros(random.random_range(0..MOMENT_MAX_US));
        let database = if number % 2 == 1 {
            Some(cluster.create(&name).await)
        } else {
            None
        };
        println!("start {number} is killed after {moment:?}");
        start(
            &directory.path().join(&name),
            (&simulator.url, database),
            moment,
        )
        .await;
    }
}

async fn start(directory: &Path, (simulator, database): (&str, Option<String>), moment: Duration) {
    let options = SandboxOptions {
        directory: directory.to_owned(),
        simulator: simulator.to_owned(),
        database,
    };
    let mut early = Sandbox::spawn(&options);
    tokio::time::sleep(moment).await;
    early.kill().await;
    let server = Sandbox::start(&options).await;
    let body = api::card_body(&server.place, "4000000000000001", 1_000, "");
    let heard = Api::new()
        .post(&server.place, "/payments/first/instant", &body, None)
        .await;
    assert!(heard.success().is_some(), "{heard:?}");
}
