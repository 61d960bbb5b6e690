//! Reconciliation: what PGs settled against our books, and our books against the PGs' answers.
//!
//! Two things that share a purpose. *Settlements*: a PG's file is imported, each line compared
//! with the payment it is about, the sums kept for reports. *Comparison*: payments at rest are
//! inquired about, and differences written down. Invariants: nothing here changes a payment; a
//! file counts as a whole or not at all; reports see only lines that count.

mod compare;
mod differences;
mod enrolment;
mod find;
mod import;
mod lines;
mod rematch;
mod report;
mod sweep;
mod visits;

pub use compare::Compared;
pub use differences::{DifferenceFilter, DifferencesPage};
pub use import::{DayOutcome, Imported, ImportedDay, Progress, SettlementImport};
pub use report::{Axis, LinesPage, ReportFilter, ReportRow, SettlementReport, VatReport, VatRow};

use jiff::tz::TimeZone;

use crate::records::StoreRecord;

/// Settings of the comparison and of imports; configuration, with these defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompareConfig {
    /// How long after its status changed a payment is first compared, in seconds.
    pub delay_s: i64,
    /// On how many days after that it is compared again.
    pub days: u16,
    /// Inquiries per second, of one merchant's stores and so at most of each of their channels.
    pub per_second_max: u32,
    /// After how many days a payment has to be in a settlement, where those are collected.
    pub settled_within_days: u16,
    /// The largest settlement file that is taken, in bytes.
    pub file_bytes_max: usize,
}

impl Default for CompareConfig {
    fn default() -> Self {
        Self {
            delay_s: 600,
            days: 3,
            per_second_max: 2,
            settled_within_days: 30,
            file_bytes_max: 32 * 1024 * 1024,
        }
    }
}

/// The time zone that a store's days are of.
pub(crate) fn zone_of(store: &StoreRecord) -> TimeZone {
    TimeZone::get(&store.time_zone).unwrap_or_else(|_| korea())
}

/// The time zone that the days of Korean PGs are of.
pub(crate) fn korea() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(9))
}
