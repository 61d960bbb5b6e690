//! What a verified call asks for, with every field checked.
//!
//! Both versions of INIAPI end here. Nothing in this module looks at the books. Invariant: a
//! `Command` holds no card number, password, birth number or refund account; they are checked
//! and dropped.

use super::banks;
use super::cards::{self, Card};
use super::codes::{Reason, Refusal};
use super::crypto;
use super::fields::{Fields, digits};
use super::merchants::Merchant;
use super::receipt::{self, ReceiptAsked};
use crate::clock;
use crate::faults::Operation;
use crate::ledger::{Buyer, Currency, PartAsked, Taxes};

/// Inicis cuts order ids at 40 or 64 characters depending on the document; longer never works.
const ORDER_ID_MAX: usize = 64;

/// How the answer is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

/// A verified call.
pub(crate) struct Request {
    pub(crate) merchant: &'static Merchant,
    pub(crate) version: Version,
    pub(crate) command: Command,
}

/// The part that every sale has.
pub(crate) struct Sale {
    pub(crate) order_id: String,
    pub(crate) goods_name: String,
    pub(crate) buyer: Buyer,
    pub(crate) amount: u64,
    pub(crate) currency: Currency,
    pub(crate) taxes: Option<Taxes>,
    pub(crate) quota: String,
    pub(crate) interest_free: bool,
    /// Whether the PG is asked to hold the money until the customer confirms (`useescrow`).
    pub(crate) escrow: bool,
}

/// A virtual account that is asked for.
pub(crate) struct AccountAsked {
    pub(crate) bank_code: String,
    pub(crate) holder: String,
    pub(crate) valid_until_ms: i64,
    pub(crate) cash_receipt: bool,
    pub(crate) corporate_receipt: bool,
    /// Simulator only: the account number to issue (see `vacctNumber` in the README).
    pub(crate) number: Option<String>,
    /// Where its deposits are told, of the window for phones.
    pub(crate) notice_url: Option<String>,
}

/// What is asked for.
pub(crate) enum Command {
    PayCard {
        sale: Sale,
        card: Card,
    },
    IssueAccount {
        sale: Sale,
        account: AccountAsked,
    },
    IssueKey {
        sale: Sale,
        card: Card,
    },
    Charge {
        sale: Sale,
        key_digest: String,
        /// Whether a phone bill is meant, not a card.
        is_phone: bool,
    },
    Refund {
        tid: String,
        account: bool,
    },
    PartialRefund {
        tid: String,
        asked: PartAsked,
        currency: Currency,
        account: bool,
    },
    CloseAccount {
        tid: String,
    },
    Shipment {
        tid: String,
        order_id: String,
        amount: u64,
        is_change: bool,
    },
    AcceptRejection {
        tid: String,
    },
    StoreSales {
        tid: String,
    },
    IssueReceipt(ReceiptAsked),
    CancelReceipt {
        tid: String,
    },
    Inquiry {
        tid: String,
        order_id: String,
    },
}

impl Command {
    pub(crate) fn operation(&self) -> Operation {
        match self {
            Self::PayCard { .. } => Operation::PayCard,
            Self::IssueAccount { .. } => Operation::IssueVirtualAccount,
            Self::IssueKey { .. } => Operation::IssueBillingKey,
            Self::Charge { .. } => Operation::ChargeBillingKey,
            Self::Refund { .. } => Operation::Refund,
            Self::PartialRefund { .. } => Operation::PartialRefund,
            Self::CloseAccount { .. } => Operation::CloseVirtualAccount,
            Self::Shipment { .. } => Operation::RegisterShipment,
            Self::AcceptRejection { .. } => Operation::AcceptRejection,
            Self::StoreSales { .. } => Operation::RegisterStoreSales,
            Self::IssueReceipt(_) => Operation::IssueCashReceipt,
            Self::CancelReceipt { .. } => Operation::CancelCashReceipt,
            Self::Inquiry { .. } => Operation::Inquiry,
        }
    }

    /// The transaction whose escrow, if it has one, may be elsewhere after it.
    pub(crate) fn may_move_escrow(&self) -> Option<&str> {
        match self {
            Self::Refund { tid, .. }
            | Self::PartialRefund { tid, .. }
            | Self::Shipment { tid, .. }
            | Self::AcceptRejection { tid } => Some(tid),
            Self::PayCard { .. }
            | Self::IssueAccount { .. }
            | Self::IssueKey { .. }
            | Self::Charge { .. }
            | Self::CloseAccount { .. }
            | Self::StoreSales { .. }
            | Self::IssueReceipt(_)
            | Self::CancelReceipt { .. }
            | Self::Inquiry { .. } => None,
        }
    }
}

/// The PG's module whose prefix codes get before the books are known.
pub(crate) fn module(operation: Operation, account: bool) -> &'static str {
    match operation {
        Operation::PayCard | Operation::IssueBillingKey | Operation::ChargeBillingKey => "550",
        Operation::IssueVirtualAccount | Operation::CloseVirtualAccount => "504",
        _ if account => "504",
        _ => "500",
    }
}

