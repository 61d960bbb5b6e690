//! `naru sandbox` as a process: what it writes, what the command line does to it, how it stops,
//! and what `naru serve` makes of its data.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use naru_server::sandbox_credentials::STORE_ID;
use naru_server::sandbox_json::SandboxFile;
use rustix::process::{Pid, Signal, kill_process};

/// A sandbox on free ports; killed when dropped.
pub struct Sandbox {
    process: std::process::Child,
}

impl Sandbox {
    pub fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    /// With further arguments.
    pub fn start_with(data: &Path, arguments: &[&str]) -> Self {
        let _old = std::fs::remove_file(data.join("sandbox.json"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_naru"));
        command
            .args(["sandbox", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(arguments);
        let process = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        while SandboxFile::read(data).is_err() {
            assert!(Instant::now() < deadline, "the sandbox does not start");
            std::thread::sleep(Duration::from_millis(5));
        }
        Self { process }
    }

    /// SIGTERM; whether it ended well.
    pub fn stop(mut self) -> bool {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        self.process.wait().unwrap().success()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _ended = self.process.wait();
    }
}

pub fn naru(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_naru"));
    command
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .unwrap()
}

/// The JSON that a command prints.
fn json(data: &Path, arguments: &[&str]) -> serde_json::Value {
    let output = naru(data, &[arguments, &["--json"]].concat());
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {words}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_sandbox_is_administered_from_the_command_line_and_keeps_its_data() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let sandbox = Sandbox::start(data);

    let store = json(data, &["stores", "create", "--name", "모퉁이"]);
    let id = store["id"].as_str().unwrap();
    let key = json(data, &["keys", "create", "--store", id, "--name", "ci"]);
    assert!(key["secret"].as_str().unwrap().len() >= 60);
    let key = key["key"]["id"].as_str().unwrap();
    assert!(naru(data, &["keys", "revoke", key]).status.success());
    let keys = json(data, &["keys", "list", "--store", id]);
    assert!(keys["items"][0]["revokedAt"].is_string(), "{keys}");
    assert!(keys["items"][0].get("secret").is_none(), "{keys}");

    let channels = json(data, &["channels", "list", "--store", STORE_ID]);
    let of = SandboxFile::read(data).unwrap().channels;
    assert_eq!(channels["items"].as_array().unwrap().len(), of.len());
    let off = json(data, &["channels", "disable", &of[1].key]);
    assert_eq!(off["isEnabled"], false);

    let refused = naru(data, &["stores", "show", "nope"]);
    assert_eq!(refused.status.code(), Some(1));
    let words = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(
        words,
        "error: `nope` is no store\nhint: see `naru stores list`\n"
    );

    assert!(sandbox.stop(), "SIGTERM ends it well");
    let sandbox = Sandbox::start(data);
    assert_eq!(json(data, &["stores", "show", id])["name"], "모퉁이");
    assert_eq!(
        json(data, &["channels", "show", &of[1].key])["isEnabled"],
        false
    );
    assert!(sandbox.stop());
}

#[test]
fn a_second_sandbox_is_refused_and_serve_refuses_the_data() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let sandbox = Sandbox::start(&data);
    let second = naru(&data, &["sandbox", "--listen", "127.0.0.1:0"]);
    let words = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1));
    let holder = format!(
        "is in use by a server with process id `{}`",
        sandbox.process.id()
    );
    assert!(words.contains(&holder), "{words}");
    assert!(sandbox.stop());

    let config = directory.path().join("naru.toml");
    let text = format!(
        "[server]\npublic = \"127.0.0.1:0\"\nprivate = \"127.0.0.1:0\"\n\
         [database]\nurl = \"sqlite:{data}/naru.db\"\n\
         [keys]\nmaster_file = \"{data}/master.key\"\n",
        data = data.display()
    );
    std::fs::write(&config, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_naru"));
    let serve = command
        .arg("serve")
        .arg("--config")
        .arg(&config)
        .output()
        .unwrap();
    let words = String::from_utf8(serve.stderr).unwrap();
    assert_eq!(serve.status.code(), Some(1));
    assert!(
        words.contains("error: the database is a sandbox's"),
        "{words}"
    );
}
