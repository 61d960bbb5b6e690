//! A small PostgreSQL cluster with `fsync` on, for tests that kill what writes to it.
//!
//! The cluster of `cargo xtask test` runs without `fsync`, which servers refuse. This one is made
//! by hand in the same way: on loopback, on a free port, as `postgres` where the test runs as
//! root. Stopped when dropped; what a killed test leaves behind is swept by the next.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

const PREFIX: &str = "naru-durable-postgres-";
const START_TIMEOUT: Duration = Duration::from_mins(1);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Tells clusters of one process apart.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A running cluster with one empty database.
#[derive(Debug)]
pub struct Cluster {
    directory: PathBuf,
    programs: PathBuf,
    /// User and group that it runs as, where that is not us.
    owner: Option<(u32, u32)>,
    port: u16,
    server: Option<Child>,
}

impl Cluster {
    /// Makes and starts one.
    pub fn start() -> Self {
        Self::start_in(Self::directory(), &[])
    }

    /// A new directory for one.
    pub fn directory() -> PathBuf {
        sweep(&find_programs());
        let name = format!(
            "{PREFIX}{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(&directory).unwrap();
        directory
    }

    /// Makes one in its directory, with further arguments of `initdb`, and starts it.
    pub fn start_in(directory: PathBuf, arguments: &[&str]) -> Self {
        let mut cluster = Self::at(directory, free_port());
        cluster.init(arguments);
        cluster.launch();
        cluster
    }

    /// Makes and starts a standby of another one, on a port of its own or on a given one.
    pub fn standby_of(primary: &Self, port: Option<u16>) -> Self {
        let mut standby = Self::at(Self::directory(), port.unwrap_or_else(free_port));
        let mut copy = standby.program("pg_basebackup");
        copy.args(["-D", "data", "-h", "127.0.0.1", "-U", "postgres"]);
        copy.args(["-p", &primary.port.to_string()]);
        succeeds(copy.args(["-X", "stream", "-c", "fast", "--write-recovery-conf"]));
        standby.launch();
        standby
    }

    fn at(directory: PathBuf, port: u16) -> Self {
        Self {
            owner: hand_over(&directory),
            port,
            directory,
            programs: find_programs(),
            server: None,
        }
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its first database is.
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a further, empty database.
    pub async fn create(&self, database: &str) -> String {
        self.tell(&format!("CREATE DATABASE {database}")).await;
        self.url_of(database)
    }

    /// Runs a statement, and gives the first value of its answer as a text; empty for none.
    pub async fn tell(&self, statement: &str) -> String {
        let connected = tokio_postgres::connect(&self.url(), tokio_postgres::NoTls).await;
        let (client, connection) = connected.unwrap();
        let connection = tokio::spawn(connection);
        let answer = client.simple_query(statement).await.unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
        let value = answer.iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        value.unwrap_or_default().to_owned()
    }

    /// Ends it without any order, and starts it again: it recovers from its log.
    pub fn crash_and_restart(&mut self) {
        self.stop_and_restart("immediate");
    }

    /// Stops it in order, which ends every connection, and starts it again.
    pub fn restart(&mut self) {
        self.stop_and_restart("fast");
    }

    fn stop_and_restart(&mut self, mode: &str) {
        let mut stop = self.program("pg_ctl");
        succeeds(stop.args(["stop", "-D", "data", "-m", mode, "-w"]));
        if let Some(mut server) = self.server.take() {
            server.wait().unwrap();
        }
        self.launch();
    }

    /// SIGKILL to all of its processes, as if its machine were gone.
    pub fn kill(&mut self) {
        let Some(mut server) = self.server.take() else {
            return;
        };
        let postmaster = server.id();
        let workers = children(postmaster);
        for process in [postmaster].into_iter().chain(workers) {
            let id = Pid::from_raw(i32::try_from(process).unwrap()).unwrap();
            // A worker may have ended since.
            let _gone = kill_process(id, Signal::KILL);
        }
        server.wait().unwrap();
    }

    /// Makes a standby the primary.
    pub fn promote(&self) {
        let mut promote = self.program("pg_ctl");
        succeeds(promote.args(["promote", "-D", "data", "-w"]));
    }

    /// Starts it again if it has ended by itself. True if it had.
    pub fn revive(&mut self) -> bool {
        let ended = |server: &mut Child| server.try_wait().unwrap().is_some();
        let is_gone = self.server.as_mut().is_none_or(ended);
        if is_gone {
            self.launch();
        }
        is_gone
    }

    fn init(&self, arguments: &[&str]) {
        let mut initdb = self.program("initdb");
        initdb.args(["--no-sync", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]);
        succeeds(
            initdb
                .args(["-U", "postgres", "-D", "data"])
                .args(arguments),
        );
    }

    fn launch(&mut self) {
        let log = fs::File::create(self.directory.join("log")).unwrap();
        let mut postgres = self.program("postgres");
        postgres.args(["-D", "data", "-p", &self.port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "shared_buffers=32MB",
            "max_connections=100",
        ] {
            postgres.args(["-c", setting]);
        }
        postgres.stdout(log.try_clone().unwrap()).stderr(log);
        self.server = Some(postgres.spawn().unwrap());
        let deadline = Instant::now() + START_TIMEOUT;
        // The eighth line of `postmaster.pid` says how far the start has come.
        while Instant::now() < deadline {
            let state = fs::read_to_string(self.directory.join("data/postmaster.pid"));
            let is_ready = |text: String| text.lines().nth(7).is_some_and(|l| l.trim() == "ready");
            if state.is_ok_and(is_ready) {
                return;
            }
            std::thread::sleep(POLL_INTERVAL);
        }
        let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
        panic!("PostgreSQL did not start: {log}")
    }

    fn program(&self, name: &str) -> Command {
        program(&self.programs, name, &self.directory, self.owner)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        remove(&self.programs, &self.directory, self.owner);
        if let Some(server) = &mut self.server {
            let _ended = server.wait();
        }
    }
}

fn program(programs: &Path, name: &str, directory: &Path, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(programs.join(name));
    command.current_dir(directory).stdin(Stdio::null());
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}

/// Runs a program to its end.
fn succeeds(command: &mut Command) {
    let done = command.output().unwrap();
    let words = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{command:?} failed: {words}");
}

/// The processes that a process has started.
fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok());
    let is_child = |id: &u32| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        // After the name, which may hold anything: its state, then its parent.
        let after = stat.rsplit(')').next().unwrap_or_default().to_owned();
        after.split_whitespace().nth(1) == Some(parent.to_string().as_str())
    };
    ids.filter(is_child).collect()
}