/// Checks the fields of a call and makes the command of it.
pub(crate) fn read(
    operation: Operation,
    account: bool,
    fields: &Fields,
    merchant: &'static Merchant,
) -> Result<Command, Refusal> {
    let command = match operation {
        Operation::PayCard => pay_card(fields, merchant),
        Operation::IssueVirtualAccount => issue_account(fields, merchant),
        Operation::IssueBillingKey => issue_key(fields, merchant),
        Operation::ChargeBillingKey => sale(fields).and_then(|sale| {
            owner(fields, merchant)?;
            positive(sale.amount)?;
            Ok(Command::Charge {
                sale,
                key_digest: crypto::digest_of_key(fields.text("billKey")),
                // Version 2 names none: those are cards.
                is_phone: fields.text("paymethod") == "HPP",
            })
        }),
        Operation::Refund | Operation::PartialRefund if account => {
            refund_account(fields, merchant).and_then(|()| refund(operation, true, fields))
        }
        Operation::Refund | Operation::PartialRefund => refund(operation, false, fields),
        Operation::CloseVirtualAccount => Ok(Command::CloseAccount {
            tid: fields.text("tid").to_owned(),
        }),
        Operation::RegisterShipment => shipment(fields),
        Operation::AcceptRejection => Ok(Command::AcceptRejection {
            tid: fields.text("originalTid").to_owned(),
        }),
        Operation::RegisterStoreSales => Ok(Command::StoreSales {
            tid: fields.text("tid").to_owned(),
        }),
        Operation::IssueCashReceipt => receipt::read(fields, merchant).map(Command::IssueReceipt),
        Operation::CancelCashReceipt => Ok(Command::CancelReceipt {
            tid: fields.text("tid").to_owned(),
        }),
        Operation::Inquiry => inquiry(fields),
        // No path of the INIAPI leads here.
        Operation::ApproveWindow
        | Operation::NetCancel
        | Operation::Identity(_)
        | Operation::Tax(_) => Err(Reason::Method),
    };
    command.map_err(|reason| reason.of(module(operation, account)))
}

fn sale(fields: &Fields) -> Result<Sale, Reason> {
    let order_id = fields.text("moid");
    if order_id.len() > ORDER_ID_MAX || !order_id.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Reason::Message);
    }
    let amount = fields.amount("price")?;
    parts(fields, amount)?;
    let quota = fields.text_or("cardQuota", "00");
    if digits(quota, 2..=2).is_none() || quota == "01" {
        return Err(Reason::Instalment);
    }
    Ok(Sale {
        order_id: order_id.to_owned(),
        goods_name: fields.text("goodName").to_owned(),
        buyer: Buyer {
            name: fields.text("buyerName").to_owned(),
            mail: fields.text("buyerEmail").to_owned(),
            tel: fields.text("buyerTel").to_owned(),
        },
        amount,
        currency: currency(fields)?,
        taxes: taxes(fields)?,
        quota: quota.to_owned(),
        interest_free: fields.text("quotaInterest") == "1",
        escrow: fields.text("useescrow") == "Y",
    })
}

/// Tax and tax-free parts are inside the amount.
fn parts(fields: &Fields, amount: u64) -> Result<(), Reason> {
    let sum = fields
        .amount("tax")?
        .saturating_add(fields.amount("taxFree")?);
    if sum > amount {
        Err(Reason::AmountSum)
    } else {
        Ok(())
    }
}

/// The parts, where any is told.
fn taxes(fields: &Fields) -> Result<Option<Taxes>, Reason> {
    if fields.text("tax").is_empty() && fields.text("taxFree").is_empty() {
        return Ok(None);
    }
    Ok(Some(Taxes {
        vat: fields.amount("tax")?,
        tax_free: fields.amount("taxFree")?,
    }))
}

fn currency(fields: &Fields) -> Result<Currency, Reason> {
    match fields.text_or("currency", "WON") {
        "WON" => Ok(Currency::Krw),
        "USD" => Ok(Currency::Usd),
        _ => Err(Reason::Currency),
    }
}

fn positive(amount: u64) -> Result<(), Reason> {
    if amount == 0 {
        Err(Reason::AmountNotPositive)
    } else {
        Ok(())
    }
}

/// Birth or business number and the first two digits of the card password. The sandbox
/// merchants may leave them out; what is sent must be well-formed.
fn owner(fields: &Fields, merchant: &Merchant) -> Result<(), Reason> {
    if let Some(number) = fields.decrypted("regNo", merchant)?
        && digits(&number, 6..=6)
            .or(digits(&number, 10..=10))
            .is_none()
    {
        return Err(Reason::OwnerNumber);
    }
    if let Some(password) = fields.decrypted("cardPw", merchant)?
        && digits(&password, 2..=2).is_none()
    {
        return Err(Reason::Password);
    }
    Ok(())
}

