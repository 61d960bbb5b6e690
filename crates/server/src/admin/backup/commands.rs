//! `naru backup`: asks the server for the copy, and watches it grow.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::types::{Backup, NewBackup};
use crate::admin::client::AdminClient;
use crate::cli::BackupArgs;
use crate::output;

/// How often the file is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
const MIB: u64 = 1024 * 1024;

/// `naru backup`
pub async fn backup(arguments: BackupArgs) -> anyhow::Result<()> {
    let client = AdminClient::find(&arguments.reach)?;
    let to = std::path::absolute(&arguments.to)?;
    let started_at = Instant::now();
    let asked = NewBackup {
        to: to.to_string_lossy().into_owned(),
    };
    let mut copy = std::pin::pin!(client.post_for_long::<Backup>(&["backup"], &asked));
    let made = loop {
        tokio::select! {
            made = &mut copy => break made?,
            () = tokio::time::sleep(LOOK_AGAIN) => progress(&to),
        }
    };
    if arguments.json {
        return output::json(&made);
    }
    output::line(format!(
        "{}  {} MiB, checked, in {} s",
        made.to,
        made.bytes.div_ceil(MIB),
        started_at.elapsed().as_secs()
    ));
    output::note("the master key is not in it: keep a copy of that elsewhere");
    Ok(())
}

/// How large the copy is by now, where it is made on this machine.
fn progress(to: &Path) {
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    if let Ok(file) = std::fs::metadata(PathBuf::from(part)) {
        output::progress(format!("{} MiB …", file.len() / MIB));
    }
}
