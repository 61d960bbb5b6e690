//! Builders of commands and values. Amounts are 1000 won with 91 VAT unless a test says otherwise.

use naru_domain::payment::{
    Attempt, AttemptOutcome, AttemptState, BeginAttempt, CancelRequest, Capture, Command,
    Confirmation, Failure, Issued, OrderDetails, Origin, Platform, RefundOutcome, Reporter,
    RetainOption, ReversalOutcome, Window, WindowApproval, WindowReturn,
};
use naru_domain::{
    Amount, AttemptId, CancellationId, CardPayment, ChannelId, ChannelKey, ChannelSnapshot,
    Currency, Customer, MerchantId, Method, MethodKind, PaymentId, StoreId, Timestamp,
    VirtualAccount,
};
use uuid::Uuid;

/// So many seconds after the beginning of all tests.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_767_225_600_000_000).plus_seconds(seconds)
}

pub fn attempt_id(number: u128) -> AttemptId {
    AttemptId::new(Uuid::from_u128(number))
}

pub fn cancellation_id(number: u128) -> CancellationId {
    CancellationId::new(Uuid::from_u128(number))
}

pub fn won(total: i64) -> Amount {
    Amount::new(total, None, None).unwrap()
}

pub fn failure(code: &str) -> Failure {
    Failure::own(code, "no")
}

pub fn channel() -> ChannelSnapshot {
    ChannelSnapshot {
        id: ChannelId::new("channel-id-1"),
        key: ChannelKey::new("channel-key-1"),
        name: "cards".to_owned(),
        pg_provider: "INICIS_V2".to_owned(),
        pg_merchant_id: "INIpayTest".to_owned(),
        is_test: true,
    }
}

pub fn origin() -> Origin {
    Origin {
        platform: Platform::Api,
        ip_address: "203.0.113.7".to_owned(),
        user_agent: None,
    }
}

pub fn order(amount: Amount) -> OrderDetails {
    OrderDetails {
        name: "tea".to_owned(),
        amount,
        currency: Currency::krw(),
        customer: Customer::default(),
        products: Vec::new(),
        product_count: None,
        custom_data: None,
        country: None,
        notice_urls: Vec::new(),
        is_cultural_expense: false,
        is_escrow: false,
        promotion_id: None,
    }
}

pub fn attempt(number: u128) -> Attempt {
    Attempt {
        id: attempt_id(number),
        imp_uid: None,
        order: order(won(1000)),
        channel: channel(),
        channel_group: None,
        takes_over_from: None,
        method: MethodKind::Card,
        origin: origin(),
        promotion: None,
        billing_key: None,
        cash_receipt: None,
        schedule: None,
        window: None,
        skip_webhook: false,
        send_by: at(30),
        requested_at: at(0),
        status_changed_at: at(0),
        state: AttemptState::Sending,
    }
}

/// An attempt in a window that the merchant has to confirm.
pub fn window_attempt(number: u128) -> Attempt {
    Attempt {
        window: Some(Window {
            expires_at: at(60),
            approval: WindowApproval::ByMerchant,
            account_expires_at: None,
            issues_key: false,
            opener: None,
            wishes: naru_domain::WindowWishes::default(),
        }),
        state: AttemptState::Ready,
        ..attempt(number)
    }
}

/// The customer comes back at 10 s; a confirmation is taken until 40 s.
pub fn returned(number: u128, outcome: Result<(), Failure>) -> Command {
    Command::Return(Box::new(WindowReturn {
        attempt: attempt_id(number),
        outcome,
        now: at(10),
        confirm_by: at(40),
        send_by: at(15),
    }))
}

/// A confirmation at 20 s that compares nothing.
pub fn confirmation(number: u128) -> Confirmation {
    Confirmation {
        attempt: Some(attempt_id(number)),
        tx_id: None,
        currency: None,
        total: None,
        tax_free: None,
        is_test: None,
        skip_webhook: false,
        now: at(20),
        send_by: at(25),
    }
}

pub fn confirm(number: u128) -> Command {
    Command::Confirm(Box::new(confirmation(number)))
}

pub fn end_window(number: u128) -> Command {
    Command::EndWindow {
        attempt: attempt_id(number),
        failure: failure(Failure::WINDOW_EXPIRED),
    }
}

pub fn begin_attempt(attempt: Attempt) -> BeginAttempt {
    BeginAttempt {
        merchant_id: MerchantId::new("merchant-1"),
        store_id: StoreId::new("store-1"),
        payment_id: PaymentId::new("order-1"),
        attempt,
        pre_registration: None,
        promotion_refusal: None,
    }
}

