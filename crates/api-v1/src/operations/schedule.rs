//! `POST /subscribe/payments/schedule`: all of the payments named, or none. A card that comes along
//! is checked, kept under the `customer_uid`, and charged when they are due.

use naru_domain::payment::{OrderDetails, RetainOption};
use naru_domain::schedule::{Schedule, ScheduleState};
use naru_domain::{Amount, BillingKeyId, ChannelKey, Currency, Customer, PaymentId};
use naru_engine::payments::{CancelPayment, CardDetails, PayInstantly, PayMethod, PayRequest};
use naru_engine::schedules::SchedulePayment;
use naru_engine::{CardCredential, Fault, OperationKind};

use super::{customer_save, lookup, scheduled};
use crate::call::Call;
use crate::check::channel::channel;
use crate::check::schedule::schedules;
use crate::check::{card, order};
use crate::envelope::Reply;
use crate::messages;
use crate::refused::{Refused, pg_words};

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let input = &call.input;
    let id = order::customer_uid(&input.required("customer_uid")?)?;
    let known = lookup::customer(&call, id.as_str()).await?;
    let credential = match input.said(&["card_number"]) {
        Some(_) => Some(card::credential(input, messages::CARD_CHECK_REFUSED).map_err(rule)?),
        None if known.is_none() => return Err(Refused::rule(messages::NO_CARD)),
        None => None,
    };
    let registered = known.as_ref().map(|key| &key.customer);
    let wanted = schedules(input, registered, call.engine.clock().business())?;
    if let Some(credential) = credential {
        let buyer = wanted.first().map(|one| one.buyer().clone());
        keep(&call, &id, (credential, buyer.unwrap_or_default())).await?;
    }
    let channel = input.said(&["channel_key"]).map(ChannelKey::new);
    let requests: Vec<SchedulePayment> = wanted
        .into_iter()
        .map(|one| one.on(id.clone(), channel.clone()))
        .collect();
    let payments: Vec<PaymentId> = requests.iter().map(|one| one.payment_id.clone()).collect();
    let (engine, context) = (call.engine.clone(), call.context());
    let work = Box::pin(async move { engine.schedule_payments(context, requests).await });
    let ids = match call.engine.detached(work).await {
        Ok(ids) => ids,
        Err(
            Fault::AlreadyPaid | Fault::AlreadyPaidOrWaiting | Fault::PaymentScheduleAlreadyExists,
        ) => return Err(in_the_way(&call, payments).await?),
        Err(fault) => return Err(fault.into()),
    };
    let mut made = Vec::with_capacity(ids.len());
    for id in &ids {
        made.push(call.engine.schedule(call.store_id(), id).await?);
    }
    Reply::of(&scheduled::all_shown(&call, &made).await?)
}

/// A PG's words are a rule here: clients of this operation know no other code.
fn rule(refused: Refused) -> Refused {
    match refused {
        Refused::Pg(message) => Refused::Rule(message),
        other => other,
    }
}

/// Says which of the payments stands in the way: scheduled, paid, or waiting for a deposit.
async fn in_the_way(call: &Call, payments: Vec<PaymentId>) -> Result<Refused, Refused> {
    let mut named = None;
    for id in payments {
        let schedules = call.engine.schedules_of_payment(call.store_id(), &id);
        let waits = |one: &Schedule| one.state == ScheduleState::Scheduled;
        let is_taken = schedules.await?.iter().any(waits)
            || lookup::by_merchant_uid(call, id.as_str()).await?.is_some();
        if is_taken || named.is_none() {
            named = Some(id);
        }
        if is_taken {
            break;
        }
    }
    let named = named.map(|id| id.to_string()).unwrap_or_default();
    Ok(Refused::Rule(messages::already_scheduled(&named)))
}

/// Checks a card, where the caller wants it, and keeps it.
async fn keep(
    call: &Call,
    id: &BillingKeyId,
    (credential, buyer): (CardCredential, Customer),
) -> Result<(), Refused> {
    let amount = call.input.amount("checking_amount", &Currency::krw())?;
    if let Some(amount) = amount.filter(|amount| *amount > 0) {
        check(call, amount, (credential.clone(), buyer.clone())).await?;
    }
    let saved = customer_save::save(call, id.clone(), (credential, buyer)).await;
    saved.map(drop).map_err(refused)
}

/// Takes so much from a card and gives it back. Where the giving back is unclear, the engine goes
/// on with it; the payment is the merchant's, under an id of its own.
async fn check(
    call: &Call,
    amount: i64,
    (credential, buyer): (CardCredential, Customer),
) -> Result<(), Refused> {
    let total = Amount::asked(amount, None, None)
        .map_err(|_| Refused::malformed("checking_amount", "0보다 큰 금액"))?;
    let now = call.engine.clock().business();
    let id = PaymentId::new(format!("checking_{}", now.as_micros()));
    let request = PayRequest {
        payment_id: id.clone(),
        order: OrderDetails::in_won(messages::CARD_CHECK, total, buyer),
        skip_webhook: true,
        method: PayInstantly {
            channel: channel(call, OperationKind::PayCard).await?,
            method: PayMethod::Card(CardDetails {
                credential,
                installment_months: 0,
                is_interest_free: false,
                use_card_point: false,
            }),
        },
    };
    let (engine, context) = (call.engine.clone(), call.context());
    let again = call.context();
    let work = Box::pin(async move {
        engine.pay_instantly(context, request).await?;
        let all = CancelPayment {
            amount: None,
            tax_free: None,
            vat: None,
            current_cancellable: None,
            reason: messages::CARD_CHECK.to_owned(),
            requester: Some("ADMIN".to_owned()),
            refund_account: None,
            retain: RetainOption::Release,
            skip_webhook: true,
        };
        engine.cancel_payment(again, id, all).await
    });
    call.engine.detached(work).await.map(drop).map_err(refused)
}

fn refused(fault: Fault) -> Refused {
    match fault {
        fault @ (Fault::PgProvider { .. } | Fault::ChannelSpecific { .. }) => Refused::Rule(
            format!("{}{}", messages::CARD_CHECK_REFUSED, pg_words(&fault)),
        ),
        other => other.into(),
    }
}
