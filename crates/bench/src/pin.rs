//! Which cores run what. A process inherits the cores of the thread that starts it.

use std::sync::OnceLock;

use anyhow::Result;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The halves of the machine.
#[derive(Debug, Clone)]
pub struct Halves {
    /// For the server and its ceilings.
    pub server: Vec<usize>,
    /// For load and simulated PGs.
    pub load: Vec<usize>,
}

impl Halves {
    /// Of the cores that this process might use when it was first asked. With one core both
    /// halves are that one.
    pub fn find() -> Result<Self> {
        static FOUND: OnceLock<Halves> = OnceLock::new();
        if let Some(found) = FOUND.get() {
            return Ok(found.clone());
        }
        let set = sched_getaffinity(None)?;
        let cores: Vec<usize> = (0..CpuSet::MAX_CPU)
            .filter(|core| set.is_set(*core))
            .collect();
        let (server, load) = cores.split_at(cores.len() / 2);
        let server = if server.is_empty() { load } else { server };
        let halves = Self {
            server: server.to_vec(),
            load: load.to_vec(),
        };
        Ok(FOUND.get_or_init(|| halves).clone())
    }
}

/// Does something while the calling thread is on these cores: what it starts inherits them.
pub fn during<T>(cores: &[usize], what: impl FnOnce() -> T) -> Result<T> {
    let before = sched_getaffinity(None)?;
    to(cores)?;
    let done = what();
    sched_setaffinity(None, &before)?;
    Ok(done)
}

/// Moves the calling thread, and what it starts from now on, to these cores.
pub fn to(cores: &[usize]) -> Result<()> {
    let mut set = CpuSet::new();
    for core in cores {
        set.set(*core);
    }
    sched_setaffinity(None, &set)?;
    Ok(())
}
