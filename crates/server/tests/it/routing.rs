//! `naru routing …` against a sandbox: what it says, what it refuses.

use std::path::Path;

use naru_server::sandbox_credentials::{CHANNEL_GROUP_ID, CHANNELS, STORE_ID};
use serde_json::Value;

use crate::sandbox::{Sandbox, naru};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn ok(data: &Path, line: &[&str]) -> String {
    let output = naru(data, &[&["routing"], line].concat());
    assert!(
        output.status.success(),
        "{line:?}: {}",
        text(&output.stderr)
    );
    text(&output.stdout)
}

fn json(data: &Path, line: &[&str]) -> Value {
    serde_json::from_str(&ok(data, &[line, &["--json"]].concat())).unwrap()
}

fn refused(data: &Path, line: &[&str]) -> String {
    let output = naru(data, &[&["routing"], line].concat());
    assert_eq!(output.status.code(), Some(1), "{line:?}");
    text(&output.stderr)
}

/// The channels of a setting as `WEIGHT state`.
fn shares(session: &Value) -> Vec<String> {
    let routes = session["routes"].as_array().unwrap();
    let share = |route: &Value| {
        let is_on = route["isOn"].as_bool().unwrap();
        format!("{} {}", route["weight"], if is_on { "on" } else { "off" })
    };
    routes.iter().map(share).collect()
}

#[test]
fn a_sandbox_has_a_group_to_try() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let sandbox = Sandbox::start(data);
    let groups = json(data, &["list", "--store", STORE_ID]);
    assert_eq!(groups["items"][0]["id"], CHANNEL_GROUP_ID);
    assert_eq!(shares(&groups["items"][0]["current"]), ["50 on", "50 on"]);
    ok(data, &["set", CHANNEL_GROUP_ID, "--off", CHANNELS[0].key]);
    assert!(sandbox.stop());
    let _sandbox = Sandbox::start(data);
    let group = json(data, &["show", CHANNEL_GROUP_ID]);
    assert_eq!(
        shares(&group["current"]),
        ["50 off", "50 on"],
        "a restart leaves it as people changed it"
    );
}

#[test]
fn a_group_is_created_changed_scheduled_and_deleted() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let _sandbox = Sandbox::start(data);
    let share = |index: usize, weight: &str| format!("{}={weight}", CHANNELS[index].key);
    let (a, b) = (share(0, "70"), share(1, "30:off"));
    let create = [
        "create",
        "--store",
        STORE_ID,
        "--name",
        "Cards",
        "--test",
        "--channel",
        &a,
        "--channel",
        &b,
    ];
    let made = json(data, &create);
    let id = made["id"].as_str().unwrap();
    assert!(id.starts_with("channel-group-test-"), "{id}");
    assert_eq!(shares(&made["current"]), ["70 on", "30 off"]);
    assert!(refused(data, &create).contains("already\nhint: names are unique"));

    let (a, b) = (share(0, "0"), share(1, "100"));
    let at = "2099-01-01T10:00:00+09:00";
    let schedule = ["schedule", id, "--at", at, "--channel", &a, "--channel", &b];
    let scheduled = json(data, &schedule);
    assert_eq!(shares(&scheduled["scheduled"][0]), ["0 on", "100 on"]);
    assert_eq!(
        scheduled["scheduled"][0]["startsAt"],
        "2099-01-01T01:00:00Z"
    );
    let changed = json(
        data,
        &["set", id, "--on", CHANNELS[1].key, "--failover", "1"],
    );
    assert_eq!(shares(&changed["current"]), ["70 on", "30 on"]);
    assert_eq!(changed["failoverTriesMax"], 1);
    assert_eq!(shares(&changed["past"][0]), ["70 on", "30 off"]);

    let shown = ok(data, &["show", id, "--history"]);
    for line in [
        "name      Cards",
        "failover  1",
        "from 2099-01-01T01:00:00Z",
        "before, since ",
        "CHANNEL ",
    ] {
        assert!(shown.contains(line), "`{line}` is not in\n{shown}");
    }
    let list = ok(data, &["list", "--store", STORE_ID]);
    assert!(list.contains("Cards"), "{list}");

    let taken_back = json(data, &["cancel-schedule", id, "--at", at]);
    assert_eq!(taken_back["scheduled"], serde_json::json!([]));
    ok(data, &["delete", id]);
    assert!(refused(data, &["set", id, "--failover", "0"]).contains("was deleted"));
}

#[test]
fn the_doctor_says_of_a_group_whether_it_takes_payments() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let _sandbox = Sandbox::start(data);
    let said = || text(&naru(data, &["doctor"]).stdout);
    let before = said();
    assert!(before.contains("2 of 2 channels take payments"), "{before}");
    ok(data, &["set", CHANNEL_GROUP_ID, "--off", CHANNELS[0].key]);
    let disabled = naru(data, &["channels", "disable", CHANNELS[1].key]);
    assert!(disabled.status.success());
    let after = said();
    assert!(
        after.contains("none of its channels takes payments"),
        "{after}"
    );
}

#[test]
fn another_key_is_kept_out() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let _sandbox = Sandbox::start(data);
    let other = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    std::fs::write(data.join("master.key"), other).unwrap();
    for line in [
        vec!["list", "--store", STORE_ID],
        vec!["show", CHANNEL_GROUP_ID],
        vec!["set", CHANNEL_GROUP_ID, "--failover", "1"],
        vec![
            "cancel-schedule",
            CHANNEL_GROUP_ID,
            "--at",
            "2099-01-01T10:00:00Z",
        ],
        vec!["delete", CHANNEL_GROUP_ID],
    ] {
        let said = refused(data, &line);
        assert!(
            said.contains("the admin token is missing or wrong"),
            "{said}"
        );
    }
}

#[test]
fn what_breaks_a_rule_is_refused_with_words() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let _sandbox = Sandbox::start(data);
    let id = CHANNEL_GROUP_ID;
    let share = |index: usize, weight: &str| format!("{}={weight}", CHANNELS[index].key);
    let (a, b) = (share(0, "50"), share(1, "49"));
    for (line, words) in [
        (
            vec!["set", id],
            "nothing to change\nhint: name what changes",
        ),
        (
            vec!["set", id, "--channel", &a, "--channel", &b],
            "the weights sum to 99",
        ),
        (
            vec!["set", id, "--channel", &a, "--channel", &a],
            "is named twice",
        ),
        (
            vec!["set", id, "--on", "channel-key-x"],
            "is not a channel of the group",
        ),
        (
            vec!["set", id, "--name", " "],
            "`name` has 1 to 100 characters",
        ),
        (vec!["show", "channel-group-x"], "see `naru routing list`"),
        (
            vec![
                "schedule",
                id,
                "--at",
                "2099-01-01T10:30:00+09:00",
                "--channel",
                "x=100",
            ],
            "is no channel of the store",
        ),
        (
            vec!["cancel-schedule", id, "--at", "soon"],
            "`soon` is not a moment",
        ),
        (
            vec!["cancel-schedule", id, "--at", "2099-01-01T10:00:00+09:00"],
            "no change is scheduled for that hour",
        ),
    ] {
        let said = refused(data, &line);
        assert!(said.contains(words), "{line:?}: {said}");
    }
    let whole = share(0, "100");
    for (at, words) in [
        ("2099-01-01T10:30:00+09:00", "for a whole hour"),
        ("2020-01-01T10:00:00+09:00", "for the future"),
    ] {
        let said = refused(data, &["schedule", id, "--at", at, "--channel", &whole]);
        assert!(said.contains(words), "{said}");
    }
}
