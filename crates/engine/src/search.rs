//! The search index: the words of payments and billing keys, written behind their commits
//! (`crate::index`).

use std::collections::BTreeSet;

use naru_domain::billing_key::{BillingKey, IssueOutcome};
use naru_domain::payment::{AttemptState, CancellationState, Capture, Failure, Issued, Payment};
use naru_domain::{Card, Customer, Method, StoreId};
use naru_store::{Commit, Condition, Query, Row, Value, Write, tables};

use crate::records::Subject;
use crate::{Engine, Fault};

/// Longest indexed value, in characters: PostgreSQL limits what an index can hold.
const VALUE_CHARS_MAX: usize = 100;

/// Words of one payment or billing key, more than there can be: 100 attempts and 100 cancellations
/// with some 20 each.
const WORDS_MAX: u32 = 10_000;

pub(crate) type Words = BTreeSet<(&'static str, String)>;

/// Folds case and cuts, the same for what is stored and what is searched for.
pub(crate) fn fold(text: &str) -> String {
    text.trim()
        .chars()
        .take(VALUE_CHARS_MAX)
        .collect::<String>()
        .to_lowercase()
}

/// What words are about.
pub(crate) struct About<'a> {
    pub(crate) store_id: &'a StoreId,
    pub(crate) subject: Subject,
    pub(crate) id: &'a str,
    pub(crate) words: Words,
    /// Whether it may have words already.
    pub(crate) may_have: bool,
}

impl<'a> About<'a> {
    pub(crate) fn payment(payment: &'a Payment, may_have: bool) -> Self {
        Self {
            may_have,
            store_id: &payment.store_id,
            subject: Subject::Payment,
            id: payment.id.as_str(),
            words: payment_words(payment),
        }
    }

    pub(crate) fn key(key: &'a BillingKey) -> Self {
        Self {
            may_have: true,
            store_id: &key.store_id,
            subject: Subject::BillingKey,
            id: key.id.as_str(),
            words: key_words(key),
        }
    }
}

