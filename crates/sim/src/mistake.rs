//! Bugs that can be switched on. They sit in the ports, as if the code behind or before them were
//! wrong; no line of the engine knows of them.

/// A bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// A commit is answered before it is on disk.
    AnswerBeforeSync,
    /// A change does not look whether the row is still as it was read.
    ForgottenVersion,
    /// A conflict passes for success.
    ConflictIsSuccess,
    /// A commit that failed passes for success.
    FailureIsSuccess,
    /// A unit is written in two halves.
    HalfUnits,
    /// Webhooks and the jobs that deliver them are written after the commit of their cause.
    OutboxOutside,
    /// The job that finds out about an attempt is written after the attempt.
    JobOutside,
    /// The record of an idempotency key is written after what it is about.
    IdempotencyOutside,
    /// Jobs are not deleted when they are done.
    JobsStay,
    /// The event that tells of a change is not written with it.
    ForgottenEvents,
    /// Money that moved is not posted to the journal.
    ForgottenPostings,
    /// A request to the PG whose answer was lost passes for one that never left.
    LostIsNotSent,
    /// The PG's word that there is no such transaction is believed at once.
    BelievedTooSoon,
    /// A webhook that the receiver refused passes for delivered.
    RefusedIsDelivered,
}

impl Mistake {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::AnswerBeforeSync,
        Self::ForgottenVersion,
        Self::ConflictIsSuccess,
        Self::FailureIsSuccess,
        Self::HalfUnits,
        Self::OutboxOutside,
        Self::JobOutside,
        Self::IdempotencyOutside,
        Self::JobsStay,
        Self::ForgottenEvents,
        Self::ForgottenPostings,
        Self::LostIsNotSent,
        Self::BelievedTooSoon,
        Self::RefusedIsDelivered,
    ];

    /// The name on the command line.
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    /// The mistake of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|mistake| mistake.name().eq_ignore_ascii_case(name))
    }
}
