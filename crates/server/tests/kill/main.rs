//! The server is killed with SIGKILL at random moments under load, again and again. Whatever it
//! had answered is there; nothing is lost, doubled or left unknown; its books and the PG's agree to
//! the won.
//!
//! Each test prints its seed and the command that replays it. The seed fixes what clients ask for
//! and about when the server dies; the rest is the machine's. `NARU_KILL_ROUNDS` makes it longer.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests, that say what they have been through"
)]

mod api;
mod audit;
mod audit_checks;
mod audit_schedules;
mod burst;
mod client;
mod facts;
mod fifty;
mod history;
mod nodes;
mod receiver;
mod rest;
mod run;
mod starts;
mod strikes;
#[path = "../support/mod.rs"]
mod support;
mod wire;

use std::io::Write as _;

use run::{Ground, Plan, Victim};
use support::{Cluster, Pair, SmallCluster, SmallDisk};

/// Room for what a run writes, and some more.
const SQLITE_DISK_MIB: u32 = 64;
const POSTGRES_DISK_MIB: u32 = 192;

/// Says that a test needs what this machine does not give; `cargo xtask test` repeats it at its
/// end.
fn not_run(name: &str) {
    let words = format!("{name}: mounting a small disk is not allowed here");
    println!("NOT RUN: {words}");
    if let Some(path) = std::env::var_os("NARU_NOT_RUN") {
        let file = std::fs::OpenOptions::new().append(true).open(path);
        writeln!(file.unwrap(), "{words}").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_loses_nothing() {
    run::run(Plan::new("sqlite_loses_nothing", 2_026_112_101, 5)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_loses_nothing_when_the_pg_dies_too() {
    let name = "sqlite_loses_nothing_when_the_pg_dies_too";
    run::run(Plan {
        victims: &[Victim::Server, Victim::ServerAndPg],
        ..Plan::new(name, 2_026_112_102, 4)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_loses_nothing() {
    run::run(Plan {
        ground: Ground::Cluster(Cluster::start()),
        ..Plan::new("postgres_loses_nothing", 2_026_112_103, 5)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_may_die_under_the_server() {
    run::run(Plan {
        ground: Ground::Cluster(Cluster::start()),
        victims: &[Victim::Database],
        ..Plan::new("postgres_may_die_under_the_server", 2_026_112_105, 3)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_may_be_restarted_and_cut_off_under_the_server() {
    let name = "postgres_may_be_restarted_and_cut_off_under_the_server";
    run::run(Plan {
        ground: Ground::Cluster(Cluster::start()),
        victims: &[Victim::DatabaseInOrder, Victim::Connections],
        ..Plan::new(name, 2_026_112_107, 4)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_synchronous_standby_takes_over_and_nothing_is_lost() {
    let name = "a_synchronous_standby_takes_over_and_nothing_is_lost";
    run::run(Plan {
        ground: Ground::Pair(Pair::start().await),
        victims: &[Victim::Primary],
        ..Plan::new(name, 2_026_112_108, 2)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_other_node_finishes_what_one_died_with() {
    let name = "the_other_node_finishes_what_one_died_with";
    run::run(Plan {
        ground: Ground::Cluster(Cluster::start()),
        nodes: 2,
        ..Plan::new(name, 2_026_112_104, 3)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_three_nodes_any_may_die() {
    run::run(Plan {
        ground: Ground::Cluster(Cluster::start()),
        nodes: 3,
        mortals: 3,
        ..Plan::new("of_three_nodes_any_may_die", 2_026_112_109, 3)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_whose_files_cannot_grow_loses_nothing() {
    let name = "sqlite_whose_files_cannot_grow_loses_nothing";
    run::run(Plan {
        victims: &[Victim::FileSize],
        ..Plan::new(name, 2_026_112_110, 3)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_on_a_full_disk_loses_nothing() {
    let name = "sqlite_on_a_full_disk_loses_nothing";
    let place = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(place.path(), SQLITE_DISK_MIB) else {
        return not_run(name);
    };
    run::run(Plan {
        ground: Ground::Disk(disk, place.path().to_owned()),
        victims: &[Victim::Disk, Victim::DiskAndServer],
        ..Plan::new(name, 2_026_112_111, 3)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_on_a_full_disk_loses_nothing() {
    let name = "postgres_on_a_full_disk_loses_nothing";
    let Some(small) = SmallCluster::start(POSTGRES_DISK_MIB) else {
        return not_run(name);
    };
    run::run(Plan {
        ground: Ground::SmallCluster(small),
        victims: &[Victim::Disk],
        ..Plan::new(name, 2_026_112_112, 2)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_cuts_and_swallows_loses_nothing() {
    let name = "a_network_that_cuts_and_swallows_loses_nothing";
    run::run(Plan {
        victims: &[Victim::Wire],
        has_wire: true,
        ..Plan::new(name, 2_026_112_113, 3)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn same_payment_id_at_once_sqlite() {
    fifty::same_payment_id(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn same_payment_id_at_once_two_nodes_on_postgres() {
    let cluster = Cluster::start();
    fifty::same_payment_id(Some(cluster.url())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_of_schedules_keeps_the_pgs_limit_and_starves_no_request() {
    burst::run(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_of_schedules_is_shared_by_two_nodes_and_charged_once() {
    let cluster = Cluster::start();
    burst::run(Some(cluster.url())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revoked_secret_stops_on_every_node() {
    nodes::revoked_secret().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_start_that_was_killed_does_no_harm() {
    starts::killed().await;
}