impl Engine {
    /// Adds to a unit what changes of the words of these, all of one kind. Who writes the same at
    /// the same time names the same version of what they are about, so only one of the two commits.
    pub(crate) async fn add_words(
        &self,
        unit: &mut Commit,
        subject: Subject,
        about: &[About<'_>],
    ) -> Result<(), Fault> {
        let known = self.words_of(subject, about).await?;
        let mut words = BTreeSet::new();
        for one in about {
            let keys = one.words.iter().map(|word| search_key(one, word));
            words.extend(keys);
        }
        // Only what differs: most changes of a payment change few of its words.
        for key in known.difference(&words) {
            unit.writes.push(Write::Delete {
                table: &tables::SEARCH,
                key: key.clone(),
                expected: None,
            });
        }
        for key in words.difference(&known) {
            let row = Row {
                key: key.clone(),
                version: 1,
                columns: Vec::new(),
                body: "{}".to_owned(),
            };
            unit.writes.push(Write::Upsert(&tables::SEARCH, row));
        }
        Ok(())
    }

    /// The words that are there, of those that may have some.
    async fn words_of(
        &self,
        subject: Subject,
        about: &[About<'_>],
    ) -> Result<BTreeSet<Vec<Value>>, Fault> {
        let about: Vec<_> = about.iter().filter(|one| one.may_have).collect();
        if about.is_empty() {
            return Ok(BTreeSet::new());
        }
        let stores = about.iter().map(|one| one.store_id.as_str());
        let ids = about.iter().map(|one| one.id);
        let limit = u32::try_from(about.len()).unwrap_or(u32::MAX);
        let query = Query::of(&tables::SEARCH, WORDS_MAX.saturating_mul(limit))
            .and(Condition::one_of("store_id", stores))
            .and(Condition::Is("subject", subject.name().into()))
            .and(Condition::one_of("subject_id", ids));
        let rows = self.store().scan(query).await?;
        Ok(rows.into_iter().map(|row| row.key).collect())
    }
}

fn search_key(about: &About<'_>, (field, value): &(&'static str, String)) -> Vec<Value> {
    vec![
        about.store_id.as_str().into(),
        about.subject.name().into(),
        about.id.into(),
        (*field).into(),
        value.as_str().into(),
    ]
}

fn add(words: &mut Words, field: &'static str, value: Option<&str>) {
    if let Some(value) = value.map(fold).filter(|value| !value.is_empty()) {
        words.insert((field, value));
    }
}

fn add_customer(words: &mut Words, customer: &Customer) {
    add(words, "CUSTOMER_NAME", customer.name.as_deref());
    add(words, "CUSTOMER_EMAIL", customer.email.as_deref());
    add(
        words,
        "CUSTOMER_PHONE_NUMBER",
        customer.phone_number.as_deref(),
    );
    add(words, "CUSTOMER_ZIPCODE", customer.zipcode.as_deref());
    let address = customer
        .address
        .as_ref()
        .map(naru_domain::Address::one_line);
    add(words, "CUSTOMER_ADDRESS", address.as_deref());
}

fn add_card(words: &mut Words, card: &Card) {
    add(words, "CARD_ISSUER", card.issuer.as_deref());
    add(words, "CARD_ACQUIRER", card.issuer.as_deref());
    add(words, "CARD_BIN", card.bin.as_deref());
    add(words, "CARD_NUMBER", card.masked_number.as_deref());
}

fn payment_words(payment: &Payment) -> Words {
    let mut words = Words::new();
    add(&mut words, "PAYMENT_ID", Some(payment.id.as_str()));
    for attempt in &payment.attempts {
        add(&mut words, "TX_ID", Some(&attempt.transaction_id()));
        add(&mut words, "ORDER_NAME", Some(&attempt.order.name));
        add(
            &mut words,
            "PG_MERCHANT_ID",
            Some(&attempt.channel.pg_merchant_id),
        );
        add(
            &mut words,
            "PROMOTION_ID",
            attempt.order.promotion_id.as_deref(),
        );
        add(
            &mut words,
            "USER_AGENT",
            attempt.origin.user_agent.as_deref(),
        );
        let key = attempt.key().map(naru_domain::BillingKeyId::as_str);
        add(&mut words, "BILLING_KEY", key);
        let schedule = attempt
            .schedule
            .as_ref()
            .map(naru_domain::ScheduleId::as_str);
        add(&mut words, "SCHEDULE_ID", schedule);
        add_customer(&mut words, &attempt.order.customer);
        add_state(&mut words, &attempt.state);
    }
    for cancellation in &payment.cancellations {
        add(&mut words, "CANCEL_REASON", Some(&cancellation.reason));
        if let CancellationState::Succeeded {
            pg_cancellation_id, ..
        } = &cancellation.state
        {
            add(
                &mut words,
                "PG_CANCELLATION_ID",
                pg_cancellation_id.as_deref(),
            );
        }
    }
    words
}

fn add_state(words: &mut Words, state: &AttemptState) {
    match state {
        AttemptState::Captured { capture } => add_capture(words, Some(capture)),
        AttemptState::WaitingForDeposit { issued, .. } => add_issued(words, Some(issued)),
        AttemptState::Failed {
            failure, issued, ..
        } => {
            add_failure(words, failure);
            add_issued(words, issued.as_ref());
        }
        AttemptState::Reversing {
            failure,
            capture,
            issued,
            ..
        } => {
            add_failure(words, failure);
            add_capture(words, capture.as_ref());
            add_issued(words, issued.as_ref());
        }
        AttemptState::Reversed {
            failure, capture, ..
        } => {
            add_failure(words, failure);
            add_capture(words, capture.as_ref());
        }
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Sending
        | AttemptState::Unknown { .. } => {}
    }
}

fn add_capture(words: &mut Words, capture: Option<&Capture>) {
    if let Some(capture) = capture {
        add(words, "PG_TX_ID", Some(&capture.pg_tx_id));
        add_method(words, &capture.method);
    }
}

fn add_issued(words: &mut Words, issued: Option<&Issued>) {
    if let Some(issued) = issued {
        add(words, "PG_TX_ID", Some(&issued.pg_tx_id));
        add_method(words, &Method::VirtualAccount(issued.account.clone()));
    }
}

/// The reason as it is shown, and the text behind the code.
fn add_failure(words: &mut Words, failure: &Failure) {
    let reason = failure.reason();
    let text = reason.strip_prefix(&format!("[{}]", failure.pg_code));
    add(words, "FAIL_REASON", text);
    add(words, "FAIL_REASON", Some(&reason));
}

fn add_method(words: &mut Words, method: &Method) {
    if let Some(paid) = method.card() {
        add_card(words, &paid.card);
        let number = paid.approval_number.as_deref();
        add(words, "CARD_APPROVAL_NUMBER", number);
        let months = paid.installment_months.to_string();
        add(words, "CARD_INSTALLMENT", Some(&months));
    }
    match method {
        Method::GiftCertificate(paid) => add(
            words,
            "GIFT_CERTIFICATION_APPROVAL_NUMBER",
            paid.approval_number.as_deref(),
        ),
        Method::Card(_) | Method::Transfer(_) | Method::Mobile(_) | Method::EasyPay(_) => {}
        Method::VirtualAccount(account) => {
            add(
                words,
                "VIRTUAL_ACCOUNT_NUMBER",
                Some(&account.account_number),
            );
            add(words, "VIRTUAL_ACCOUNT_BANK", account.bank.as_deref());
            add(
                words,
                "VIRTUAL_ACCOUNT_HOLDER_NAME",
                account.remittee_name.as_deref(),
            );
        }
    }
}

fn key_words(key: &BillingKey) -> Words {
    let mut words = Words::new();
    add(&mut words, "BILLING_KEY", Some(key.id.as_str()));
    add_customer(&mut words, &key.customer);
    add(&mut words, "USER_AGENT", key.origin.user_agent.as_deref());
    for issue in &key.channels {
        add(
            &mut words,
            "PG_MERCHANT_ID",
            Some(&issue.channel.pg_merchant_id),
        );
        if let IssueOutcome::Issued {
            card: Some(card), ..
        } = &issue.outcome
        {
            add_card(&mut words, card);
        }
    }
    words
}
