//! No core dumps (P8): a dump would hold card numbers and keys that are in memory for a moment.
//!
//! The resource limit stops dumps to files; where dumps are piped to a collector the limit is
//! not looked at, so the process also says that it is not to be dumped.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Switches core dumps off for this process and its children.
pub fn switch_off() -> std::io::Result<()> {
    setrlimit(
        Resource::Core,
        Rlimit {
            current: Some(0),
            maximum: Some(0),
        },
    )?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}
