//! Processes under measurement, and what `/proc` says of them.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use crate::pin;

/// Ticks of `/proc/PID/stat` per second: the same on every Linux.
const TICKS: u64 = 100;

/// A process that is killed when dropped.
pub struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Process {
    /// Starts a program on these cores.
    pub fn start(program: &Path, arguments: &[&str], cores: &[usize]) -> Result<Self> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            // What it logs is not measured here.
            .env("NARU_LOG__LEVEL", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let started = pin::during(cores, || command.spawn())?;
        let mut child = started.with_context(|| format!("starting {}", program.display()))?;
        let stdout = child.stdout.take().context("no output")?;
        Ok(Self {
            child,
            stdout: BufReader::new(stdout),
        })
    }

    /// The first line that begins so.
    pub async fn line(&mut self, start: &str) -> Result<String> {
        loop {
            let mut line = String::new();
            if self.stdout.read_line(&mut line).await? == 0 {
                anyhow::bail!("it ended before it said `{start}`");
            }
            if line.starts_with(start) {
                return Ok(line.trim().to_owned());
            }
        }
    }

    /// Kills it.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Its number.
    pub fn id(&self) -> Result<u32> {
        self.child.id().context("it has ended")
    }

    fn proc(&self, file: &str) -> Result<String> {
        let pid = self.id()?;
        Ok(std::fs::read_to_string(format!("/proc/{pid}/{file}"))?)
    }

    /// Memory in KiB: now, and at most so far.
    pub fn memory_kib(&self) -> Result<(u64, u64)> {
        let status = self.proc("status")?;
        let field = |name: &str| -> Option<u64> {
            let line = status.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        Ok((
            field("VmRSS:").context("no VmRSS")?,
            field("VmHWM:").context("no VmHWM")?,
        ))
    }

    /// Processor time used so far, in microseconds.
    pub fn processor_us(&self) -> Result<u64> {
        processor_us(&self.proc("stat")?, false)
    }
}

/// The processor time in the text of `/proc/PID/stat`, in microseconds; `ended`: with that of
/// children that have ended.
pub fn processor_us(stat: &str, ended: bool) -> Result<u64> {
    // The name, in brackets, may hold anything; fields 14 to 17 are counted from the pid.
    let rest = stat.rsplit_once(')').context("stat")?.1;
    let fields = rest.split_whitespace().skip(11);
    let mut ticks = 0;
    for field in fields.take(if ended { 4 } else { 2 }) {
        ticks += field.parse::<u64>()?;
    }
    Ok(ticks * 1_000_000 / TICKS)
}

/// `naru sandbox`.
pub struct Naru {
    /// The process.
    pub process: Process,
    /// From the start of the process until it serves.
    pub start: Duration,
    /// `HOST:PORT` of the public listener.
    pub address: String,
    /// The API secret.
    pub secret: String,
    /// The store.
    pub store: String,
    /// Key and secret of V1.
    pub v1_key: [String; 2],
    /// The channel.
    pub channel: String,
}

/// How to start it.
pub struct Setup<'a> {
    /// The binary.
    pub binary: &'a Path,
    /// Its data.
    pub directory: PathBuf,
    /// The simulators.
    pub simulator: &'a str,
    /// A database instead of SQLite.
    pub database: Option<&'a str>,
    /// Its cores.
    pub cores: &'a [usize],
    /// A program to run it under, with its arguments; none if empty.
    pub under: &'a [&'a str],
}

impl Naru {
    /// Starts it and waits until it serves.
    pub async fn start(setup: &Setup<'_>) -> Result<Self> {
        let directory = setup.directory.to_string_lossy().into_owned();
        let mut arguments = vec!["sandbox", "--listen", "127.0.0.1:0", "--data", &directory];
        arguments.extend(["--simulator", setup.simulator]);
        if let Some(database) = setup.database {
            arguments.extend(["--database", database]);
        }
        let began = Instant::now();
        let binary = setup.binary.to_string_lossy();
        let mut words = setup.under.to_vec();
        words.push(&binary);
        words.extend(arguments);
        let (program, words) = words.split_first().context("no program")?;
        let mut process = Process::start(Path::new(program), words, setup.cores)?;
        process.line("V2 API").await?;
        let start = began.elapsed();
        let file: Value =
            serde_json::from_slice(&std::fs::read(setup.directory.join("sandbox.json"))?)?;
        let field = |pointer: &str| -> Result<String> {
            let found = file.pointer(pointer).and_then(Value::as_str);
            Ok(found.with_context(|| pointer.to_owned())?.to_owned())
        };
        Ok(Self {
            process,
            start,
            address: field("/v2/url")?.replace("http://", ""),
            secret: field("/v2/apiSecret")?,
            store: field("/v2/storeId")?,
            v1_key: [field("/v1/impKey")?, field("/v1/impSecret")?],
            channel: field("/channels/0/key")?,
        })
    }
}
