//! Two nodes share one PostgreSQL, and nothing but the database coordinates them: both serve, one
//! finishes what the other died with, and a revoked secret stops on both within a second.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::process::Command;

use crate::api::{Api, Heard, text};
use crate::support::{self, Cluster, Place, Sandbox, SandboxOptions, Simulator};

const WITHIN: Duration = Duration::from_secs(1);
const POLL: Duration = Duration::from_millis(20);

/// A secret that one node revokes is refused by the other within a second.
pub async fn revoked_secret() {
    let cluster = Cluster::start();
    let directory = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(&directory.path().join("simulator")).await;
    let first = SandboxOptions {
        directory: directory.path().join("one"),
        simulator: simulator.url.clone(),
        database: Some(cluster.url()),
    };
    let one = Sandbox::start(&first).await;
    let second = first.second_node(&directory.path().join("two"));
    let two = Sandbox::start(&second).await;

    let create = [
        "create",
        "--store",
        &one.place.store,
        "--name",
        "x",
        "--json",
    ];
    let made = keys(&first, &create).await;
    let secret = text(&made, "/secret").to_owned();
    for place in [&one.place, &two.place] {
        assert_eq!(status(place, &secret).await, 404, "the secret works");
    }
    // Kept warm, so that the second node answers from its cache.
    keys(&first, &["revoke", text(&made, "/key/id")]).await;
    let revoked = Instant::now();
    for place in [&one.place, &two.place] {
        while status(place, &secret).await != 401 {
            assert!(
                revoked.elapsed() < WITHIN,
                "it still works at {}",
                place.url
            );
            tokio::time::sleep(POLL).await;
        }
    }
}

/// Runs `naru keys` against a node.
async fn keys(node: &SandboxOptions, arguments: &[&str]) -> Value {
    let output = Command::new(support::process::binary())
        .arg("keys")
        .args(arguments)
        .arg("--data")
        .arg(&node.directory)
        .output()
        .await
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

async fn status(place: &Place, secret: &str) -> u16 {
    match Api::new().get_as(place, "/payments/none", secret).await {
        Heard::Told(told) => told.status,
        Heard::Lost => 0,
    }
}
