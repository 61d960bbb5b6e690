//! How often what goes wrong. Each run draws its own: most runs have some kinds of faults and not
//! others, since a run with all of them seldom gets far.

use crate::dice::Dice;

/// Chances, each in ten thousand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weather {
    /// A process dies at a call of a port, before or after it took effect.
    pub crash: u64,
    /// A commit fails and leaves nothing.
    pub commit_lost: u64,
    /// A commit takes effect, but its answer is lost.
    pub commit_unanswered: u64,
    /// A read of the store fails.
    pub read_fails: u64,
    /// The PG refuses the connection.
    pub refused: u64,
    /// A request to the PG is lost.
    pub request_lost: u64,
    /// How long a sync of the disk takes at most, in milliseconds.
    pub sync_ms: u64,
    /// A sync fails: what waited for it is lost, and the process stops.
    pub sync_fails: u64,
    /// The disk is full for a while: no unit is taken, reads go on.
    pub disk_full: u64,
    /// The PG's answer is lost.
    pub answer_lost: u64,
    /// A request arrives twice.
    pub twice: u64,
    /// A request arrives after its sender has given up.
    pub late: u64,
    /// The PG is told to misbehave at the next call of its kind.
    pub pg_fault: u64,
    /// A receiver of webhooks refuses, or gives no answer.
    pub receiver: u64,
    /// A notice is lost on its way, or its answer is.
    pub notice_lost: u64,
    /// A notice comes twice.
    pub notice_twice: u64,
    /// A notice is late.
    pub notice_late: u64,
}

impl Weather {
    /// A storm of some kinds of faults.
    pub fn storm(dice: &Dice) -> Self {
        let some = |most: u64| {
            if dice.happens(6_000) {
                dice.between(1, most)
            } else {
                0
            }
        };
        Self {
            sync_ms: some(400),
            sync_fails: some(10),
            disk_full: some(20),
            crash: some(120),
            commit_lost: some(200),
            commit_unanswered: some(200),
            read_fails: some(100),
            refused: some(800),
            request_lost: some(800),
            answer_lost: some(1_500),
            twice: some(800),
            late: some(500),
            pg_fault: some(2_000),
            receiver: some(4_000),
            notice_lost: some(3_000),
            notice_twice: some(3_000),
            notice_late: some(3_000),
        }
    }
}
