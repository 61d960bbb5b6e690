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
mod run;
mod starts;
#[path = "../support/mod.rs"]
mod support;

use run::{Plan, Victim};
use support::Cluster;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_loses_nothing() {
    run::run(Plan {
        name: "sqlite_loses_nothing",
        seed: 2_026_112_101,
        kills: 5,
        cluster: None,
        victims: &[Victim::Server],
        has_second_node: false,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_loses_nothing_when_the_pg_dies_too() {
    run::run(Plan {
        name: "sqlite_loses_nothing_when_the_pg_dies_too",
        seed: 2_026_112_102,
        kills: 4,
        cluster: None,
        victims: &[Victim::Server, Victim::ServerAndPg],
        has_second_node: false,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_loses_nothing() {
    run::run(Plan {
        name: "postgres_loses_nothing",
        seed: 2_026_112_103,
        kills: 5,
        cluster: Some(Cluster::start()),
        victims: &[Victim::Server],
        has_second_node: false,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_may_die_under_the_server() {
    run::run(Plan {
        name: "postgres_may_die_under_the_server",
        seed: 2_026_112_105,
        kills: 3,
        cluster: Some(Cluster::start()),
        victims: &[Victim::Database],
        has_second_node: false,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_other_node_finishes_what_one_died_with() {
    run::run(Plan {
        name: "the_other_node_finishes_what_one_died_with",
        seed: 2_026_112_104,
        kills: 3,
        cluster: Some(Cluster::start()),
        victims: &[Victim::Server],
        has_second_node: true,
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
