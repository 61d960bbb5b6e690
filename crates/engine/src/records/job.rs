//! Jobs: work that a commit leaves behind, found by workers also after a crash.

use naru_domain::{
    AttemptId, BillingKeyId, CancellationId, PaymentId, ScheduleId, StoreId, TaxInvoiceId,
    Timestamp,
};
use naru_store::{Record, Table, Value, tables};
use serde::{Deserialize, Serialize};

use super::{IdentityJob, ReceiptJob};
use crate::b2b::Edition;

/// Queues, by the clock they go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Queue {
    /// Finding out and undoing, filling the journal: process clock.
    Resolve,
    /// Webhook deliveries: business clock.
    Webhook,
    /// Comparing books: process clock.
    Compare,
    /// Deadlines of virtual accounts and identity verifications, bulks of tax invoices: business
    /// clock.
    Deadline,
    /// Schedules: business clock.
    Schedule,
}

impl Queue {
    /// Its name in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Webhook => "webhook",
            Self::Compare => "compare",
            Self::Deadline => "deadline",
            Self::Schedule => "schedule",
        }
    }

    /// Whether it goes by the business clock.
    pub const fn is_business(self) -> bool {
        match self {
            Self::Resolve | Self::Compare => false,
            Self::Webhook | Self::Deadline | Self::Schedule => true,
        }
    }
}

/// A job. Its id follows from what it is about, so that the same work is never queued twice.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JobRecord {
    /// Its id.
    pub id: String,
    /// Its queue.
    pub queue: Queue,
    /// What it competes with: the receiver of a webhook, the channel of a PG call; for a schedule
    /// the PG and the channel, with a slash between.
    pub lane: String,
    /// When it is due, by the queue's clock.
    pub due_at: Timestamp,
    /// Until when somebody holds it, by the process clock.
    pub lease_until: Option<Timestamp>,
    /// How often it was tried.
    pub tries: u32,
    /// How often the PG refused it. A try that did not get so far, since the PG's books could not
    /// be read, is none of these.
    #[serde(default)]
    pub refusals: u32,
    /// What to do.
    pub kind: JobKind,
}

/// What a job does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum JobKind {
    /// Find out what became of an attempt.
    ResolveAttempt {
        /// Store.
        store_id: StoreId,
        /// Payment.
        payment_id: PaymentId,
        /// Attempt.
        attempt: AttemptId,
        /// The request's idempotency record, to complete.
        idempotency: Option<String>,
    },
    /// End an attempt that nobody confirms in time.
    EndWindow {
        /// Store.
        store_id: StoreId,
        /// Payment.
        payment_id: PaymentId,
        /// Attempt.
        attempt: AttemptId,
    },
    /// Undo an attempt at the PG.
    Reverse {
        /// Store.
        store_id: StoreId,
        /// Payment.
        payment_id: PaymentId,
        /// Attempt.
        attempt: AttemptId,
    },
    /// Find out what became of closing a virtual account.
    ResolveClose {
        /// Store.
        store_id: StoreId,
        /// Payment.
        payment_id: PaymentId,
        /// Attempt.
        attempt: AttemptId,
        /// Latest moment at which the sender began to write.
        send_by: Timestamp,
        /// The request's idempotency record, to complete.
        idempotency: Option<String>,
    },
    /// Find out what became of a cancellation.
    ResolveCancellation {
        /// Store.
        store_id: StoreId,
        /// Payment.
        payment_id: PaymentId,
        /// Cancellation.
        id: CancellationId,
        /// The request's idempotency record, to complete.
        idempotency: Option<String>,
    },
    /// End an action whose request died.
    ResolveAction {
        /// Store.
        store_id: StoreId,
        /// Payment.
        payment_id: PaymentId,
        /// Latest moment at which its sender began to write.
        send_by: Timestamp,
        /// The request's idempotency record, to complete.
        idempotency: Option<String>,
    },
    /// Look once whether a deposit came by a virtual account's deadline.
    AccountDeadline {
        /// Store.
        store_id: StoreId,
        /// Payment.
        payment_id: PaymentId,
        /// Attempt.
        attempt: AttemptId,
    },
    /// End an issue or a deletion of a billing key whose request died.
    #[serde(alias = "EndIssue")]
    EndKeyStep {
        /// Store.
        store_id: StoreId,
        /// Billing key.
        billing_key: BillingKeyId,
        /// The request's idempotency record, to complete.
        idempotency: Option<String>,
    },
    /// Look into a notice.
    Notice {
        /// The connector's name.
        pg: String,
        /// The merchant id at the PG.
        pg_merchant_id: String,
        /// The notice's id.
        event_id: String,
    },
    /// Begin the payment of a schedule.
    Pay {
        /// Store.
        store_id: StoreId,
        /// Schedule.
        schedule: ScheduleId,
    },
    /// Something about an identity verification.
    Identity(IdentityJob),
    /// Something about a cash receipt.
    CashReceipt(ReceiptJob),
    /// Find out what became of a call to the tax-invoice provider.
    SettleTaxCall {
        /// Store.
        store_id: StoreId,
        /// Tax invoice.
        invoice_id: TaxInvoiceId,
        /// Which of its calls.
        number: i64,
        /// In which edition the caller asked.
        edition: Edition,
        /// The request's idempotency record, to complete.
        idempotency: Option<String>,
    },
    /// Look whether a tax invoice was moved by others.
    WatchTaxInvoice {
        /// Store.
        store_id: StoreId,
        /// Tax invoice.
        invoice_id: TaxInvoiceId,
    },
    /// Go on with a bulk of tax invoices.
    RunBulk {
        /// Store.
        store_id: StoreId,
        /// Bulk.
        bulk_id: String,
    },
    /// Deliver a webhook.
    DeliverWebhook {
        /// Store.
        store_id: StoreId,
        /// Webhook.
        webhook_id: String,
    },
    /// Compare the books of a store and its sub-stores. Never over: always put back.
    Compare {
        /// The store.
        store_id: StoreId,
    },
    /// Post what happened before there was a journal.
    FillJournal,
}

