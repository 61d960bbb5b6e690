//! The issue of a billing key in a window of this face, in a payment's place. No payment stands
//! behind it and no money moved, so its amount is nothing, whatever the window showed.

use naru_domain::billing_key::{BillingKey, BillingKeyState, ChannelIssue, IssueOutcome};
use naru_domain::{Card, Currency, Timestamp};
use serde_json::Value;

use super::{ISSUE, Status, WirePayment, account, buyer, channel, paid_card, seconds};
use crate::codes::pg;
use crate::money::major;
use crate::refused::Refused;

/// Where an issue stands, by the statuses of payments.
pub(crate) const fn status_of_issue(key: &BillingKey) -> Status {
    match key.state {
        BillingKeyState::Ready
        | BillingKeyState::AwaitingConfirm { .. }
        | BillingKeyState::Issuing => Status::Ready,
        BillingKeyState::Issued { .. } | BillingKeyState::Deleted { .. } => Status::Paid,
        BillingKeyState::Failed { .. } => Status::Failed,
    }
}

/// What became of it.
#[derive(Default)]
struct Facts<'a> {
    card: Option<&'a Card>,
    pg_tx_id: Option<&'a str>,
    issued_at: Option<Timestamp>,
    failed_at: Option<Timestamp>,
    fail_reason: Option<String>,
}

fn facts<'a>(key: &'a BillingKey, issue: &'a ChannelIssue) -> Facts<'a> {
    let end = match key.state {
        BillingKeyState::Ready
        | BillingKeyState::AwaitingConfirm { .. }
        | BillingKeyState::Issuing => return Facts::default(),
        BillingKeyState::Issued { at } | BillingKeyState::Deleted { issued_at: at, .. } => Facts {
            issued_at: Some(at),
            ..Facts::default()
        },
        BillingKeyState::Failed { at } => Facts {
            failed_at: Some(at),
            ..Facts::default()
        },
    };
    match &issue.outcome {
        IssueOutcome::Pending => end,
        IssueOutcome::Issued { card, pg_tx_id, .. } => Facts {
            card: card.as_deref(),
            pg_tx_id: pg_tx_id.as_deref(),
            ..end
        },
        IssueOutcome::Failed { failure } => Facts {
            fail_reason: Some(failure.reason()),
            ..end
        },
        IssueOutcome::Refused { message } => Facts {
            fail_reason: Some(message.clone()),
            ..end
        },
    }
}

/// An issue that this face names.
pub(crate) fn issue(key: &BillingKey) -> Result<WirePayment, Refused> {
    let (Some(named), Some(window), Some(one)) =
        (key.named_issue(), &key.window, key.channels.first())
    else {
        return Err(Refused::internal("an issue without a name or a channel"));
    };
    let facts = facts(key, one);
    let currency = Currency::krw();
    Ok(WirePayment {
        imp_uid: named.imp_uid.to_string(),
        merchant_uid: named.merchant_uid.to_owned(),
        pay_method: if key.is_phone_bill() { "phone" } else { "card" },
        channel: channel(key.origin.platform),
        pg_provider: pg::name(&one.channel.pg_provider),
        emb_pg_provider: None,
        pg_tid: facts.pg_tx_id.map(str::to_owned),
        pg_id: one.channel.pg_merchant_id.clone(),
        sandbox: one.channel.is_test,
        escrow: false,
        apply_num: None,
        bank_code: None,
        bank_name: None,
        card: paid_card(facts.card, 0),
        account: account(None),
        name: window.name.clone(),
        amount: major(0, &currency),
        cancel_amount: major(0, &currency),
        currency: currency.as_str().to_owned(),
        buyer: buyer(&key.customer),
        custom_data: key.custom_data.clone(),
        user_agent: key.origin.user_agent.clone(),
        status: status_of_issue(key).name(),
        started_at: key.requested_at.as_seconds(),
        paid_at: seconds(facts.issued_at),
        failed_at: seconds(facts.failed_at),
        cancelled_at: 0,
        fail_reason: facts.fail_reason,
        cancel_reason: None,
        receipt_url: None,
        cancel_history: Vec::new(),
        cancel_receipt_urls: Vec::new(),
        cash_receipt_issued: false,
        customer_uid: key.saves_as.as_ref().map(ToString::to_string),
        customer_uid_usage: Some(ISSUE),
        promotion: Value::Null,
    })
}
