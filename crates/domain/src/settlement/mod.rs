//! Settlements as a PG reports them, compared with our books line by line.
//!
//! A *line* is one approval, cancellation or correction that the PG pays out or takes back on a
//! day. Reading files is the connectors' business, finding the payment is the engine's; here is
//! what is equal and what is not, and the sums. Invariant: of every line's parts
//! `total = supply + VAT + tax-free`.

mod compare;
mod line;
mod sums;

pub use compare::{Action, MatchStatus, Ours, Reason, Verdict, compare, our_approval};
pub use compare::{our_cancellation, tie_cancellation};
pub use line::{LineKind, LineMethod, SettlementLine, Taxation};
pub use sums::{LineFigures, Summary, Tally, VatSums, figures};
