//! `naru keys rotate` of real installations: served before and after, killed in between.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::cluster::Cluster;

const OLD: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const NEW: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
const PATIENCE: Duration = Duration::from_mins(1);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// An installation as `docs/operating/install.md` makes it.
pub struct Installation(tempfile::TempDir);

/// Its server. Killed when dropped.
pub struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

impl Served {
    /// Ends in order.
    pub fn stop(mut self) {
        let pid = Pid::from_raw(i32::try_from(self.0.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        assert!(self.0.wait().unwrap().success());
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

pub fn words(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

impl Installation {
    /// One with a store, a channel and an endpoint, each with secrets.
    pub fn new(database: Option<&str>) -> Self {
        let installation = Self(tempfile::tempdir().unwrap());
        let sqlite = format!("sqlite:{}", installation.path("naru.db").display());
        let config = format!(
            "[server]\npublic = \"127.0.0.1:{}\"\nprivate = \"127.0.0.1:{}\"\n\
             [database]\nurl = \"{}\"\n[keys]\nmaster_file = \"{}\"\n",
            free_port(),
            free_port(),
            database.unwrap_or(&sqlite),
            installation.path("master.key").display()
        );
        std::fs::write(installation.path("naru.toml"), config).unwrap();
        std::fs::write(installation.path("master.key"), OLD).unwrap();
        std::fs::write(installation.path("new.key"), NEW).unwrap();
        std::fs::write(installation.path("secret"), "YWJjZGVmZ2hpamts").unwrap();
        installation.done(&["migrate", "--create"]);
        let served = installation.serve();
        let store = installation.json(&["stores", "create", "--name", "shop", "--json"]);
        let store = store["id"].as_str().unwrap().to_owned();
        let secret = |name: &str| format!("{name}={}", installation.path("secret").display());
        let (key, iv, sign) = (
            secret("iniapi_key"),
            secret("iniapi_iv"),
            secret("sign_key"),
        );
        installation.done(&[
            "channels",
            "create",
            "--store",
            &store,
            "--name",
            "cards",
            "--pg",
            "INICIS_V2",
            "--merchant-id",
            "MYMID0001A",
            "--live",
            "--secret-file",
            &key,
            "--secret-file",
            &iv,
            "--secret-file",
            &sign,
            "--option",
            "iniapi_base=https://iniapi.inicis.com",
            "--option",
            "shop_url=https://shop.example",
            "--option",
            "order_id_inquiry=true",
        ]);
        installation.done(&[
            "webhooks",
            "set",
            "--store",
            &store,
            "--url",
            "https://shop.example/hook",
            "--live",
        ]);
        served.stop();
        installation
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_naru"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("NARU_")) {
            command.env_remove(name);
        }
        command.args(arguments).arg("--config");
        command.arg(self.path("naru.toml"));
        command
    }

    pub fn done(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", words(&output));
        words(&output)
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", words(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub fn refused(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", words(&output));
        words(&output)
    }

    fn rotation(&self) -> Vec<String> {
        let file = self.path("new.key").display().to_string();
        ["keys", "rotate", "--json", "--new-key-file", &file]
            .map(str::to_owned)
            .to_vec()
    }

    fn rotate(&self) -> Value {
        let rotation = self.rotation();
        self.json(&rotation.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn rotate_refused(&self) -> String {
        let rotation = self.rotation();
        self.refused(&rotation.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The config names the new key from now on.
    fn new_key_in_place(&self) {
        std::fs::copy(self.path("new.key"), self.path("master.key")).unwrap();
    }

    fn log(&self) -> PathBuf {
        self.path("serve.log")
    }

    fn spawn(&self) -> Served {
        let log = std::fs::File::create(self.log()).unwrap();
        let mut command = self.command(&["serve"]);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        Served(command.spawn().unwrap())
    }

    /// A server that answers.
    pub fn serve(&self) -> Served {
        let mut served = self.spawn();
        let since = Instant::now();
        while !said(&self.log()).contains("naru is serving") {
            let ended = served.0.try_wait().unwrap();
            assert!(ended.is_none(), "{}", said(&self.log()));
            assert!(since.elapsed() < PATIENCE, "{}", said(&self.log()));
            std::thread::sleep(POLL_INTERVAL);
        }
        served
    }

    /// How many rows hold something that the config's key opens.
    fn encrypted(&self) -> u64 {
        let looked = self.json(&["keys", "rotate", "--dry-run", "--json"]);
        looked["sealed"].as_u64().unwrap()
    }
}

fn said(log: &Path) -> String {
    std::fs::read_to_string(log).unwrap_or_default()
}

/// The installation works with the new key, and only with it.
fn works_with_new_key_only(installation: &Installation) {
    let refused = installation.refused(&["serve"]);
    assert!(refused.contains("was changed to"), "{refused}");
    installation.new_key_in_place();
    let served = installation.serve();
    let stores = installation.json(&["stores", "list", "--json"]);
    let store = stores["items"][0]["id"].as_str().unwrap();
    let channels = installation.json(&["channels", "list", "--store", store, "--json"]);
    assert_eq!(channels["items"].as_array().unwrap().len(), 1);
    let log = installation.json(&["audit-log", "--operation", "keys.rotate", "--json"]);
    assert_eq!(log["items"][0]["outcome"], "done", "{log}");
    // It opens each channel as a payment would.
    installation.done(&["doctor"]);
    served.stop();
}

fn rotate_while_served_then_stopped(installation: &Installation, while_served: &str) {
    let looked = |file: &str| {
        let file = installation.path(file).display().to_string();
        let dry = [
            "keys",
            "rotate",
            "--dry-run",
            "--json",
            "--new-key-file",
            &file,
        ];
        installation.json(&dry)
    };
    let served = installation.serve();
    let refused = installation.rotate_refused();
    assert!(refused.contains(while_served), "{refused}");
    assert!(refused.contains("hint: "), "{refused}");
    served.stop();
    let before = looked("new.key");
    assert_eq!(before["sealed"], 2);
    assert_eq!(before["written"], 0);
    assert_eq!(before["isDryRun"], true);
    assert_eq!(before["formerKeys"], serde_json::json!([]));
    let done = installation.rotate();
    assert_eq!(done["replaced"], before["masterKey"], "{done}");
    assert_ne!(done["masterKey"], before["masterKey"], "{done}");
    assert_eq!(done["written"], 2, "{done}");
    assert_eq!(done["isComplete"], true, "{done}");
    assert_eq!(done["formerKeys"][0]["id"], before["masterKey"], "{done}");
    assert_eq!(done["formerKeys"][0]["isResealed"], true, "{done}");
    // Once more: nothing is left to do, whichever key the config names.
    let again = installation.rotate();
    assert_eq!(again["written"], 0, "{again}");
    assert_eq!(again["replaced"], Value::Null, "{again}");
    let refused = installation.refused(&["keys", "rotate"]);
    assert!(refused.contains("the key was changed"), "{refused}");
    works_with_new_key_only(installation);
    assert_eq!(installation.encrypted(), 2);
    let done = installation.json(&["keys", "rotate", "--json"]);
    assert_eq!(done["written"], 0, "{done}");
    let old = installation.path("old.key");
    std::fs::write(&old, OLD).unwrap();
    let refused =
        installation.refused(&["keys", "rotate", "--new-key-file", old.to_str().unwrap()]);
    assert!(
        refused.contains("a former one of this database"),
        "{refused}"
    );
}

#[test]
fn the_key_of_a_sqlite_installation_is_changed() {
    let installation = Installation::new(None);
    rotate_while_served_then_stopped(&installation, "in use by a server with process id");
}

#[test]
fn the_key_of_a_postgres_installation_is_changed() {
    let cluster = Cluster::start();
    let installation = Installation::new(Some(&cluster.url()));
    rotate_while_served_then_stopped(&installation, "in use by 1 server\n");
}

#[test]
fn the_doctor_tells_of_a_rotation_that_was_not_finished() {
    let installation = Installation::new(None);
    installation.rotate();
    installation.new_key_in_place();
    let unfinished = r#"UPDATE settings SET body = replace(body, 'is_resealed\":true',
        'is_resealed\":false') WHERE name = 'former_master_keys'"#;
    let database = rusqlite::Connection::open(installation.path("naru.db")).unwrap();
    assert_eq!(database.execute(unfinished, []).unwrap(), 1);
    drop(database);
    let served = installation.serve();
    let said = installation.done(&["doctor"]);
    assert!(said.contains("changing it was not finished"), "{said}");
    served.stop();
    let done = installation.json(&["keys", "rotate", "--json"]);
    assert_eq!(done["formerKeys"][0]["isResealed"], true, "{done}");
    let served = installation.serve();
    let said = installation.done(&["doctor"]);
    assert!(!said.contains("not finished"), "{said}");
    served.stop();
}

/// What nobody should do: the server is not seen, and the key is changed under it.
#[test]
fn a_server_whose_key_is_changed_under_it_stops() {
    let cluster = Cluster::start();
    let installation = Installation::new(Some(&cluster.url()));
    let mut served = installation.serve();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let url = cluster.url();
        let connected = tokio_postgres::connect(&url, tokio_postgres::NoTls).await;
        let (client, connection) = connected.unwrap();
        tokio::spawn(connection);
        let unseen = "DELETE FROM settings WHERE name LIKE 'node:%'";
        assert_eq!(client.execute(unseen, &[]).await.unwrap(), 1);
    });
    let done = installation.rotate();
    assert_eq!(done["isComplete"], true, "{done}");
    let status = served.0.wait().unwrap();
    let log = said(&installation.log());
    assert!(
        status.success() && log.contains("the master key was changed"),
        "{log}"
    );
    works_with_new_key_only(&installation);
}

/// Killed a little later each time, until it comes to its end before it is killed.
#[test]
fn a_rotation_that_is_killed_is_finished_by_the_next() {
    let installation = Installation::new(None);
    let template = std::fs::read(installation.path("naru.db")).unwrap();
    let (mut delay, mut switched) = (Duration::ZERO, 0);
    for kills in 0.. {
        std::fs::write(installation.path("naru.db"), &template).unwrap();
        for file in ["naru.db-wal", "naru.db-shm"] {
            let _gone = std::fs::remove_file(installation.path(file));
        }
        std::fs::write(installation.path("master.key"), OLD).unwrap();
        let rotation = installation.rotation();
        let rotation: Vec<&str> = rotation.iter().map(String::as_str).collect();
        let mut command = installation.command(&rotation);
        let mut running = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(delay);
        let ended = running.try_wait().unwrap();
        running.kill().unwrap();
        running.wait().unwrap();
        // One of the two keys opens it, and everything in it.
        let dry = installation
            .command(&["keys", "rotate", "--dry-run"])
            .output()
            .unwrap();
        let is_old = dry.status.success();
        assert!(
            is_old || words(&dry).contains("was sealed with"),
            "{}",
            words(&dry)
        );
        switched += u32::from(!is_old);
        let done = installation.rotate();
        assert_eq!(done["isComplete"], true, "{done}");
        assert_eq!(done["replaced"].is_string(), is_old, "{done}");
        installation.new_key_in_place();
        assert_eq!(installation.encrypted(), 2);
        if ended.is_some() {
            assert!(kills > 5 && switched > 0, "{kills} {switched}");
            break;
        }
        delay += Duration::from_millis(12);
    }
}

#[test]
fn mistakes_are_named_before_anything_is_changed() {
    let installation = Installation::new(None);
    let refused = installation.refused(&["keys", "rotate"]);
    assert!(refused.contains("no new key was given"), "{refused}");
    let same = installation.path("master.key").display().to_string();
    let refused = installation.refused(&["keys", "rotate", "--new-key-file", &same]);
    assert!(refused.contains("the one that is in use"), "{refused}");
    let missing = installation.path("missing").display().to_string();
    let refused = installation.refused(&["keys", "rotate", "--new-key-file", &missing]);
    assert!(refused.contains("can't read"), "{refused}");
    std::fs::write(installation.path("short"), "c2hvcnQ=").unwrap();
    let short = installation.path("short").display().to_string();
    let refused = installation.refused(&["keys", "rotate", "--new-key-file", &short]);
    assert!(refused.contains("has 5 bytes instead of 32"), "{refused}");
    // A config with a key that never was the database's.
    std::fs::write(
        installation.path("master.key"),
        "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY=",
    )
    .unwrap();
    let refused = installation.rotate_refused();
    assert!(refused.contains("was sealed with master key"), "{refused}");
    std::fs::write(installation.path("master.key"), OLD).unwrap();
    installation.serve().stop();
}
