//! A payment as this face shows it: one attempt, with what was cancelled of it; or the issue of a
//! billing key in a window.

mod issue;

pub(crate) use issue::{issue, status_of_issue};

use naru_domain::payment::{
    Attempt, AttemptState, Cancellation, CancellationState, Capture, Failure, Issued, Payment,
    Platform, Status as PaymentStatus,
};
use naru_domain::{
    Card, CardPayment, Currency, Customer, Method, MethodKind, Timestamp, VirtualAccount,
};
use serde::Serialize;
use serde_json::{Number, Value, json};

use crate::codes::{Code, bank, card, pg};
use crate::money::major;
use crate::refused::Refused;

/// The statuses of this face. A partial cancellation is `cancelled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Ready,
    Paid,
    Cancelled,
    Failed,
}

impl Status {
    pub(crate) const ALL: [Self; 4] = [Self::Ready, Self::Paid, Self::Cancelled, Self::Failed];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Paid => "paid",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// The statuses of V2 that it stands for.
    pub(crate) const fn of_v2(self) -> &'static [&'static str] {
        match self {
            Self::Ready => &["READY", "PAY_PENDING", "VIRTUAL_ACCOUNT_ISSUED"],
            Self::Paid => &["PAID"],
            Self::Cancelled => &["PARTIAL_CANCELLED", "CANCELLED"],
            Self::Failed => &["FAILED"],
        }
    }
}

/// The status of one attempt.
pub(crate) fn status_of(payment: &Payment, attempt: &Attempt) -> Status {
    match payment.status_of(attempt) {
        PaymentStatus::Ready | PaymentStatus::PayPending | PaymentStatus::VirtualAccountIssued => {
            Status::Ready
        }
        PaymentStatus::Paid => Status::Paid,
        PaymentStatus::PartialCancelled | PaymentStatus::Cancelled => Status::Cancelled,
        PaymentStatus::Failed => Status::Failed,
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct WirePayment {
    imp_uid: String,
    merchant_uid: String,
    pay_method: &'static str,
    channel: &'static str,
    pg_provider: String,
    emb_pg_provider: Option<String>,
    pg_tid: Option<String>,
    pg_id: String,
    sandbox: bool,
    escrow: bool,
    apply_num: Option<String>,
    bank_code: Option<String>,
    bank_name: Option<String>,
    #[serde(flatten)]
    card: PaidCard,
    #[serde(flatten)]
    account: Account,
    name: String,
    amount: Number,
    cancel_amount: Number,
    currency: String,
    #[serde(flatten)]
    buyer: Buyer,
    custom_data: Option<String>,
    user_agent: Option<String>,
    status: &'static str,
    started_at: i64,
    paid_at: i64,
    failed_at: i64,
    cancelled_at: i64,
    pub(crate) fail_reason: Option<String>,
    cancel_reason: Option<String>,
    receipt_url: Option<String>,
    cancel_history: Vec<WireCancellation>,
    cancel_receipt_urls: Vec<String>,
    cash_receipt_issued: bool,
    customer_uid: Option<String>,
    customer_uid_usage: Option<&'static str>,
    promotion: Value,
}

#[expect(clippy::struct_field_names, reason = "the wire's names")]
#[derive(Debug, Serialize)]
struct PaidCard {
    card_code: Option<&'static str>,
    card_name: Option<&'static str>,
    card_issuer_code: Option<&'static str>,
    card_issuer_name: Option<&'static str>,
    card_publisher_code: Option<&'static str>,
    card_publisher_name: Option<&'static str>,
    card_quota: u16,
    card_number: Option<String>,
    card_type: Option<u8>,
}

#[expect(clippy::struct_field_names, reason = "the wire's names")]
#[derive(Debug, Serialize)]
struct Account {
    vbank_code: Option<&'static str>,
    vbank_name: Option<&'static str>,
    vbank_num: Option<String>,
    vbank_holder: Option<String>,
    vbank_date: i64,
    vbank_issued_at: i64,
}

#[expect(clippy::struct_field_names, reason = "the wire's names")]
#[derive(Debug, Serialize)]
struct Buyer {
    buyer_name: Option<String>,
    buyer_email: Option<String>,
    buyer_tel: Option<String>,
    buyer_addr: Option<String>,
    buyer_postcode: Option<String>,
}

#[derive(Debug, Serialize)]
struct WireCancellation {
    pg_tid: String,
    amount: Number,
    cancelled_at: i64,
    reason: String,
    cancellation_id: String,
    receipt_url: Option<String>,
}

/// What the attempt's state says.
#[derive(Default)]
struct Facts<'a> {
    capture: Option<&'a Capture>,
    card: Option<&'a CardPayment>,
    account: Option<&'a VirtualAccount>,
    /// The V2 code of the bank of a transfer.
    bank: Option<&'a str>,
    /// The V2 code of an easy-pay provider.
    easy_pay: Option<&'a str>,
    pg_tx_id: Option<&'a str>,
    failed_at: Option<Timestamp>,
    fail_reason: Option<String>,
}

fn facts(attempt: &Attempt) -> Facts<'_> {
    match &attempt.state {
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Sending
        | AttemptState::Unknown { .. } => Facts::default(),
        AttemptState::WaitingForDeposit { issued, .. } => of_account(issued),
        AttemptState::Captured { capture } => Facts {
            capture: Some(capture),
            pg_tx_id: Some(&capture.pg_tx_id),
            ..of_method(&capture.method)
        },
        AttemptState::Failed {
            failure,
            at,
            issued,
        } => Facts {
            failed_at: Some(*at),
            fail_reason: Some(fail_reason(failure)),
            ..issued.as_ref().map(of_account).unwrap_or_default()
        },
        AttemptState::Reversing {
            capture,
            failure,
            at,
            ..
        }
        | AttemptState::Reversed {
            capture,
            failure,
            at,
        } => Facts {
            failed_at: Some(*at),
            fail_reason: Some(fail_reason(failure)),
            pg_tx_id: capture.as_ref().map(|capture| capture.pg_tx_id.as_str()),
            ..capture
                .as_ref()
                .map(|capture| of_method(&capture.method))
                .unwrap_or_default()
        },
    }
}