fn free_port() -> u16 {
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    free.local_addr().unwrap().port()
}

fn remove(programs: &Path, directory: &Path, owner: Option<(u32, u32)>) {
    let mut stop = program(programs, "pg_ctl", directory, owner);
    // It may have ended by itself; what matters is that the directory goes.
    let _stopped = stop
        .args(["stop", "-D", "data", "-m", "immediate", "-w"])
        .output();
    if fs::remove_dir_all(directory).is_err() {
        // A disk of its own may be mounted there, and its test be gone.
        let _unmounted = Command::new("umount").arg("--lazy").arg(directory).output();
        let _removed = fs::remove_dir_all(directory);
    }
}

/// Removes the clusters of test processes that are gone.
fn sweep(programs: &Path) {
    for entry in fs::read_dir(std::env::temp_dir()).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(rest) = name.strip_prefix(PREFIX) else {
            continue;
        };
        let process = rest.split('-').next().unwrap_or_default();
        if Path::new("/proc/self").exists() && !Path::new("/proc").join(process).exists() {
            let owner = entry
                .metadata()
                .ok()
                .map(|found| (found.uid(), found.gid()));
            remove(programs, &entry.path(), owner.filter(|_| is_root()));
        }
    }
}

fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

/// Gives a directory to the user that will run the cluster; `None` if that is ourselves.
fn hand_over(directory: &Path) -> Option<(u32, u32)> {
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).unwrap();
    if !is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let found = user(&users, "postgres").or_else(|| user(&users, "nobody"));
    let owner = found.unwrap_or_else(|| panic!("root can't run PostgreSQL, and nobody else is"));
    chown(directory, Some(owner.0), Some(owner.1)).unwrap();
    Some(owner)
}

fn user(users: &str, name: &str) -> Option<(u32, u32)> {
    let line = users
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// The directory of PostgreSQL's server programs.
fn find_programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    // Debian keeps them out of PATH, one directory per version.
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    versions.sort();
    places.extend(versions.into_iter().rev());
    let is_complete = |directory: &PathBuf| {
        ["initdb", "postgres", "pg_basebackup", "pg_ctl"]
            .iter()
            .all(|name| directory.join(name).exists())
    };
    places.into_iter().find(is_complete).unwrap_or_else(|| {
        panic!(
            "PostgreSQL's server programs are missing\nhint: run the tests with `cargo xtask \
             test`, which installs them, or install the package `postgresql`"
        )
    })
}
