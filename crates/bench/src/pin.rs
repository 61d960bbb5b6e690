//! Which cores run what. A process inherits the cores of the thread that starts it.

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
    /// Of the cores that this process may use. With one core both halves are that one.
    pub fn find() -> Result<Self> {
        let set = sched_getaffinity(None)?;
        let cores: Vec<usize> = (0..CpuSet::MAX_CPU)
            .filter(|core| set.is_set(*core))
            .collect();
        let (server, load) = cores.split_at(cores.len() / 2);
        let server = if server.is_empty() { load } else { server };
        Ok(Self {
            server: server.to_vec(),
            load: load.to_vec(),
        })
    }
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
