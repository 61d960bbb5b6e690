//! What a PG can do, as data: it decides what `begin` accepts and renders the support matrix.

/// The kinds of operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OperationKind {
    /// Card payment with typed-in card data.
    PayCard,
    /// Issue of a virtual account.
    IssueVirtualAccount,
    /// Issue of a billing key from typed-in card data.
    IssueBillingKey,
    /// Charge of a billing key.
    ChargeBillingKey,
    /// Refund, whole or in part.
    Refund,
    /// Closing of a virtual account that waits for its deposit.
    CloseVirtualAccount,
    /// Inquiry by the PG's transaction id.
    InquireByTransaction,
    /// Inquiry by the order id that we sent.
    InquireByOrder,
}

/// How well an operation is supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// Built from a documented wire form.
    Confirmed,
    /// Built, but its wire form is our guess: the simulator speaks it, `naru serve` refuses it
    /// unless it is switched on.
    Unconfirmed,
    /// The PG has no such operation.
    None,
}

/// A connector's abilities and limits.
#[derive(Debug)]
pub struct Capabilities {
    /// The contract's PG code, such as `INICIS_V2`.
    pub pg_provider: &'static str,
    /// The short name in paths and books, such as `inicis`.
    pub name: &'static str,
    /// Support by operation; what is not listed is `Support::None`.
    pub operations: &'static [(OperationKind, Support)],
    /// How long after a request's deadline the PG may still act on it, in milliseconds: only then
    /// does "no such transaction" mean "not captured" (design 2a.2).
    pub settle_time_ms: i64,
    /// How long an answer may take, in milliseconds.
    pub answer_timeout_ms: u32,
}

impl Capabilities {
    /// How well an operation is supported.
    pub fn support(&self, kind: OperationKind) -> Support {
        self.operations
            .iter()
            .find(|(operation, _)| *operation == kind)
            .map_or(Support::None, |(_, support)| *support)
    }
}
