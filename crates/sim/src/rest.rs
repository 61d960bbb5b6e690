//! Coming to rest: once nothing fails any more, all open work has to end by itself.

use naru_engine::records::JobRecord;
use naru_store::{Query, tables};

use crate::Shared;
use crate::time::sleep_ms;

/// How often it is looked whether all is done.
const LOOK_MS: u64 = 60_000;
/// How long it may take: longer than a webhook's last try and a virtual account's deadline.
const LOOKS_MAX: u32 = 16 * 60;
/// Jobs named in a finding.
const NAMED_MAX: u32 = 20;

/// Waits until there is no open work. Gives what never ended.
pub async fn come_to_rest(world: &Shared) -> Vec<String> {
    let mut open = Vec::new();
    for _ in 0..LOOKS_MAX {
        sleep_ms(LOOK_MS).await;
        let query = Query::of(&tables::JOBS, NAMED_MAX);
        let found = world.observer.store().list::<JobRecord>(query).await;
        open = found.expect("the observer's store never fails");
        if open.is_empty() {
            return Vec::new();
        }
    }
    let never = |job: &naru_store::Versioned<JobRecord>| {
        let (id, tries) = (&job.value.id, job.value.tries);
        format!("never came to rest: job `{id}`, tried {tries} times")
    };
    open.iter().map(never).collect()
}
