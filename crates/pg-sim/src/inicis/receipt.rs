//! Cash receipts: what the PG reports to the tax office for money that did not come by card.
//!
//! Issued by a call of their own, or with the deposit of an account that asked for one; such a one
//! follows its payment's money. Invariant: whom a receipt is for is checked and dropped, never
//! kept.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::act::success;
use super::codes::Reason;
use super::fields::{Fields, digits};
use super::merchants::Merchant;
use super::run::Answer;
use crate::clock::Stamp;
use crate::ledger::{Deposit, Transaction};

/// A receipt that is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReceiptAsked {
    pub(crate) amount: u64,
    pub(crate) corporate: bool,
}

/// A receipt in the books.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Receipt {
    pub(crate) tid: String,
    pub(crate) mid: String,
    /// The tax office's number of it.
    pub(crate) number: String,
    /// For how much; less once a part of its payment was given back.
    pub(crate) amount: u64,
    pub(crate) corporate: bool,
    pub(crate) at_ms: i64,
    /// The payment that it was issued with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) payment_tid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cancelled_at_ms: Option<i64>,
}

impl Receipt {
    /// The receipt of the deposit that completes a payment, if the account asked for one. The
    /// notice of the deposit names the same.
    pub(crate) fn of_deposit(paid: &Transaction, deposit: &Deposit) -> Option<Self> {
        let account = paid.account.as_ref()?;
        if !account.cash_receipt || deposit.amount != paid.amount {
            return None;
        }
        Some(Self {
            tid: deposit.tid.replacen("ININPGVBNK", "ININPGCSHR", 1),
            mid: paid.mid.clone(),
            number: super::act::number_from(&deposit.tid, 9),
            amount: paid.amount,
            corporate: account.corporate_receipt,
            at_ms: deposit.at_ms,
            payment_tid: Some(paid.tid.clone()),
            cancelled_at_ms: None,
        })
    }

    /// Cancels it, whole.
    pub(crate) fn cancel(&mut self, now_ms: i64) -> Result<(), Reason> {
        if self.cancelled_at_ms.is_some() {
            return Err(Reason::AlreadyCancelled);
        }
        self.cancelled_at_ms = Some(now_ms);
        Ok(())
    }

    /// Follows its payment, of which `rest` was not given back.
    pub(crate) fn follow(&mut self, rest: u64, now_ms: i64) -> Result<(), Reason> {
        if rest == 0 {
            return self.cancel(now_ms);
        }
        if self.cancelled_at_ms.is_none() {
            self.amount = rest;
        }
        Ok(())
    }

    /// As an inquiry shows it. No document says that it shows receipts: the words are those of
    /// other transactions.
    pub(crate) fn shown(&self) -> Answer {
        let (at, cancelled) = (Stamp::of(self.at_ms), self.cancelled_at_ms.map(Stamp::of));
        let mut answer = success(json!({
            "tid": self.tid,
            "mid": self.mid,
            "price": self.amount.to_string(),
            "paymethod": "Receipt",
            "approvedDate": at.date(),
            "approvedTime": at.time(),
            "transactionStatus": if cancelled.is_some() { "CANCEL" } else { "APPROVAL" },
            "cancelDate": cancelled.map(Stamp::date),
            "cancelTime": cancelled.map(Stamp::time),
        }));
        answer.insert("resultCode".to_owned(), json!("SUCCESS"));
        answer
    }
}

/// Checks what a receipt is asked for with. Whose number it is follows from its length: ten digits
/// are a business.
pub(crate) fn read(fields: &Fields, merchant: &Merchant) -> Result<ReceiptAsked, Reason> {
    let corporate = match fields.text("useOpt") {
        "0" => false,
        "1" => true,
        _ => return Err(Reason::Message),
    };
    let number = fields.decrypted("regNum", merchant)?.unwrap_or_default();
    let lengths = if corporate { 10..=10 } else { 10..=19 };
    digits(&number, lengths).ok_or(Reason::OwnerNumber)?;
    if fields.text_or("currency", "WON") != "WON" {
        return Err(Reason::Currency);
    }
    let amount = fields.amount("crPrice")?;
    let (supply, vat) = (fields.amount("supPrice")?, fields.amount("tax")?);
    if amount == 0 {
        return Err(Reason::AmountNotPositive);
    }
    if supply + vat + fields.amount("srcvPrice")? != amount {
        return Err(Reason::AmountSum);
    }
    Ok(ReceiptAsked { amount, corporate })
}
