//! Settlements of PGs and the comparison of books.

use naru_domain::settlement::{
    Action, LineFigures, LineMethod, MatchStatus, Reason, SettlementLine,
};
use naru_domain::{
    AttemptId, CancellationId, ChannelKey, Currency, Day, DifferenceKind, PaymentId, StoreId,
    Timestamp,
};
use naru_store::{Record, Table, Value, tables};
use serde::{Deserialize, Serialize};

/// A store whose settlements are collected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentRecord {
    /// Which.
    pub store_id: StoreId,
    /// Transactions of earlier days are not collected.
    pub collected_from: Day,
    /// Since when.
    pub enrolled_at: Timestamp,
}

impl Record for EnrolmentRecord {
    const TABLE: &'static Table = &tables::ENROLMENTS;

    fn key(&self) -> Vec<Value> {
        vec![self.store_id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }
}

/// Whose settlement lines are about: the store that the channel belongs to, the PG as the
/// contract's reports name it, and the merchant id there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SettledContract {
    /// The channel's store.
    pub owner_id: StoreId,
    /// Such as `INICIS`.
    pub pg: String,
    /// The merchant id at the PG.
    pub pg_merchant_id: String,
}

/// A day of a PG's settlement that was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementDayRecord {
    /// Whose.
    pub contract: SettledContract,
    /// The channel that it was imported for.
    pub channel: ChannelKey,
    /// Which day.
    pub settled_on: Day,
    /// Which part of it, where a PG splits a day over several files; else empty.
    pub part: String,
    /// The batch of lines that counts.
    pub batch_id: String,
    /// SHA-256 of its lines, hex: the same again changes nothing.
    pub digest: String,
    /// How many lines.
    pub lines: u32,
    /// How many of them are neither matched nor from before collection began.
    pub unmatched: u32,
    /// What the file was called.
    pub file_name: String,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// When its lines are compared again; nothing once that is over.
    pub rematch_at: Option<Timestamp>,
}

impl Record for SettlementDayRecord {
    const TABLE: &'static Table = &tables::SETTLEMENT_DAYS;

    fn key(&self) -> Vec<Value> {
        vec![
            self.contract.owner_id.as_str().into(),
            self.contract.pg.as_str().into(),
            self.contract.pg_merchant_id.as_str().into(),
            self.settled_on.to_string().into(),
            self.part.as_str().into(),
        ]
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            self.batch_id.as_str().into(),
            i64::from(self.unmatched).into(),
            self.rematch_at.into(),
        ]
    }
}

/// Where a batch of lines stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BatchState {
    /// Its lines are being written. They do not count yet.
    Writing,
    /// A day counts it.
    Current,
    /// None does any more; its lines are to be deleted.
    Replaced,
}

impl BatchState {
    /// Its name in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Writing => "WRITING",
            Self::Current => "CURRENT",
            Self::Replaced => "REPLACED",
        }
    }
}

/// A batch of lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementBatchRecord {
    /// The channel's store.
    pub owner_id: StoreId,
    /// Its id.
    pub batch_id: String,
    /// Where it stands.
    pub state: BatchState,
    /// Since when, by the process clock.
    pub at: Timestamp,
}

impl Record for SettlementBatchRecord {
    const TABLE: &'static Table = &tables::SETTLEMENT_BATCHES;

    fn key(&self) -> Vec<Value> {
        vec![self.owner_id.as_str().into(), self.batch_id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.state.name().into(), self.at.into()]
    }
}

/// A line of a settlement with what comparing it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementLineRecord {
    /// Whose.
    pub contract: SettledContract,
    /// Its batch.
    pub batch_id: String,
    /// Its number in the batch, from 1.
    pub number: i64,
    /// Its number in the file.
    pub file_line: i64,
    /// The store that it counts for: the payment's, else the channel's.
    pub store_id: StoreId,
    /// The day of the transaction in that store's time zone, where the PG tells a time.
    pub transacted_on: Day,
    /// The PG's words.
    pub line: SettlementLine,
    /// What comparing it came to.
    pub status: MatchStatus,
    /// What differs.
    pub reasons: Vec<Reason>,
    /// What was done.
    pub action: Action,
    /// The line's amount less ours.
    pub difference: i64,
    /// What it adds to sums.
    pub figures: LineFigures,
    /// The payment it is about.
    pub payment_id: Option<PaymentId>,
    /// The attempt.
    pub attempt: Option<AttemptId>,
    /// The cancellation.
    pub cancellation: Option<CancellationId>,
}

impl Record for SettlementLineRecord {
    const TABLE: &'static Table = &tables::SETTLEMENT_LINES;

