//! What use cases that change something answer. Stored with idempotency records, and rendered by
//! a face each time, so that the worker that ends a request after a crash can answer for it.

use naru_domain::b2b::tax_invoice::TaxInvoice;
use naru_domain::cash_receipt::IssuedReceipt;
use naru_domain::identity::IdentityVerification;
use naru_domain::payment::Cancellation;
use naru_domain::{BillingKeyId, ChannelSnapshot, PaymentId, ScheduleId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::b2b::Edition;
use crate::fault::ChannelFailure;
use crate::records::WebhookRecord;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer")]
pub enum Answer {
    /// Done; there is nothing to say.
    Empty,
    /// A payment was made, or a virtual account issued.
    Payment {
        /// The PG's id.
        pg_tx_id: String,
        /// When it was paid or issued.
        paid_at: Timestamp,
    },
    /// A payment was confirmed: the same as `Payment`, shown otherwise.
    PaymentConfirmed {
        /// The PG's id.
        pg_tx_id: String,
        /// When it was paid or issued.
        paid_at: Timestamp,
    },
    /// A cancellation as it stood when it was answered.
    Cancellation {
        /// The cancellation.
        cancellation: Box<Cancellation>,
    },
    /// A cancellation was stopped.
    CancellationStopped {
        /// When.
        at: Timestamp,
    },
    /// A virtual account was closed.
    AccountClosed {
        /// When.
        at: Timestamp,
    },
    /// The PG knows of a shipment.
    ShipmentRegistered {
        /// The carrier's number.
        invoice_number: String,
        /// When it was sent.
        sent_at: Timestamp,
        /// When the PG was told.
        at: Timestamp,
    },
    /// What the PG knows of a shipment was corrected.
    ShipmentChanged {
        /// The carrier's number.
        invoice_number: String,
        /// When it was sent.
        sent_at: Timestamp,
        /// When the PG was told.
        at: Timestamp,
    },
    /// The rejection of an escrow payment's goods was accepted.
    RejectionAccepted {
        /// When.
        at: Timestamp,
    },
    /// Sales of other stores stand on the PG's receipt.
    StoreSalesRegistered {
        /// The receipt's page.
        receipt_url: Option<String>,
    },
    /// A billing key was issued.
    BillingKeyIssued {
        /// Its id.
        billing_key: BillingKeyId,
        /// The channels that hold it.
        channels: Vec<ChannelSnapshot>,
        /// The channels of the group that failed, and why.
        #[serde(default)]
        failures: Vec<ChannelFailure>,
        /// When.
        at: Timestamp,
    },
    /// A billing key of a window was issued.
    BillingKeyConfirmed {
        /// Its id.
        billing_key: BillingKeyId,
    },
    /// A window was confirmed that issued a billing key with the money that it took.
    KeyIssuedAndPaid {
        /// The key.
        billing_key: BillingKeyId,
        /// The payment.
        payment_id: PaymentId,
        /// The PG's id of the payment.
        pg_tx_id: String,
        /// When it was paid.
        paid_at: Timestamp,
    },
    /// A billing key was deleted.
    BillingKeyDeleted {
        /// When.
        at: Timestamp,
    },
    /// A payment session was created.
    PaymentSessionCreated {
        /// Its id.
        id: String,
        /// Where the customer pays.
        url: String,
        /// Until when.
        expires_at: Timestamp,
    },
    /// A payment session was closed.
    PaymentSessionClosed {
        /// When it was closed first.
        at: Timestamp,
    },
    /// A schedule was made.
    Scheduled {
        /// Its id.
        id: ScheduleId,
    },
    /// Schedules were revoked.
    SchedulesRevoked {
        /// Their ids.
        ids: Vec<ScheduleId>,
        /// When; nothing where there were none.
        at: Option<Timestamp>,
    },
    /// A cash receipt was issued.
    CashReceiptIssued {
        /// What the PG issued.
        issued: IssuedReceipt,
    },
    /// A cash receipt was cancelled.
    CashReceiptCancelled {
        /// For how much it was.
        amount: i64,
        /// When.
        at: Timestamp,
    },
    /// A person was verified.
    IdentityVerified {
        /// The verification, whose person is sealed.
        verification: Box<IdentityVerification>,
    },
    /// A tax invoice as it stood when it was answered.
    TaxInvoice {
        /// The invoice.
        invoice: Box<TaxInvoice>,
        /// In which edition the caller asked.
        edition: Edition,
    },
    /// A webhook was sent again.
    WebhookSent {
        /// The webhook as it stood then: later deliveries don't change what was answered.
        webhook: Box<WebhookRecord>,
    },
}
