//! Virtual accounts: until when, which account, which cash receipt.

use naru_domain::Timestamp;
use naru_engine::Fault;
use naru_engine::payments::PayMethod;
use naru_engine::{AccountChoice, CashReceiptWish};
use naru_wire_v2::{
    CashReceiptInputType, InstantPaymentMethodInputVirtualAccount,
    InstantPaymentMethodInputVirtualAccountCashReceiptInfo as CashReceiptInfo,
    InstantPaymentMethodInputVirtualAccountExpiry as Expiry,
    InstantPaymentMethodInputVirtualAccountOption as AccountOption,
    InstantPaymentMethodInputVirtualAccountOptionType as OptionType,
};

use super::bad;
use super::cash_receipt::identity_number;
use super::text::{optional, required, time};
use crate::limits::{ACCOUNT_NUMBER_MAX, NAME_MAX, VALID_HOURS_MAX};

/// An account to be issued.
pub(super) fn account(
    input: InstantPaymentMethodInputVirtualAccount,
    now: Timestamp,
) -> Result<PayMethod, Fault> {
    Ok(PayMethod::VirtualAccount {
        bank: input.bank.as_str().to_owned(),
        expires_at: expiry(&input.expiry, now)?,
        account: choice(input.option)?,
        cash_receipt: input
            .cash_receipt
            .map_or(Ok(CashReceiptWish::None), |info| cash_receipt(&info))?,
        remittee_name: optional(
            "method.virtualAccount.remitteeName",
            input.remittee_name,
            NAME_MAX,
        )?,
    })
}

fn expiry(input: &Expiry, now: Timestamp) -> Result<Timestamp, Fault> {
    match (input.valid_hours, input.due_date.as_deref()) {
        (Some(hours), None) if (1..=VALID_HOURS_MAX).contains(&hours) => {
            Ok(now.plus_seconds(i64::from(hours) * 3_600))
        }
        (Some(_), None) => Err(bad(
            "method.virtualAccount.expiry.validHours",
            &format!("a number from 1 to {VALID_HOURS_MAX}"),
        )),
        (None, Some(date)) => {
            let field = "method.virtualAccount.expiry.dueDate";
            let due = time(field, date)?;
            let latest = now.plus_seconds(i64::from(VALID_HOURS_MAX) * 3_600);
            if due <= now || due > latest {
                return Err(bad(
                    field,
                    "a date and time in the future, within ten years",
                ));
            }
            Ok(due)
        }
        _ => Err(bad(
            "method.virtualAccount.expiry",
            "exactly one of `validHours` and `dueDate`",
        )),
    }
}

fn choice(input: AccountOption) -> Result<AccountChoice, Fault> {
    let field = "method.virtualAccount.option.fixed";
    match (input.r#type, input.fixed) {
        (OptionType::Normal, _) => Ok(AccountChoice::Normal),
        (OptionType::Fixed, fixed) => {
            let (number, id) = fixed.map_or((None, None), |fixed| {
                (fixed.account_number, fixed.pg_account_id)
            });
            match (number, id) {
                (Some(number), None) => {
                    let field = format!("{field}.accountNumber");
                    required(&field, number, ACCOUNT_NUMBER_MAX).map(AccountChoice::FixedNumber)
                }
                (None, Some(id)) => {
                    let field = format!("{field}.pgAccountId");
                    required(&field, id, ACCOUNT_NUMBER_MAX).map(AccountChoice::FixedId)
                }
                _ => Err(bad(
                    field,
                    "exactly one of `pgAccountId` and `accountNumber`",
                )),
            }
        }
    }
}

fn cash_receipt(input: &CashReceiptInfo) -> Result<CashReceiptWish, Fault> {
    if input.r#type == CashReceiptInputType::NoReceipt {
        return Ok(CashReceiptWish::None);
    }
    let number = identity_number(
        "method.virtualAccount.cashReceipt.customerIdentityNumber",
        &input.customer_identity_number,
    )?;
    Ok(match input.r#type {
        CashReceiptInputType::Personal => CashReceiptWish::Personal(number),
        CashReceiptInputType::Corporate => CashReceiptWish::Corporate(number),
        CashReceiptInputType::NoReceipt => CashReceiptWish::None,
    })
}
