//! What an operator does with a payment, where the contract has no operation for it.
//!
//! Nobody's API secret and no idempotency key: the rules of the payment are what keeps a second
//! call from doing a thing twice.

use std::sync::Arc;

use naru_domain::payment::{
    Command, DISPUTE_ID_MAX, DISPUTE_REASON_MAX, Dispute, Origin, Payment, Platform,
};
use naru_domain::{Face, PaymentId, StoreId, Timestamp};

use crate::payments::CallContext;
use crate::{Answer, Engine, Fault};

/// A dispute that a PG told the operator of.
#[derive(Debug, Clone)]
pub struct NewDispute {
    /// The PG's id of it.
    pub pg_dispute_id: Option<String>,
    /// The customer's reason.
    pub reason: String,
    /// When it was opened; now, if not given.
    pub created_at: Option<Timestamp>,
}

/// The disputes of a payment after something was reported of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputesView {
    /// Oldest first.
    pub disputes: Vec<Dispute>,
    /// Whether the report was news; a repeated one is not.
    pub is_news: bool,
}

impl Engine {
    /// Accepts that the customer of an escrow payment rejected the goods; gives when the PG did.
    /// The money goes back with an ordinary cancellation.
    pub async fn accept_rejection_by_operator(
        &self,
        store_id: &StoreId,
        payment_id: PaymentId,
    ) -> Result<Timestamp, Fault> {
        let context = CallContext {
            store: Arc::new(self.existing_store(store_id).await?),
            ticket: None,
            face: Face::V2,
            origin: Origin {
                platform: Platform::Api,
                ip_address: String::new(),
                user_agent: None,
            },
        };
        match self.accept_rejection(context, payment_id).await? {
            Answer::RejectionAccepted { at } => Ok(at),
            other => Err(Fault::internal(format!("not an acceptance: {other:?}"))),
        }
    }

    /// The disputes of a payment, oldest first.
    pub async fn disputes(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
    ) -> Result<Vec<Dispute>, Fault> {
        self.existing_store(store_id).await?;
        Ok(self.payment(store_id, payment_id).await?.payment.disputes)
    }

    /// Records a dispute, with its webhook. The same id again is no news.
    pub async fn open_dispute(
        &self,
        (store_id, payment_id): (&StoreId, &PaymentId),
        new: NewDispute,
    ) -> Result<DisputesView, Fault> {
        let reason = text("reason", new.reason, DISPUTE_REASON_MAX)?;
        let pg_dispute_id = dispute_id(new.pg_dispute_id)?;
        let dispute = Dispute {
            pg_dispute_id,
            reason,
            created_at: self.past("createdAt", new.created_at)?,
            resolved_at: None,
        };
        self.report_dispute((store_id, payment_id), |_| {
            Command::OpenDispute(dispute.clone())
        })
        .await
    }

    /// Records that a dispute came to an end, with its webhook: the one of that id, else the only
    /// one that is open. The end of the same id again is no news.
    pub async fn resolve_dispute(
        &self,
        (store_id, payment_id): (&StoreId, &PaymentId),
        (pg_dispute_id, resolved_at): (Option<String>, Option<Timestamp>),
    ) -> Result<DisputesView, Fault> {
        let pg_dispute_id = dispute_id(pg_dispute_id)?;
        let resolved_at = self.past("resolvedAt", resolved_at)?;
        self.report_dispute((store_id, payment_id), |_| Command::ResolveDispute {
            pg_dispute_id: pg_dispute_id.clone(),
            resolved_at,
        })
        .await
    }

    async fn report_dispute(
        &self,
        (store_id, payment_id): (&StoreId, &PaymentId),
        command: impl Fn(&Payment) -> Command,
    ) -> Result<DisputesView, Fault> {
        // Who is not there is told so; a report of a PG would be dropped.
        self.disputes(store_id, payment_id).await?;
        let is_news = self.commit_news(store_id, payment_id, command).await?;
        Ok(DisputesView {
            disputes: self.disputes(store_id, payment_id).await?,
            is_news,
        })
    }

    /// A moment that has been; now, if none is given.
    fn past(&self, field: &str, at: Option<Timestamp>) -> Result<Timestamp, Fault> {
        let now = self.now();
        match at {
            Some(at) if at > now => Err(Fault::invalid(format!("`{field}` is still to come"))),
            at => Ok(at.unwrap_or(now)),
        }
    }
}

fn dispute_id(id: Option<String>) -> Result<Option<String>, Fault> {
    id.map(|id| text("pgDisputeId", id, DISPUTE_ID_MAX))
        .transpose()
}

fn text(field: &str, text: String, most: usize) -> Result<String, Fault> {
    let is_fine = !text.trim().is_empty() && !text.contains('\0');
    if is_fine && text.chars().count() <= most {
        return Ok(text);
    }
    Err(Fault::invalid(format!(
        "`{field}` has 1 to {most} characters"
    )))
}
