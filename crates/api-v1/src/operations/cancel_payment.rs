//! `POST /payments/cancel`.

use naru_domain::payment::{Payment, RetainOption};
use naru_engine::payments::{CancelPayment, PlainRefundAccount};
use naru_engine::{Fault, Secret};

use super::{lookup, paid};
use crate::call::Call;
use crate::codes::bank;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::{Refused, pg_words};

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let payment = meant(&call).await?;
    let request = request(&call, &payment)?;
    let (engine, context) = (call.engine.clone(), call.context());
    let id = payment.id.clone();
    let work = Box::pin(async move { engine.cancel_payment(context, id, request).await });
    call.engine.detached(work).await.map_err(refused)?;
    paid::shown(&call, &payment.id).await
}

/// The payment that is meant. An `imp_uid` goes first, and names the attempt whose money was taken
/// or nothing that can be cancelled.
async fn meant(call: &Call) -> Result<Payment, Refused> {
    let nothing = || Refused::rule(messages::NOTHING_TO_CANCEL);
    if let Some(imp_uid) = call.input.said(&["imp_uid"]) {
        let found = lookup::by_imp_uid(call, &imp_uid).await?;
        let (payment, id) = found.ok_or_else(nothing)?;
        let is_captured = payment
            .captured()
            .is_some_and(|(attempt, _)| attempt.id == id);
        return if is_captured {
            Ok(payment)
        } else {
            Err(nothing())
        };
    }
    let merchant_uid = call.input.said(&["merchant_uid"]);
    let merchant_uid = merchant_uid.ok_or_else(|| Refused::rule(messages::CANCEL_WHAT))?;
    let found = lookup::by_merchant_uid(call, &merchant_uid).await?;
    found.ok_or_else(nothing)
}

fn request(call: &Call, payment: &Payment) -> Result<CancelPayment, Refused> {
    let input = &call.input;
    let attempt = payment.captured().map(|(attempt, _)| attempt);
    let attempt = attempt.ok_or_else(|| Refused::rule(messages::NOTHING_TO_CANCEL))?;
    let currency = &attempt.order.currency;
    let given = |field: &str| {
        let amount = input.amount(field, currency)?;
        // Nothing and 0 are the same: all that remains, and the parts that go with it.
        Ok::<_, Refused>(amount.filter(|amount| *amount > 0))
    };
    let requester = input
        .object("extra")
        .and_then(|extra| extra.said(&["requester"]));
    let retains = input.boolean("retain_promotion")?.unwrap_or(false);
    Ok(CancelPayment {
        amount: given("amount")?,
        tax_free: given("tax_free")?,
        vat: input.amount("vat_amount", currency)?,
        current_cancellable: input.amount("checksum", currency)?,
        reason: input
            .said(&["reason"])
            .unwrap_or_else(|| messages::CANCEL_REASON.to_owned()),
        requester: Some(match requester.as_deref() {
            Some("customer") => "CUSTOMER".to_owned(),
            _ => "ADMIN".to_owned(),
        }),
        refund_account: refund_account(call)?,
        retain: if retains {
            RetainOption::Retain
        } else {
            RetainOption::Release
        },
        skip_webhook: !input.boolean("enable_webhook")?.unwrap_or(false),
    })
}

fn refund_account(call: &Call) -> Result<Option<PlainRefundAccount>, Refused> {
    let input = &call.input;
    let Some(number) = input.said(&["refund_account"]) else {
        return Ok(None);
    };
    let bank = input.required("refund_bank")?;
    let bank = bank::to_v2(&bank);
    let bank = bank.ok_or_else(|| Refused::malformed("refund_bank", "은행코드"))?;
    let digits: String = number.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    Ok(Some(PlainRefundAccount {
        bank: bank.to_owned(),
        number: Secret::new(digits),
        holder_name: Secret::new(input.required("refund_holder")?),
    }))
}

fn refused(fault: Fault) -> Refused {
    match fault {
        Fault::PaymentNotFound | Fault::PaymentNotPaid => {
            Refused::rule(messages::NOTHING_TO_CANCEL)
        }
        Fault::PaymentAlreadyCancelled => Refused::rule(messages::ALREADY_CANCELLED),
        fault @ Fault::PgProvider { .. } => {
            Refused::Pg(format!("{}{}", messages::CANCEL_REFUSED, pg_words(&fault)))
        }
        Fault::CancellableAmountConsistencyBroken => {
            Refused::rule("checksum 값이 취소 가능한 잔액과 일치하지 않습니다.")
        }
        Fault::CancelAmountExceedsCancellableAmount => {
            Refused::rule("취소요청금액이 취소 가능한 잔액보다 큽니다.")
        }
        other => other.into(),
    }
}