pub fn begin(attempt: Attempt) -> Command {
    Command::Begin(Box::new(begin_attempt(attempt)))
}

pub fn capture(pg_tx_id: &str, amount: i64) -> Capture {
    Capture {
        billing_key: None,
        pg_tx_id: pg_tx_id.to_owned(),
        amount,
        currency: Some(Currency::krw()),
        paid_at: at(2),
        method: Method::Card(CardPayment::default()),
        receipt_url: None,
        escrow: None,
        cash_receipt: None,
        pg_response: "{}".to_owned(),
    }
}

pub fn virtual_account() -> VirtualAccount {
    VirtualAccount {
        bank: Some("SHINHAN".to_owned()),
        account_number: "56211102030405".to_owned(),
        is_fixed: false,
        remittee_name: Some("Tea Shop".to_owned()),
        remitter_name: None,
        expires_at: Some(at(86_400)),
        issued_at: Some(at(1)),
        refund: None,
    }
}

pub fn issued() -> Issued {
    Issued {
        pg_tx_id: "issue-1".to_owned(),
        at: at(1),
        account: virtual_account(),
        escrow: None,
        pg_response: "{}".to_owned(),
    }
}

pub fn deposit_of(pg_tx_id: &str, amount: i64) -> Capture {
    Capture {
        method: Method::VirtualAccount(virtual_account()),
        ..capture(pg_tx_id, amount)
    }
}

pub fn approved(pg_tx_id: &str, amount: i64) -> AttemptOutcome {
    AttemptOutcome::Approved(Box::new(capture(pg_tx_id, amount)))
}

pub fn account_issued() -> AttemptOutcome {
    AttemptOutcome::AccountIssued(Box::new(issued()))
}

pub fn declined() -> AttemptOutcome {
    AttemptOutcome::Declined(failure("DECLINED"))
}

pub fn resolve(number: u128, outcome: AttemptOutcome, by: Reporter) -> Command {
    let attempt = attempt_id(number);
    Command::Resolve {
        attempt,
        outcome,
        by,
    }
}

pub fn tell(number: u128) -> Command {
    let attempt = attempt_id(number);
    Command::Tell { attempt }
}

pub fn deposit(number: u128, pg_tx_id: &str, amount: i64) -> Command {
    Command::Deposit {
        attempt: attempt_id(number),
        capture: Box::new(deposit_of(pg_tx_id, amount)),
    }
}

pub fn close() -> Command {
    Command::CloseAccount { send_by: at(1) }
}

pub fn closed(number: u128) -> Command {
    Command::ResolveClose {
        attempt: attempt_id(number),
        outcome: Ok(at(5)),
    }
}

pub fn close_refused(number: u128) -> Command {
    Command::ResolveClose {
        attempt: attempt_id(number),
        outcome: Err(failure("CLOSE_REFUSED")),
    }
}

pub fn reversed(number: u128) -> Command {
    Command::ResolveReversal {
        attempt: attempt_id(number),
        outcome: ReversalOutcome::Done,
    }
}

pub fn irreversible(number: u128) -> Command {
    Command::ResolveReversal {
        attempt: attempt_id(number),
        outcome: ReversalOutcome::Impossible(failure("NEEDS_ACCOUNT")),
    }
}

pub fn cancel_request(number: u128, amount: Option<i64>) -> CancelRequest {
    CancelRequest {
        id: cancellation_id(number),
        amount,
        tax_free: None,
        vat: None,
        current_cancellable: None,
        reason: "changed their mind".to_owned(),
        requester: None,
        refund_account: None,
        retain: RetainOption::Release,
        skip_webhook: false,
        send_by: at(30),
    }
}

pub fn cancel(number: u128, amount: Option<i64>) -> Command {
    Command::Cancel(Box::new(cancel_request(number, amount)))
}

pub fn refunded() -> RefundOutcome {
    RefundOutcome::Refunded {
        pg_cancellation_id: Some("refund-1".to_owned()),
        at: at(7),
    }
}

pub fn refused() -> RefundOutcome {
    RefundOutcome::Refused(failure("REFUND_REFUSED"))
}

pub fn resolve_refund(number: u128, outcome: RefundOutcome, by: Reporter) -> Command {
    let id = cancellation_id(number);
    Command::ResolveCancellation { id, outcome, by }
}