/// A PG's code and words; a merchant's own words stand alone.
pub(crate) fn fail_reason(failure: &Failure) -> String {
    if failure.pg_code == Failure::CONFIRM_REFUSED {
        return failure.pg_message.clone();
    }
    failure.reason()
}

fn of_account(issued: &Issued) -> Facts<'_> {
    Facts {
        account: Some(&issued.account),
        pg_tx_id: Some(&issued.pg_tx_id),
        ..Facts::default()
    }
}

fn of_method(method: &Method) -> Facts<'_> {
    match method {
        Method::Card(card) => Facts {
            card: Some(card),
            ..Facts::default()
        },
        Method::VirtualAccount(account) => Facts {
            account: Some(account),
            ..Facts::default()
        },
        Method::Transfer(paid) => Facts {
            bank: paid.bank.as_deref(),
            ..Facts::default()
        },
        Method::EasyPay(paid) => Facts {
            card: method.card(),
            easy_pay: paid.provider.as_deref(),
            ..Facts::default()
        },
        Method::Mobile(_) | Method::GiftCertificate(_) => Facts::default(),
    }
}

/// The payment as its attempt that counts: the successful one, else the latest.
pub(crate) fn shown(of: &Payment) -> Result<WirePayment, Refused> {
    let attempt = of.shown();
    let attempt = attempt.ok_or_else(|| Refused::internal("a payment without an attempt"))?;
    Ok(payment(of, attempt))
}

