//! What a PG connector is.
//!
//! A connector is a pure function of bytes: it builds requests and reads answers, and never
//! sends, waits, reads a clock or keeps state. The engine drives an [`Exchange`] and does the
//! sending through a [`Transport`]. So a connector's tests are recorded exchanges.
//!
//! Invariants: a forgotten operation is an error and not a quiet success, since nothing here has
//! a default body; an approval always carries the amount and currency that the PG reported, which
//! the domain compares (P5); an answer that is unclear is [`Outcome::Unknown`], never a failure
//! (P4).

mod capabilities;
mod exchange;
mod identity;
mod notification;
mod operation;
mod outcome;
mod secret;
mod settings;
pub mod tax;
mod window;

pub use capabilities::{Capabilities, OperationKind, Support};
pub use exchange::{
    Answer, Exchange, Input, Request, SendError, Sent, Step, Transport, TransportFuture,
};
pub use identity::{
    ConfirmIdentity, ExpectedPerson, IdentityOperation, IdentityOutcome, IdentityPerson,
    OpenIdentityWindow, ResendIdentity, ReturnedIdentityWindow, SendIdentity, VerifiedIdentity,
};
pub use notification::{
    DepositNotice, EscrowNotice, InboundRequest, NoticeAnswer, NoticeContent, Notification,
    Rejected,
};
pub use operation::{
    AcceptRejection, AccountChoice, CancelCashReceipt, CapturePayment, CardCredential,
    CashReceiptWish, ChargeBillingKey, CloseVirtualAccount, DeleteBillingKey, Inquire,
    IssueBillingKey, IssueCashReceipt, IssueVirtualAccount, Operation, Order, Party, PayCard,
    Refund, RefundAccount, RegisterShipment, RegisterStoreSales, StoreSaleAsked,
};
pub use outcome::{
    Acted, Approval, Decline, Deposit, IssuedAccount, IssuedKey, Outcome, ReceiptFound,
    ReceiptOfApproval, RefundInBooks, Refunded, Transaction, TransactionState, Unknown,
};
pub use secret::Secret;
pub use settings::{ChannelSettings, SettingsError};
pub use window::{
    AuthenticatedWindow, Device, KeyIssue, OpenEscrowWindow, OpenWindow, Returned, WindowForm,
};

use naru_domain::Timestamp;

/// What every call of a connector gets besides its operation.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The channel's contract with the PG.
    pub settings: &'a ChannelSettings,
    /// When the request is made; becomes time stamps on the wire.
    pub at: Timestamp,
    /// This server's own address as the PG wants to be told, such as `127.0.0.1`.
    pub server_ip: &'a str,
}

/// Why an operation can't be begun. Nothing was sent, nothing will be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BeginError {
    /// The PG, or this channel's contract, has no such operation.
    #[error("{0}")]
    Unsupported(String),
    /// A rule of the PG that the request breaks.
    #[error("`{field}` {message}")]
    Invalid {
        /// The field's path on the V2 wire, such as `customer.phoneNumber`.
        field: &'static str,
        /// What was expected.
        message: String,
    },
    /// The channel's settings are incomplete.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

/// A PG's connector.
pub trait Connector: Send + Sync {
    /// What it can do, as data.
    fn capabilities(&self) -> &'static Capabilities;

    /// Checks a channel's settings when the channel is created or changed.
    fn check_settings(&self, settings: &ChannelSettings) -> Result<(), SettingsError>;

    /// Checks the PG's rules for the operation and makes the exchange that carries it out.
    fn begin(
        &self,
        operation: &Operation,
        call: &Call<'_>,
    ) -> Result<Box<dyn Exchange>, BeginError>;

    /// Checks the PG's rules for a window and makes what opens it.
    /// [`Capabilities`] say before whether there is any, here and below.
    fn open_window(&self, _: &OpenWindow, _: &Call<'_>) -> Result<WindowForm, BeginError> {
        Err(no_window())
    }

    /// Makes what opens a window in which a person is identified, once it is prepared.
    fn open_identity_window(
        &self,
        _: &OpenIdentityWindow,
        _pg_tx_id: &str,
        _: &Call<'_>,
    ) -> Result<WindowForm, BeginError> {
        Err(no_window())
    }

    /// Makes what opens a window in which a customer decides on the goods of an escrow payment.
    fn open_escrow_window(
        &self,
        _: &OpenEscrowWindow,
        _: &Call<'_>,
    ) -> Result<WindowForm, BeginError> {
        Err(no_window())
    }

    /// Whether a browser says that the customer has decided there. It proves nothing: the PG's
    /// notice tells what was decided.
    fn has_decided(&self, _: &InboundRequest) -> bool {
        false
    }

    /// Reads what a browser brought back from a window.
    fn read_return(&self, request: &InboundRequest, call: &Call<'_>) -> Result<Returned, Rejected>;

    /// Finds out for which of the PG's merchant ids a notice is, before any settings are known.
    fn notice_merchant(&self, request: &InboundRequest) -> Result<String, Rejected>;

    /// Reads a notice that the PG sent.
    fn read_notification(
        &self,
        request: &InboundRequest,
        settings: &ChannelSettings,
    ) -> Result<Notification, Rejected>;
}

fn no_window() -> BeginError {
    BeginError::Unsupported("this PG has no such window".to_owned())
}
