//! `naru` as a process: started on free ports, told apart by its data directory.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, prlimit};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};

/// A loaded machine with a build without optimisation may take its time.
const START_TIMEOUT: Duration = Duration::from_mins(1);
const STOP_TIMEOUT: Duration = Duration::from_mins(1);

/// How many channels of a sandbox take money; they are its first.
const CHANNELS: usize = 3;

/// The binary under test: the one of this build, or the one that `NARU_BIN` names.
pub fn binary() -> String {
    std::env::var("NARU_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_naru").to_owned())
}

/// A running `naru`. Killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    // Kept open: a process that prints to a closed pipe would end for the wrong reason.
    stdout: BufReader<ChildStdout>,
    log: PathBuf,
}

impl Process {
    fn spawn(arguments: &[&str], directory: &Path) -> Self {
        std::fs::create_dir_all(directory).unwrap();
        let log = directory.join("stderr.log");
        let errors = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .unwrap();
        let mut child = Command::new(binary())
            .args(arguments)
            .arg("--data")
            .arg(directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout, log }
    }

    /// Waits for the line of standard output that begins so.
    async fn line(&mut self, start: &str) -> Result<String, String> {
        let reading = async {
            loop {
                let mut line = String::new();
                match self.stdout.read_line(&mut line).await {
                    Ok(0) | Err(_) => return None,
                    Ok(_) if line.starts_with(start) => return Some(line.trim().to_owned()),
                    Ok(_) => {}
                }
            }
        };
        match tokio::time::timeout(START_TIMEOUT, reading).await {
            Ok(Some(line)) => Ok(line),
            Ok(None) => Err(format!("naru ended at its start\n{}", self.last_words())),
            Err(_) => Err(format!("naru does not start\n{}", self.last_words())),
        }
    }

    /// The end of what it wrote to standard error.
    pub fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }

    /// SIGKILL, and waits until it is gone.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().unwrap();
        status.map(|status| format!("{status}\n{}", self.last_words()))
    }

    fn id(&self) -> Pid {
        let id = i32::try_from(self.child.id().unwrap()).unwrap();
        Pid::from_raw(id).unwrap()
    }

    /// Lets no file that it writes grow beyond so many bytes, from now on; `None` lifts that.
    pub fn limit_file_size(&self, bytes: Option<u64>) {
        let maximum = getrlimit(Resource::Fsize).maximum;
        let current = bytes.or(maximum);
        let limit = Rlimit { current, maximum };
        prlimit(Some(self.id()), Resource::Fsize, limit).unwrap();
    }

    /// SIGTERM, and waits until it has ended. True if it ended in order.
    pub async fn stop(&mut self) -> bool {
        kill_process(self.id(), Signal::TERM).unwrap();
        match tokio::time::timeout(STOP_TIMEOUT, self.child.wait()).await {
            Ok(status) => status.unwrap().success(),
            Err(_) => false,
        }
    }
}

/// `naru pg-sim`.
#[derive(Debug)]
pub struct Simulator {
    /// The process.
    pub process: Process,
    /// Its base URL, the same after a restart.
    pub url: String,
    directory: PathBuf,
}

impl Simulator {
    /// Starts it on a free port.
    pub async fn start(directory: &Path) -> Self {
        Self::start_at(directory, "127.0.0.1:0").await
    }

    async fn start_at(directory: &Path, address: &str) -> Self {
        let mut process = Process::spawn(&["pg-sim", "--listen", address], directory);
        let url = process.line("http://").await.unwrap();
        Self {
            process,
            url,
            directory: directory.to_owned(),
        }
    }

    /// Kills it and starts it again with the same books at the same address.
    pub async fn kill_and_restart(&mut self) {
        self.process.kill().await;
        let address = self.url.trim_start_matches("http://").to_owned();
        *self = Self::start_at(&self.directory, &address).await;
    }
}

/// Where a sandbox is and what opens it.
#[derive(Debug, Clone)]
pub struct Place {
    /// The public listener.
    pub url: String,
    /// The private listener.
    pub private: String,
    /// The API secret.
    pub secret: String,
    /// The signing secret of webhooks.
    pub webhook_secret: String,
    /// The store.
    pub store: String,
    /// The first channel.
    pub channel: String,
    /// All channels that take money.
    pub channels: Vec<String>,
    /// The first channel group.
    pub channel_group: String,
}

impl Place {
    fn read(directory: &Path) -> Self {
        let text = std::fs::read_to_string(directory.join("sandbox.json")).unwrap();
        let file: Value = serde_json::from_str(&text).unwrap();
        let field = |pointer: &str| {
            let found = file.pointer(pointer).and_then(Value::as_str);
            found.unwrap_or_else(|| panic!("{pointer}")).to_owned()
        };
        Self {
            url: field("/v2/url"),
            private: field("/console/url"),
            secret: field("/v2/apiSecret"),
            webhook_secret: field("/v2/webhookSecret"),
            store: field("/v2/storeId"),
            channel: field("/channels/0/key"),
            channels: (0..CHANNELS)
                .map(|at| field(&format!("/channels/{at}/key")))
                .collect(),
            channel_group: field("/channelGroups/0/id"),
        }
    }
}

/// How to start a sandbox.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// Its data.
    pub directory: PathBuf,
    /// The simulated PGs.
    pub simulator: String,
    /// A database instead of the file under the directory.
    pub database: Option<String>,
}

impl SandboxOptions {
    /// Options of a further node on the same database: it needs the same master key.
    pub fn second_node(&self, directory: &Path) -> Self {
        std::fs::create_dir_all(directory).unwrap();
        let key = "master.key";
        std::fs::copy(self.directory.join(key), directory.join(key)).unwrap();
        Self {
            directory: directory.to_owned(),
            ..self.clone()
        }
    }
}

/// `naru sandbox`.
#[derive(Debug)]
pub struct Sandbox {
    /// The process.
    pub process: Process,
    /// Where it is.
    pub place: Place,
    /// Its data.
    pub directory: PathBuf,
}

impl Sandbox {
    /// Starts it and waits until it serves.
    pub async fn start(options: &SandboxOptions) -> Self {
        let mut process = Self::spawn(options);
        process.line("V2 API").await.unwrap();
        Self {
            process,
            place: Place::read(&options.directory),
            directory: options.directory.clone(),
        }
    }

    /// Lets payments by channel group go on through another channel when the PG is not there.
    pub async fn allow_failover(&self, options: &SandboxOptions) {
        let set = Command::new(binary())
            .args(["routing", "set", &self.place.channel_group])
            .args(["--failover", "1", "--data"])
            .arg(&options.directory)
            .stdout(Stdio::null())
            .status();
        assert!(set.await.unwrap().success());
    }

    /// Starts it without waiting.
    pub fn spawn(options: &SandboxOptions) -> Process {
        let mut arguments = vec!["sandbox", "--listen", "127.0.0.1:0"];
        arguments.extend(["--simulator", &options.simulator]);
        if let Some(database) = &options.database {
            arguments.extend(["--database", database]);
        }
        Process::spawn(&arguments, &options.directory)
    }
}