/// One attempt at a payment.
pub(crate) fn payment(payment: &Payment, attempt: &Attempt) -> WirePayment {
    let facts = facts(attempt);
    let order = &attempt.order;
    let currency = &order.currency;
    let cancelled = cancelled(payment, attempt);
    let bank = facts.bank.and_then(bank::of_v2);
    WirePayment {
        imp_uid: attempt.imp_uid(),
        merchant_uid: payment.id.to_string(),
        pay_method: pay_method(attempt),
        channel: channel(attempt.origin.platform),
        pg_provider: pg::name(&attempt.channel.pg_provider),
        emb_pg_provider: facts.easy_pay.and_then(easy_pay).map(str::to_owned),
        pg_tid: facts.pg_tx_id.map(str::to_owned),
        pg_id: attempt.channel.pg_merchant_id.clone(),
        sandbox: attempt.channel.is_test,
        escrow: match facts.capture {
            Some(_) => payment.escrow.is_some(),
            None => order.is_escrow,
        },
        apply_num: facts.card.and_then(|paid| paid.approval_number.clone()),
        bank_code: bank.map(|code| code.code.to_owned()),
        bank_name: bank.map(|code| code.name.to_owned()),
        card: paid_card(
            facts.card.map(|paid| &paid.card),
            facts.card.map_or(0, |paid| paid.installment_months),
        ),
        account: account(facts.account),
        name: order.name.clone(),
        amount: major(order.amount.total, currency),
        cancel_amount: major(
            cancelled.iter().map(|one| one.0.amount.total).sum(),
            currency,
        ),
        currency: currency.as_str().to_owned(),
        buyer: buyer(&order.customer),
        custom_data: order.custom_data.clone(),
        user_agent: attempt.origin.user_agent.clone(),
        status: status_of(payment, attempt).name(),
        started_at: attempt.requested_at.as_seconds(),
        paid_at: seconds(facts.capture.map(|capture| capture.paid_at)),
        failed_at: seconds(facts.failed_at),
        cancelled_at: seconds(cancelled.last().map(|(_, at, _)| *at)),
        cancel_reason: cancelled.last().map(|(one, ..)| one.reason.clone()),
        receipt_url: facts
            .capture
            .and_then(|capture| capture.receipt_url.clone()),
        cancel_history: history(&cancelled, facts.pg_tx_id, currency),
        cancel_receipt_urls: Vec::new(),
        cash_receipt_issued: facts.capture.is_some_and(has_cash_receipt),
        customer_uid: attempt.key().map(ToString::to_string),
        customer_uid_usage: usage(attempt),
        promotion: promotion(attempt),
        fail_reason: facts.fail_reason,
    }
}

fn paid_card(card: Option<&Card>, months: u16) -> PaidCard {
    let CardCodes {
        own,
        issuer,
        publisher,
    } = card_codes(card);
    PaidCard {
        card_code: own.map(|code| code.code),
        card_name: own.map(|code| code.name),
        card_issuer_code: issuer.map(|code| code.code),
        card_issuer_name: issuer.map(|code| code.name),
        card_publisher_code: publisher.map(|code| code.code),
        card_publisher_name: publisher.map(|code| code.name),
        card_quota: months,
        card_number: card.and_then(|card| card.masked_number.clone()),
        card_type: card_type(card),
    }
}

fn account(of: Option<&VirtualAccount>) -> Account {
    let bank = of.and_then(|account| bank::of_v2(account.bank.as_deref()?));
    Account {
        vbank_code: bank.map(|code| code.code),
        vbank_name: bank.map(|code| code.name),
        vbank_num: of.map(|account| account.account_number.clone()),
        vbank_holder: of.and_then(|account| account.remittee_name.clone()),
        vbank_date: seconds(of.and_then(|account| account.expires_at)),
        vbank_issued_at: seconds(of.and_then(|account| account.issued_at)),
    }
}

fn buyer(customer: &Customer) -> Buyer {
    Buyer {
        buyer_name: customer.name.clone(),
        buyer_email: customer.email.clone(),
        buyer_tel: customer.phone_number.clone(),
        buyer_addr: customer
            .address
            .as_ref()
            .map(naru_domain::Address::one_line),
        buyer_postcode: customer.zipcode.clone(),
    }
}

fn seconds(at: Option<Timestamp>) -> i64 {
    at.map_or(0, Timestamp::as_seconds)
}

/// The wallet inside the PG's window, by the names of this face.
fn easy_pay(provider: &str) -> Option<&'static str> {
    Some(match provider {
        "NAVERPAY" => "naverpay",
        "KAKAOPAY" => "kakaopay",
        "PAYCO" => "payco",
        "SAMSUNGPAY" => "samsungpay",
        "SSGPAY" => "ssgpay",
        "LPAY" => "lpay",
        "APPLEPAY" => "applepay",
        "PINPAY" => "pinpay",
        "TOSSPAY" => "tosspay",
        "SKPAY" => "skpay",
        "TOSS_BRANDPAY" => "toss_brandpay",
        _ => return None,
    })
}

fn pay_method(attempt: &Attempt) -> &'static str {
    match attempt.paid_by() {
        MethodKind::Card => "card",
        MethodKind::VirtualAccount => "vbank",
        MethodKind::Transfer => "trans",
        MethodKind::Mobile => "phone",
        MethodKind::GiftCertificate => gift_certificate(attempt),
        MethodKind::EasyPay => easy_pay_method(attempt),
    }
}

/// A wallet's card is a card here, and its own money points.
fn easy_pay_method(attempt: &Attempt) -> &'static str {
    match &attempt.state {
        AttemptState::Captured { capture } if capture.method.card().is_none() => "point",
        _ => "card",
    }
}

