//! `POST /subscribe/payments/onetime`, and `…/foreign` under its older name.
//!
//! With a `customer_uid` the card is kept: a billing key is issued under it and charged. Without,
//! the card is charged and forgotten.

use naru_domain::BillingKeyId;
use naru_engine::payments::{CardDetails, ChargeKey, PayInstantly, PayMethod, PayRequest};
use naru_engine::{Fault, OperationKind};

use super::{customer_save, paid};
use crate::call::Call;
use crate::check::channel::channel;
use crate::check::{card, order};
use crate::envelope::Reply;
use crate::messages;
use crate::refused::{Refused, pg_words};

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let payment_id = order::merchant_uid(&call.input)?;
    let order = order::order(&call.input, None)?;
    let card = card::details(&call.input, messages::CARD_REFUSED)?;
    let request = PayRequest {
        payment_id,
        order,
        skip_webhook: false,
        method: card,
    };
    match call.input.said(&["customer_uid"]) {
        Some(customer_uid) => {
            let id = order::customer_uid(&customer_uid)?;
            keeping_the_card(call, id, request).await
        }
        None => forgetting_the_card(call, request).await,
    }
}

async fn forgetting_the_card(
    call: Call,
    request: PayRequest<CardDetails>,
) -> Result<Reply, Refused> {
    let id = request.payment_id.clone();
    let request = PayRequest {
        method: PayInstantly {
            channel: channel(&call, OperationKind::PayCard).await?,
            method: PayMethod::Card(request.method),
        },
        payment_id: request.payment_id,
        order: request.order,
        skip_webhook: request.skip_webhook,
    };
    let (engine, context) = (call.engine.clone(), call.context());
    let work = Box::pin(async move { engine.pay_instantly(context, request).await });
    // This PG's one step checks the card and takes the money, so a decline is the card's.
    call.engine.detached(work).await.map_err(refused)?;
    paid::shown(&call, &id).await
}

async fn keeping_the_card(
    call: Call,
    key: BillingKeyId,
    request: PayRequest<CardDetails>,
) -> Result<Reply, Refused> {
    // A payment that can't be made must not replace a card.
    let known = call
        .engine
        .payment_alone(call.store_id(), &request.payment_id)
        .await;
    if known.is_ok_and(|payment| payment.captured().is_some()) {
        return Err(Refused::rule(messages::ALREADY_PAID));
    }
    let id = request.payment_id.clone();
    let card = request.method;
    customer_save::save(
        &call,
        key.clone(),
        (card.credential, request.order.customer.clone()),
    )
    .await
    .map_err(refused)?;
    let request = PayRequest {
        method: ChargeKey {
            billing_key: key,
            channel: None,
            installment_months: card.installment_months,
            is_interest_free: card.is_interest_free,
            use_card_point: card.use_card_point,
        },
        payment_id: request.payment_id,
        order: request.order,
        skip_webhook: request.skip_webhook,
    };
    let (engine, context) = (call.engine.clone(), call.context());
    let work = Box::pin(async move { engine.pay_with_billing_key(context, request).await });
    let done = call.engine.detached(work).await;
    paid::charged(&call, &id, done).await
}

fn refused(fault: Fault) -> Refused {
    match fault {
        fault @ (Fault::PgProvider { .. } | Fault::ChannelSpecific { .. }) => {
            Refused::Pg(format!("{}{}", messages::CARD_REFUSED, pg_words(&fault)))
        }
        other => other.into(),
    }
}
