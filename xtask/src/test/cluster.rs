//! One PostgreSQL cluster for one run of the tests.
//!
//! Made by hand: on loopback only, with a free port and without sync, in a directory of its own
//! under the system's temporary folder, whose name carries the id of the process that made it. It
//! is stopped when the value is dropped. A run that was killed leaves its cluster behind; the next
//! run sweeps those whose process is gone. PostgreSQL refuses to run as root, so for root it runs
//! as `postgres`, else `nobody`.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

const PREFIX: &str = "naru-test-postgres-";
const START_TIMEOUT: Duration = Duration::from_secs(30);
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// Two test processes at a time, a few pools each; a hundred would do.
const CONNECTIONS_MAX: u32 = 200;

/// A running cluster.
pub struct Cluster {
    dir: PathBuf,
    bin: PathBuf,
    owner: Option<Owner>,
    port: u16,
}

/// The user that runs the cluster in place of root.
#[derive(Clone, Copy)]
struct Owner {
    uid: u32,
    gid: u32,
}

impl Cluster {
    /// Makes and starts a cluster with the programs in `bin`.
    pub fn start(bin: &Path) -> Result<Self> {
        sweep(bin);
        let dir = std::env::temp_dir().join(format!("{PREFIX}{}", std::process::id()));
        fs::create_dir_all(&dir).with_context(|| format!("creating {}", dir.display()))?;
        let owner = hand_over(&dir)?;
        // From here on the value's drop removes what was made.
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let cluster = Self {
            dir,
            bin: bin.to_path_buf(),
            owner,
            port,
        };
        cluster.init()?;
        cluster.launch()?;
        cluster.wait_until_ready()?;
        println!(
            "PostgreSQL runs on port {port} in {}",
            cluster.dir.display()
        );
        Ok(cluster)
    }

    /// Where tests find it.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn init(&self) -> Result<()> {
        let mut initdb = program(&self.bin, "initdb", &self.dir, self.owner);
        initdb.args(["--no-sync", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]);
        initdb.args(["-U", "postgres", "-D", "data"]);
        let output = initdb.output().context("starting initdb")?;
        ensure!(
            output.status.success(),
            "initdb failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(())
    }

    fn launch(&self) -> Result<()> {
        let log = fs::File::create(self.dir.join("log"))?;
        let mut postgres = program(&self.bin, "postgres", &self.dir, self.owner);
        postgres.args(["-D", "data", "-p", &self.port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
            "full_page_writes=off",
            &format!("max_connections={CONNECTIONS_MAX}"),
        ] {
            postgres.args(["-c", setting]);
        }
        postgres.stdout(log.try_clone()?).stderr(log);
        postgres.spawn().context("starting postgres")?;
        Ok(())
    }

    /// The eighth line of `postmaster.pid` says how far the start has come.
    fn wait_until_ready(&self) -> Result<()> {
        let deadline = Instant::now() + START_TIMEOUT;
        while Instant::now() < deadline {
            let state = fs::read_to_string(self.dir.join("data/postmaster.pid"));
            if state.is_ok_and(|text| text.lines().nth(7).is_some_and(|l| l.trim() == "ready")) {
                return Ok(());
            }
            std::thread::sleep(POLL_INTERVAL);
        }
        let log = fs::read_to_string(self.dir.join("log")).unwrap_or_default();
        bail!("PostgreSQL did not start within {START_TIMEOUT:?}: {log}")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        stop_and_remove(&self.bin, &self.dir, self.owner);
    }
}

/// Gives the directory to the user that will run the cluster; `None` if that is ourselves.
fn hand_over(dir: &Path) -> Result<Option<Owner>> {
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
    // The directory was just created, so its owner is the user that we run as.
    if fs::metadata(dir)?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").context("reading /etc/passwd")?;
    let owner = user(&users, "postgres").or_else(|| user(&users, "nobody"));
    let owner = owner.context("root can't run PostgreSQL, and there is no user for it")?;
    chown(dir, Some(owner.uid), Some(owner.gid))?;
    Ok(Some(owner))
}

fn user(passwd: &str, name: &str) -> Option<Owner> {
    let line = passwd
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some(Owner {
        uid: fields.next()?.parse().ok()?,
        gid: fields.next()?.parse().ok()?,
    })
}

/// A program of PostgreSQL, run by the owner in a directory that the owner may enter.
fn program(bin: &Path, name: &str, dir: &Path, owner: Option<Owner>) -> Command {
    let mut command = Command::new(bin.join(name));
    command.current_dir(dir).stdin(Stdio::null());
    // A process group of its own: Ctrl-C reaches us, and we stop the cluster in order.
    command.process_group(0);
    if let Some(owner) = owner {
        command.uid(owner.uid).gid(owner.gid);
    }
    command
}

/// Stops the clusters of earlier runs that ended without stopping them.
fn sweep(bin: &Path) {
    for entry in fs::read_dir(std::env::temp_dir())
        .into_iter()
        .flatten()
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(pid) = name.strip_prefix(PREFIX) else {
            continue;
        };
        if Path::new("/proc").exists() && !Path::new("/proc").join(pid).exists() {
            println!(
                "removing {}, left over by an earlier run",
                entry.path().display()
            );
            let owner = entry.metadata().ok().filter(|m| m.uid() != 0);
            let owner = owner.filter(|_| is_root()).map(|m| Owner {
                uid: m.uid(),
                gid: m.gid(),
            });
            stop_and_remove(bin, &entry.path(), owner);
        }
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0)
}

fn stop_and_remove(bin: &Path, dir: &Path, owner: Option<Owner>) {
    if dir.join("data/postmaster.pid").exists() {
        let mut stop = program(bin, "pg_ctl", dir, owner);
        stop.args(["stop", "-D", "data", "-m", "immediate", "-w"]);
        // It may have ended by itself; what matters is that the directory goes.
        let _ = stop.output();
    }
    if let Err(error) = fs::remove_dir_all(dir) {
        println!("could not remove {}: {error}", dir.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_read_from_passwd() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n";
        let found = user(passwd, "nobody").map(|u| (u.uid, u.gid));
        assert_eq!(found, Some((65534, 65534)));
        assert!(user(passwd, "postgres").is_none());
    }
}
