//! Cancellations.

use naru_domain::payment::RetainOption;
use naru_engine::Fault;
use naru_engine::Secret;
use naru_engine::payments::{CancelPayment, PlainRefundAccount};
use naru_wire_v2::{
    CancelPaymentBody, CancelPaymentBodyRefundAccount, PromotionDiscountRetainOption,
};

use super::bad;
use super::order::{not_negative, positive};
use super::text::{digits, required};
use crate::limits::{ACCOUNT_NUMBER_MAX, NAME_MAX, REASON_MAX};

/// A cancellation asked for.
pub(crate) fn cancel(body: CancelPaymentBody) -> Result<CancelPayment, Fault> {
    Ok(CancelPayment {
        amount: positive("amount", body.amount)?,
        tax_free: not_negative("taxFreeAmount", body.tax_free_amount)?,
        vat: not_negative("vatAmount", body.vat_amount)?,
        current_cancellable: not_negative(
            "currentCancellableAmount",
            body.current_cancellable_amount,
        )?,
        reason: required("reason", body.reason, REASON_MAX)?,
        requester: body
            .requester
            .map(|requester| requester.as_str().to_owned()),
        refund_account: body.refund_account.map(refund_account).transpose()?,
        retain: match body.promotion_discount_retain_option {
            Some(PromotionDiscountRetainOption::Retain) => RetainOption::Retain,
            Some(PromotionDiscountRetainOption::Release) | None => RetainOption::Release,
        },
        skip_webhook: body.skip_webhook.unwrap_or(false),
    })
}

fn refund_account(input: CancelPaymentBodyRefundAccount) -> Result<PlainRefundAccount, Fault> {
    let number = digits(&input.number)
        .filter(|number| (1..=ACCOUNT_NUMBER_MAX).contains(&number.len()))
        .ok_or_else(|| {
            bad(
                "refundAccount.number",
                &format!("1 to {ACCOUNT_NUMBER_MAX} digits, with hyphens or without"),
            )
        })?;
    let holder = required("refundAccount.holderName", input.holder_name, NAME_MAX)?;
    Ok(PlainRefundAccount {
        bank: input.bank.as_str().to_owned(),
        number: Secret::new(number),
        holder_name: Secret::new(holder),
    })
}