fn gift_certificate(attempt: &Attempt) -> &'static str {
    let paid = match &attempt.state {
        AttemptState::Captured { capture } => match &capture.method {
            Method::GiftCertificate(paid) => paid.kind.as_deref(),
            _ => None,
        },
        _ => None,
    };
    let window = attempt.window.as_ref();
    let asked = window.and_then(|window| window.wishes.gift_certificate.as_deref());
    match paid.or(asked) {
        Some("SMART_MUNSANG") => "smartculture",
        Some("BOOKNLIFE") => "booknlife",
        Some("HAPPYMONEY") => "happymoney",
        Some("CULTUREGIFT") => "culturegift",
        _ => "cultureland",
    }
}

const fn channel(platform: Platform) -> &'static str {
    match platform {
        Platform::Pc => "pc",
        Platform::Mobile => "mobile",
        Platform::Api => "api",
    }
}

/// The codes that a card is known by.
pub(crate) struct CardCodes {
    /// The issuer's, else the publisher's, else the foreign brand's.
    pub(crate) own: Option<Code>,
    pub(crate) issuer: Option<Code>,
    pub(crate) publisher: Option<Code>,
}

pub(crate) fn card_codes(of: Option<&Card>) -> CardCodes {
    let code = |name: Option<&String>| name.and_then(|name| card::of_v2(name));
    let issuer = of.and_then(|card| code(card.issuer.as_ref()));
    let publisher = of.and_then(|card| code(card.publisher.as_ref()));
    let brand = of.and_then(|card| code(card.brand.as_ref()));
    CardCodes {
        own: issuer.or(publisher).or(brand),
        issuer,
        publisher,
    }
}

/// 0 for credit, 1 for check cards.
pub(crate) fn card_type(card: Option<&Card>) -> Option<u8> {
    match card?.kind.as_deref()? {
        "CREDIT" => Some(0),
        "DEBIT" => Some(1),
        _ => None,
    }
}

/// The cancellations that gave money back, oldest first. They are of the attempt whose money was
/// taken.
fn cancelled<'a>(
    payment: &'a Payment,
    attempt: &Attempt,
) -> Vec<(&'a Cancellation, Timestamp, Option<&'a str>)> {
    if !matches!(attempt.state, AttemptState::Captured { .. }) {
        return Vec::new();
    }
    let done = payment
        .cancellations
        .iter()
        .filter_map(|one| match &one.state {
            CancellationState::Succeeded {
                pg_cancellation_id,
                at,
            } => Some((one, *at, pg_cancellation_id.as_deref())),
            CancellationState::Sending
            | CancellationState::Requested
            | CancellationState::Failed { .. } => None,
        });
    done.collect()
}

fn history(
    cancelled: &[(&Cancellation, Timestamp, Option<&str>)],
    pg_tx_id: Option<&str>,
    currency: &Currency,
) -> Vec<WireCancellation> {
    let one = |(one, at, pg_id): &(&Cancellation, Timestamp, Option<&str>)| WireCancellation {
        pg_tid: pg_id.or(pg_tx_id).unwrap_or_default().to_owned(),
        amount: major(one.amount.total, currency),
        cancelled_at: at.as_seconds(),
        reason: one.reason.clone(),
        cancellation_id: one.id.to_string(),
        receipt_url: None,
    };
    cancelled.iter().map(one).collect()
}

fn has_cash_receipt(capture: &Capture) -> bool {
    let receipt = capture.cash_receipt.as_ref();
    receipt.is_some_and(|receipt| receipt.cancelled_at.is_none())
}

fn usage(attempt: &Attempt) -> Option<&'static str> {
    match (&attempt.billing_key, &attempt.schedule) {
        // Its window issued the key with the money.
        (None, _) => attempt.key().map(|_| ISSUE),
        (Some(_), None) => Some("payment"),
        (Some(_), Some(_)) => Some("payment.scheduled"),
    }
}

/// How a payment used its billing key: by having it issued.
const ISSUE: &str = "issue";

fn promotion(attempt: &Attempt) -> Value {
    match (&attempt.promotion, &attempt.order.promotion_id) {
        (Some(_), Some(id)) => json!({
            "id": id,
            "discount": major(attempt.discount(), &attempt.order.currency),
        }),
        (Some(_) | None, _) => Value::Null,
    }
}