fn card(fields: &Fields, merchant: &Merchant) -> Result<Card, Reason> {
    let number = fields
        .decrypted("cardNumber", merchant)?
        .ok_or(Reason::CardNumber)?;
    let card = cards::read(&number)?;
    let expiry = fields
        .decrypted("cardExpire", merchant)?
        .ok_or(Reason::Expiry)?;
    // YYMM. Whether it has passed is not checked, but year and month must not be swapped.
    let month = digits(&expiry, 4..=4).and_then(|text| text.get(2..)?.parse::<u8>().ok());
    if !month.is_some_and(|month| (1..=12).contains(&month)) {
        return Err(Reason::Expiry);
    }
    owner(fields, merchant)?;
    Ok(card)
}

fn pay_card(fields: &Fields, merchant: &Merchant) -> Result<Command, Reason> {
    let sale = sale(fields)?;
    positive(sale.amount)?;
    Ok(Command::PayCard {
        sale,
        card: card(fields, merchant)?,
    })
}

fn issue_key(fields: &Fields, merchant: &Merchant) -> Result<Command, Reason> {
    // The price is shown only; 0 is accepted.
    Ok(Command::IssueKey {
        sale: sale(fields)?,
        card: card(fields, merchant)?,
    })
}

fn issue_account(fields: &Fields, merchant: &Merchant) -> Result<Command, Reason> {
    let sale = sale(fields)?;
    positive(sale.amount)?;
    if sale.currency != Currency::Krw {
        return Err(Reason::Currency);
    }
    let bank_code = fields.text("bankCode");
    if banks::name(bank_code).is_none() {
        return Err(Reason::BankNotServed);
    }
    let (date, time) = (fields.text("dtInput"), fields.text("tmInput"));
    if clock::read_stamp(date, "000000").is_none() {
        return Err(Reason::DepositDate);
    }
    // No time: the whole day.
    let seconds = if time.is_empty() {
        "235959".to_owned()
    } else {
        format!("{time}00")
    };
    let valid_until_ms = clock::read_stamp(date, &seconds).ok_or(Reason::DepositTime)?;
    let wish = fields.text_or("flgCash", "0");
    let cash_receipt = match wish {
        "0" => false,
        "1" | "2" => {
            let number = fields.decrypted("cashRegNo", merchant)?.unwrap_or_default();
            digits(&number, 10..=19).ok_or(Reason::OwnerNumber)?;
            true
        }
        _ => return Err(Reason::Message),
    };
    let number = match fields.text("vacctNumber") {
        "" => None,
        number => Some(
            digits(number, 8..=20)
                .ok_or(Reason::AccountNumber)?
                .to_owned(),
        ),
    };
    let account = AccountAsked {
        bank_code: bank_code.to_owned(),
        holder: fields.text("nmInput").to_owned(),
        valid_until_ms,
        cash_receipt,
        corporate_receipt: wish == "2",
        number,
        notice_url: None,
    };
    Ok(Command::IssueAccount { sale, account })
}

fn refund_account(fields: &Fields, merchant: &Merchant) -> Result<(), Reason> {
    let number = fields
        .decrypted("refundAcctNum", merchant)?
        .unwrap_or_default();
    digits(&number, 6..=20).ok_or(Reason::AccountInfo)?;
    banks::name(fields.text("refundBankCode")).ok_or(Reason::AccountInfo)?;
    Ok(())
}

fn refund(operation: Operation, account: bool, fields: &Fields) -> Result<Command, Reason> {
    let tid = fields.text("tid").to_owned();
    if operation == Operation::Refund {
        return Ok(Command::Refund { tid, account });
    }
    let asked = PartAsked {
        price: fields.amount("price")?,
        confirm: fields.amount("confirmPrice")?,
    };
    positive(asked.price)?;
    parts(fields, asked.price)?;
    Ok(Command::PartialRefund {
        tid,
        asked,
        currency: currency(fields)?,
        account,
    })
}

fn shipment(fields: &Fields) -> Result<Command, Reason> {
    let is_change = match fields.text("report") {
        "I" => false,
        "U" => true,
        _ => return Err(Reason::Message),
    };
    Ok(Command::Shipment {
        tid: fields.text("tid").to_owned(),
        order_id: fields.text("oid").to_owned(),
        amount: fields.amount("price")?,
        is_change,
    })
}

fn inquiry(fields: &Fields) -> Result<Command, Reason> {
    // v1 calls it `originalTid`, v2 `tid`.
    let tid = fields.text_or("originalTid", fields.text("tid")).to_owned();
    let order_id = fields.text("oid").to_owned();
    if tid.is_empty() && order_id.is_empty() {
        return Err(Reason::OrderMissing);
    }
    Ok(Command::Inquiry { tid, order_id })
}
