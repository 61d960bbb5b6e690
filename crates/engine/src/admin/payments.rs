//! What an operator does with a payment, where the contract has no operation for it.
//!
//! Nobody's API secret and no idempotency key: the rules of the payment are what keeps a second
//! call from doing a thing twice.

use std::sync::Arc;

use naru_domain::payment::{Origin, Platform};
use naru_domain::{Face, PaymentId, StoreId, Timestamp};

use crate::payments::CallContext;
use crate::{Answer, Engine, Fault};

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
}