impl JobKind {
    /// The job's id.
    pub fn id(&self) -> String {
        match self {
            Self::ResolveAttempt { attempt, .. } => format!("attempt:{attempt}"),
            Self::EndWindow { attempt, .. } => format!("window:{attempt}"),
            Self::Reverse { attempt, .. } => format!("reverse:{attempt}"),
            // An account may be closed again after the PG had refused.
            Self::ResolveClose {
                attempt, send_by, ..
            } => format!("close:{attempt}:{}", send_by.as_micros()),
            Self::ResolveCancellation { id, .. } => format!("cancel:{id}"),
            Self::ResolveAction {
                store_id,
                payment_id,
                send_by,
                ..
            } => format!("action:{store_id}:{payment_id}:{}", send_by.as_micros()),
            Self::AccountDeadline { attempt, .. } => format!("deadline:{attempt}"),
            // One step at a time is taken with a key.
            Self::EndKeyStep { billing_key, .. } => format!("key:{billing_key}"),
            Self::Notice {
                pg,
                pg_merchant_id,
                event_id,
            } => {
                format!("notice:{pg}:{pg_merchant_id}:{event_id}")
            }
            Self::Pay { schedule, .. } => format!("schedule:{schedule}"),
            Self::Identity(job) => job.id(),
            Self::CashReceipt(job) => job.id(),
            Self::SettleTaxCall {
                invoice_id, number, ..
            } => format!("tax-call:{invoice_id}:{number}"),
            Self::WatchTaxInvoice { invoice_id, .. } => format!("tax-watch:{invoice_id}"),
            Self::RunBulk { store_id, bulk_id } => format!("tax-bulk:{store_id}:{bulk_id}"),
            Self::DeliverWebhook { webhook_id, .. } => format!("webhook:{webhook_id}"),
            Self::Compare { store_id } => format!("compare:{store_id}"),
            Self::FillJournal => "journal".to_owned(),
        }
    }

    /// The queue it belongs to.
    pub const fn queue(&self) -> Queue {
        match self {
            Self::ResolveAttempt { .. }
            | Self::EndWindow { .. }
            | Self::Reverse { .. }
            | Self::ResolveClose { .. }
            | Self::ResolveCancellation { .. }
            | Self::EndKeyStep { .. }
            | Self::ResolveAction { .. }
            | Self::Notice { .. }
            | Self::CashReceipt(_)
            | Self::SettleTaxCall { .. }
            | Self::WatchTaxInvoice { .. }
            | Self::FillJournal => Queue::Resolve,
            Self::Identity(job) => job.queue(),
            Self::DeliverWebhook { .. } => Queue::Webhook,
            Self::Compare { .. } => Queue::Compare,
            Self::AccountDeadline { .. } | Self::RunBulk { .. } => Queue::Deadline,
            Self::Pay { .. } => Queue::Schedule,
        }
    }
}

impl Record for JobRecord {
    const TABLE: &'static Table = &tables::JOBS;

    fn key(&self) -> Vec<Value> {
        vec![self.id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            self.queue.name().into(),
            self.lane.as_str().into(),
            self.due_at.into(),
            self.lease_until.into(),
        ]
    }
}
