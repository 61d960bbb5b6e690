//! Finding what a call names.

use naru_domain::billing_key::{BillingKey, BillingKeyState};
use naru_domain::payment::{AttemptState, Payment};
use naru_domain::{AttemptId, BillingKeyId, PaymentId};
use naru_engine::Fault;

use crate::call::Call;
use crate::extract::Input;
use crate::messages;
use crate::refused::Refused;
use crate::view::Status;

/// The attempt that an `imp_uid` names, with its payment.
pub(super) async fn by_imp_uid(
    call: &Call,
    imp_uid: &str,
) -> Result<Option<(Payment, AttemptId)>, Refused> {
    if imp_uid.is_empty() || imp_uid.contains('\0') {
        return Ok(None);
    }
    let found = call
        .engine
        .payment_of_imp_uid(call.store_id(), imp_uid)
        .await?;
    Ok(found)
}

/// The ids of the attempt that an `imp_uid` names, and of its payment.
pub(super) async fn named_by_imp_uid(
    call: &Call,
    imp_uid: &str,
) -> Result<Option<(PaymentId, AttemptId)>, Refused> {
    if imp_uid.is_empty() || imp_uid.contains('\0') {
        return Ok(None);
    }
    let found = call
        .engine
        .attempt_of_imp_uid(call.store_id(), imp_uid)
        .await?;
    Ok(found)
}

/// The issue of a billing key that an `imp_uid` names.
pub(super) async fn issue_by_imp_uid(
    call: &Call,
    imp_uid: &str,
) -> Result<Option<BillingKey>, Refused> {
    if imp_uid.is_empty() || imp_uid.contains('\0') {
        return Ok(None);
    }
    let found = call
        .engine
        .issue_of_imp_uid(call.store_id(), imp_uid)
        .await?;
    Ok(found)
}

/// The payment whose `imp_uid` stands in the path.
pub(super) async fn in_path(call: &Call) -> Result<Payment, Refused> {
    let found = by_imp_uid(call, call.path_text(0)).await?;
    found
        .map(|(payment, _)| payment)
        .ok_or_else(Refused::no_payment)
}

/// The payment in the path, whose virtual account waits for a deposit.
pub(super) async fn waiting_account(call: &Call) -> Result<Payment, Refused> {
    let found = by_imp_uid(call, call.path_text(0)).await?;
    let (payment, attempt) = found.ok_or_else(Refused::no_payment)?;
    let attempt = payment.attempt(attempt);
    let waits = attempt
        .is_some_and(|attempt| matches!(attempt.state, AttemptState::WaitingForDeposit { .. }));
    if waits {
        Ok(payment)
    } else {
        Err(Refused::Bad(messages::NO_WAITING_ACCOUNT.to_owned()))
    }
}

/// What a `merchant_uid` may stand for. One client writes a space as a plus: where nothing has the
/// id as it stands, the id with spaces is tried.
pub(super) fn spellings(merchant_uid: &str) -> impl Iterator<Item = String> {
    let spaced = merchant_uid.replace('+', " ");
    let spaced = Some(spaced).filter(|it| *it != merchant_uid);
    let ids = [Some(merchant_uid.to_owned()), spaced];
    ids.into_iter().flatten().filter(|id| !id.is_empty())
}

/// The payment of a `merchant_uid`.
pub(super) async fn by_merchant_uid(
    call: &Call,
    merchant_uid: &str,
) -> Result<Option<Payment>, Refused> {
    for id in spellings(merchant_uid) {
        let found = payment(call, &id).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The payment of a `merchant_uid` as it stands.
pub(super) async fn payment(call: &Call, merchant_uid: &str) -> Result<Option<Payment>, Refused> {
    let id = PaymentId::new(merchant_uid);
    match call.engine.payment_alone(call.store_id(), &id).await {
        Ok(payment) => Ok(Some(payment)),
        Err(Fault::PaymentNotFound) => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}

/// The billing key of a `customer_uid`, if it stands.
pub(super) async fn customer(call: &Call, id: &str) -> Result<Option<BillingKey>, Refused> {
    if id.is_empty() || id.contains('\0') {
        return Ok(None);
    }
    let id = BillingKeyId::new(id);
    match call.engine.billing_key(call.store_id(), &id).await {
        Ok(key) => Ok(Some(key).filter(|key| matches!(key.state, BillingKeyState::Issued { .. }))),
        Err(Fault::BillingKeyNotFound) => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}

/// The status in a path, which may be left out; `all` is no filter.
pub(super) fn status(text: &str) -> Result<Option<Status>, Refused> {
    match text {
        "" | "all" => Ok(None),
        text => {
            let mut all = Status::ALL.into_iter();
            let found = all.find(|status| status.name() == text);
            let found = found.ok_or_else(|| Refused::Status(400, messages::BAD_STATUS.to_owned()));
            found.map(Some)
        }
    }
}

/// Whether test channels' payments are hidden from this lookup.
pub(super) fn hides_test(input: &Input) -> Result<bool, Refused> {
    Ok(input.boolean("include_sandbox")? == Some(false))
}