    fn key(&self) -> Vec<Value> {
        vec![
            self.contract.owner_id.as_str().into(),
            self.batch_id.as_str().into(),
            self.number.into(),
        ]
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            self.store_id.as_str().into(),
            self.contract.pg.as_str().into(),
            self.contract.pg_merchant_id.as_str().into(),
            self.line.pg_tx_id.as_str().into(),
            self.line.settled_on.to_string().into(),
            self.transacted_on.to_string().into(),
            self.status.name().into(),
        ]
    }
}

/// What lines have to have in common to be summed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TotalKey {
    /// The store that they count for.
    pub store_id: StoreId,
    /// The day of the transactions.
    pub transacted_on: Day,
    /// What comparing them came to.
    pub status: MatchStatus,
    /// What was done.
    pub action: Action,
    /// How it was paid.
    pub method: LineMethod,
    /// In which currency.
    pub currency: Currency,
}

/// The sum of a batch's lines that are alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementTotalRecord {
    /// Whose.
    pub contract: SettledContract,
    /// The batch.
    pub batch_id: String,
    /// Its number in the batch, from 1.
    pub number: i64,
    /// The day of the settlement.
    pub settled_on: Day,
    /// What the lines have in common.
    pub of: TotalKey,
    /// How many lines.
    pub count: i64,
    /// Their figures.
    pub figures: LineFigures,
    /// By how much they differ from our books, each without its sign.
    pub difference: i64,
}

impl Record for SettlementTotalRecord {
    const TABLE: &'static Table = &tables::SETTLEMENT_TOTALS;

    fn key(&self) -> Vec<Value> {
        vec![
            self.contract.owner_id.as_str().into(),
            self.batch_id.as_str().into(),
            self.number.into(),
        ]
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            self.of.store_id.as_str().into(),
            self.contract.pg.as_str().into(),
            self.contract.pg_merchant_id.as_str().into(),
            self.settled_on.to_string().into(),
            self.of.transacted_on.to_string().into(),
            self.of.status.name().into(),
        ]
    }
}

/// How far one visit of the comparison has come in a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparisonRecord {
    /// The store.
    pub store_id: StoreId,
    /// Which visit.
    pub visit: i64,
    /// When the status of the last payment visited had changed.
    pub at: Timestamp,
    /// That payment; of several of one moment, the last by id.
    pub payment_id: String,
    /// How often the next one could not be asked about.
    pub stuck: u32,
}

impl Record for ComparisonRecord {
    const TABLE: &'static Table = &tables::COMPARISONS;

    fn key(&self) -> Vec<Value> {
        vec![self.store_id.as_str().into(), self.visit.into()]
    }

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }
}

/// Where a difference stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DifferenceState {
    /// It needs a person.
    Open,
    /// A test channel's, whose payments the PG cancels by itself at night (P4).
    Exempt,
    /// A person has looked at it.
    Accepted,
    /// It is gone.
    Resolved,
}

impl DifferenceState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Open, Self::Exempt, Self::Accepted, Self::Resolved];

    /// Its name in reports and in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Exempt => "EXEMPT",
            Self::Accepted => "ACCEPTED",
            Self::Resolved => "RESOLVED",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A difference between our books and a PG's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferenceRecord {
    /// The store.
    pub store_id: StoreId,
    /// The payment.
    pub payment_id: PaymentId,
    /// The attempt.
    pub attempt: AttemptId,
    /// The channel.
    pub channel: ChannelKey,
    /// The contract's PG code.
    pub pg_provider: String,
    /// The merchant id at the PG.
    pub pg_merchant_id: String,
    /// What differs.
    pub kind: DifferenceKind,
    /// How much by our books.
    pub ours: i64,
    /// How much by the PG's.
    pub theirs: i64,
    /// In which currency.
    pub currency: Currency,
    /// Where it stands.
    pub state: DifferenceState,
    /// When it was found.
    pub found_at: Timestamp,
    /// When the PG was last asked.
    pub checked_at: Timestamp,
    /// When it was gone, or accepted.
    pub ended_at: Option<Timestamp>,
    /// What the person said who accepted it.
    pub note: Option<String>,
}

impl DifferenceRecord {
    /// Its id: of one attempt there is at most one difference of a kind.
    pub fn id(&self) -> String {
        Self::id_of(self.attempt, self.kind)
    }

    /// The id of a difference of an attempt.
    pub fn id_of(attempt: AttemptId, kind: DifferenceKind) -> String {
        format!("{attempt}:{}", kind.name())
    }
}

impl Record for DifferenceRecord {
    const TABLE: &'static Table = &tables::DIFFERENCES;

    fn key(&self) -> Vec<Value> {
        vec![self.store_id.as_str().into(), self.id().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            self.payment_id.as_str().into(),
            self.channel.as_str().into(),
            self.state.name().into(),
            self.kind.name().into(),
            self.found_at.into(),
            self.checked_at.into(),
        ]
    }
}
