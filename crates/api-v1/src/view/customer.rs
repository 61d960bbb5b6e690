//! A billing key as this face shows it: what the card says, and whose it is.

use naru_domain::billing_key::{BillingKey, BillingKeyState, ChannelIssue, IssueOutcome};
use naru_domain::{Address, Card};
use serde::Serialize;

use super::payment::{CardCodes, card_codes, card_type};
use crate::codes::pg;

/// A billing key, at one channel or at those of a group.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum WireCustomer {
    One(Box<One>),
    Super(Box<Super>),
}

#[derive(Debug, Serialize)]
pub(crate) struct One {
    customer_uid: String,
    pg_provider: String,
    pg_id: String,
    sandbox: bool,
    #[serde(flatten)]
    card: WireCard,
    #[serde(flatten)]
    person: Person,
    inserted: i64,
    updated: i64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Super {
    customer_uid: String,
    #[serde(rename = "channelGroupId")]
    channel_group_id: String,
    #[serde(flatten)]
    person: Person,
    #[serde(rename = "succeededChannels")]
    succeeded_channels: Vec<Succeeded>,
    #[serde(rename = "failedChannels")]
    failed_channels: Vec<Failed>,
}

#[expect(clippy::struct_field_names, reason = "the wire's names")]
#[derive(Debug, Serialize)]
struct Person {
    customer_id: Option<String>,
    customer_name: Option<String>,
    customer_tel: Option<String>,
    customer_email: Option<String>,
    customer_addr: Option<String>,
    customer_postcode: Option<String>,
}

#[expect(clippy::struct_field_names, reason = "the wire's names")]
#[derive(Debug, Serialize)]
struct WireCard {
    card_name: Option<&'static str>,
    card_code: Option<&'static str>,
    card_issuer_code: Option<&'static str>,
    card_issuer_name: Option<&'static str>,
    card_publisher_code: Option<&'static str>,
    card_publisher_name: Option<&'static str>,
    card_number: Option<String>,
    card_type: Option<u8>,
}

#[derive(Debug, Serialize)]
struct Succeeded {
    pg_provider: String,
    pg_id: String,
    #[serde(flatten)]
    card: WireCard,
    inserted: i64,
    updated: i64,
}

#[derive(Debug, Serialize)]
struct Failed {
    #[serde(rename = "type")]
    kind: &'static str,
    message: String,
    pg_provider: String,
    pg_id: String,
}

/// A billing key.
pub(crate) fn customer(key: &BillingKey) -> WireCustomer {
    let updated = match key.state {
        BillingKeyState::Issued { at } | BillingKeyState::Deleted { issued_at: at, .. } => at,
        BillingKeyState::Ready
        | BillingKeyState::AwaitingConfirm { .. }
        | BillingKeyState::Issuing
        | BillingKeyState::Failed { .. } => key.requested_at,
    };
    let inserted = key.issued_first_at().unwrap_or(updated);
    let times = (inserted.as_seconds(), updated.as_seconds());
    if let Some(group) = &key.channel_group {
        return WireCustomer::Super(Box::new(Super {
            customer_uid: key.id.to_string(),
            channel_group_id: group.id.to_string(),
            person: person(key),
            succeeded_channels: key
                .channels
                .iter()
                .filter_map(|issue| succeeded(issue, times))
                .collect(),
            failed_channels: key.channels.iter().filter_map(failed).collect(),
        }));
    }
    let issue = key.channels.first();
    let channel = issue.map(|issue| &issue.channel);
    WireCustomer::One(Box::new(One {
        customer_uid: key.id.to_string(),
        pg_provider: channel.map_or_else(String::new, |channel| pg::name(&channel.pg_provider)),
        pg_id: channel.map_or_else(String::new, |channel| channel.pg_merchant_id.clone()),
        sandbox: channel.is_some_and(|channel| channel.is_test),
        card: wire_card(key.card()),
        person: person(key),
        inserted: times.0,
        updated: times.1,
    }))
}

fn person(key: &BillingKey) -> Person {
    let of = &key.customer;
    Person {
        customer_id: of.id.clone(),
        customer_name: of.name.clone(),
        customer_tel: of.phone_number.clone(),
        customer_email: of.email.clone(),
        customer_addr: of.address.as_ref().map(Address::one_line),
        customer_postcode: of.zipcode.clone(),
    }
}

fn wire_card(card: Option<&Card>) -> WireCard {
    let CardCodes {
        own,
        issuer,
        publisher,
    } = card_codes(card);
    WireCard {
        card_name: own.map(|code| code.name),
        card_code: own.map(|code| code.code),
        card_issuer_code: issuer.map(|code| code.code),
        card_issuer_name: issuer.map(|code| code.name),
        card_publisher_code: publisher.map(|code| code.code),
        card_publisher_name: publisher.map(|code| code.name),
        card_number: card.and_then(|card| card.masked_number.clone()),
        card_type: card_type(card),
    }
}

fn succeeded(issue: &ChannelIssue, (inserted, updated): (i64, i64)) -> Option<Succeeded> {
    let IssueOutcome::Issued { card, .. } = &issue.outcome else {
        return None;
    };
    Some(Succeeded {
        pg_provider: pg::name(&issue.channel.pg_provider),
        pg_id: issue.channel.pg_merchant_id.clone(),
        card: wire_card(card.as_deref()),
        inserted,
        updated,
    })
}

fn failed(issue: &ChannelIssue) -> Option<Failed> {
    let (kind, message) = match &issue.outcome {
        IssueOutcome::Pending | IssueOutcome::Issued { .. } => return None,
        IssueOutcome::Failed { failure } => ("PG_PROVIDER", failure.reason()),
        IssueOutcome::Refused { message } => ("INVALID_REQUEST", message.clone()),
    };
    Some(Failed {
        kind,
        message,
        pg_provider: pg::name(&issue.channel.pg_provider),
        pg_id: issue.channel.pg_merchant_id.clone(),
    })
}
