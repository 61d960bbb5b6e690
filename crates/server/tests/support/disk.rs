//! A small disk of a test's own that can be filled: a `tmpfs`, mounted and unmounted by the test.
//!
//! Mounting needs the right to (root, outside of most containers). Where it is not there,
//! [`SmallDisk::mount`] says so, and the test has to tell that it did not run.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Cluster;

const BALLAST: &str = "ballast";

/// A mounted disk. Unmounted when dropped.
#[derive(Debug)]
pub struct SmallDisk {
    directory: PathBuf,
}

impl SmallDisk {
    /// Mounts one of so many MiB over an existing directory; `None` where that is not allowed.
    pub fn mount(directory: &Path, mib: u32) -> Option<Self> {
        let size = format!("size={mib}m,mode=0700");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]);
        let done = quietly(mount.arg(directory));
        done.then(|| Self {
            directory: directory.to_owned(),
        })
    }

    /// Takes all the room that is left.
    pub fn fill(&self) {
        let mut ballast = File::create(self.directory.join(BALLAST)).unwrap();
        for size in [1 << 20, 1 << 12, 1] {
            let block = vec![0; size];
            while ballast.write_all(&block).is_ok() {}
        }
    }

    /// Gives it back.
    pub fn free(&self) {
        fs::remove_file(self.directory.join(BALLAST)).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        unmount(&self.directory);
    }
}

/// A PostgreSQL whose disk can be filled.
#[derive(Debug)]
pub struct SmallCluster {
    /// The cluster. Ends before its disk does.
    pub cluster: Cluster,
    /// Its disk.
    pub disk: SmallDisk,
}

impl SmallCluster {
    /// Makes and starts one; `None` where no disk can be mounted.
    pub fn start(mib: u32) -> Option<Self> {
        let directory = Cluster::directory();
        let Some(disk) = SmallDisk::mount(&directory, mib) else {
            fs::remove_dir(directory).unwrap();
            return None;
        };
        // A log in small pieces does not take the whole disk.
        let cluster = Cluster::start_in(directory, &["--wal-segsize=1"]);
        Some(Self { cluster, disk })
    }
}

/// Unmounts what is mounted there, if anything is. What still uses it keeps it until it ends.
fn unmount(directory: &Path) -> bool {
    quietly(Command::new("umount").arg("--lazy").arg(directory))
}

fn quietly(command: &mut Command) -> bool {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
