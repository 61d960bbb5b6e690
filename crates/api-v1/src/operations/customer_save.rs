//! `POST /subscribe/customers/{customer_uid}`: a key that has the id is replaced once the new one
//! is issued.

use naru_domain::{BillingKeyId, Customer};
use naru_engine::{Answer, CardCredential, Fault, IssueRequest, OperationKind};

use super::lookup;
use crate::call::Call;
use crate::check::channel::channel;
use crate::check::{card, order};
use crate::envelope::Reply;
use crate::messages;
use crate::refused::{Refused, pg_words};
use crate::view::customer::customer;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let id = order::customer_uid(call.path_text(0))?;
    let card = card::credential(&call.input, messages::ISSUE_REFUSED)?;
    let person = order::customer(&call.input, "customer", None)?;
    save(&call, id.clone(), (card, person))
        .await
        .map_err(refused)?;
    let key = lookup::customer(&call, id.as_str()).await?;
    let key = key.ok_or_else(|| Refused::rule(&messages::no_such_customer(id.as_str())))?;
    Reply::of(&customer(&key))
}

/// Issues a billing key under an id of the merchant's own.
pub(super) async fn save(
    call: &Call,
    id: BillingKeyId,
    (card, customer): (CardCredential, Customer),
) -> Result<Answer, Fault> {
    let channel = channel(call, OperationKind::IssueBillingKey).await;
    let channel = channel.map_err(|_| Fault::ChannelNotFound)?;
    let request = IssueRequest {
        channel,
        card,
        customer,
        custom_data: None,
        notice_urls: Vec::new(),
        // This face has no messages about keys.
        skip_webhook: true,
    };
    let (engine, context) = (call.engine.clone(), call.context());
    let work = Box::pin(async move { engine.save_billing_key(context, id, request).await });
    call.engine.detached(work).await
}

fn refused(fault: Fault) -> Refused {
    match fault {
        fault @ (Fault::PgProvider { .. } | Fault::ChannelSpecific { .. }) => {
            Refused::Pg(format!("{}{}", messages::ISSUE_REFUSED, pg_words(&fault)))
        }
        other => other.into(),
    }
}
