//! Billing keys, issued and deleted.

use naru_domain::billing_key::{BillingKeyState, ChannelDeletion, ChannelIssue, IssueOutcome};
use naru_engine::{BillingKeyView, Fault};
use naru_wire_v2::{
    BillingKeyFailure, BillingKeyInfo, BillingKeyPaymentMethod, BillingKeyPaymentMethodCard,
    BillingKeyPaymentMethodMobile, DeletedBillingKeyInfo, FailedPgBillingKeyIssueResponse,
    IssuedBillingKeyInfo, IssuedPgBillingKeyIssueResponse, PgBillingKeyIssueResponse,
};

use super::channel::{channel, channel_group};
use super::customer::customer;
use super::method::card;

macro_rules! fill {
    ($wire:ident, $from:ident, { $($field:ident: $value:expr),* $(,)? }) => {
        $wire {
            billing_key: $from.id.to_string(),
            channel_group: $from.channel_group.as_ref().map(channel_group),
            channels: channels($from)?,
            custom_data: $from.custom_data.clone(),
            customer: customer(&$from.customer),
            issue_id: $from
                .window
                .as_ref()
                .and_then(|window| window.wishes.issue_id.clone()),
            issue_name: $from.window.as_ref().map(|window| window.name.clone()),
            merchant_id: $from.merchant_id.to_string(),
            methods: Some($from.channels.iter().filter_map(method).collect()),
            pg_billing_key_issue_responses: Some(responses($from)?),
            requested_at: Some($from.requested_at.to_string()),
            store_id: $from.store_id.to_string(),
            $($field: $value),*
        }
    };
}

/// A billing key. One whose issue never succeeded is not in the API.
pub(crate) fn billing_key(key: &BillingKeyView) -> Result<BillingKeyInfo, Fault> {
    match key.state {
        BillingKeyState::Issued { at } => {
            Ok(BillingKeyInfo::Issued(fill!(IssuedBillingKeyInfo, key, {
                issued_at: at.to_string(),
            })))
        }
        BillingKeyState::Deleted { issued_at, at } => {
            Ok(BillingKeyInfo::Deleted(fill!(DeletedBillingKeyInfo, key, {
                issued_at: issued_at.to_string(),
                deleted_at: at.to_string(),
            })))
        }
        BillingKeyState::Ready
        | BillingKeyState::AwaitingConfirm { .. }
        | BillingKeyState::Issuing
        | BillingKeyState::Failed { .. } => {
            Err(Fault::internal("a billing key that was never issued"))
        }
    }
}

/// The channels that hold the key; of a deleted one those that held it.
fn channels(key: &BillingKeyView) -> Result<Vec<naru_wire_v2::SelectedChannel>, Fault> {
    let is_deleted = matches!(key.state, BillingKeyState::Deleted { .. });
    key.channels
        .iter()
        .filter(|issue| matches!(issue.outcome, IssueOutcome::Issued { .. }))
        .filter(|issue| {
            is_deleted || !matches!(issue.deletion, Some(ChannelDeletion::Deleted { .. }))
        })
        .map(|issue| channel(&issue.channel))
        .collect()
}

fn method(issue: &ChannelIssue) -> Option<BillingKeyPaymentMethod> {
    match &issue.outcome {
        IssueOutcome::Issued {
            card: Some(found), ..
        } => Some(BillingKeyPaymentMethod::Card(BillingKeyPaymentMethodCard {
            card: Some(card(found)),
        })),
        IssueOutcome::Issued {
            card: None,
            phone_number,
            ..
        } => Some(BillingKeyPaymentMethod::Mobile(
            BillingKeyPaymentMethodMobile {
                phone_number: phone_number.clone(),
            },
        )),
        IssueOutcome::Pending | IssueOutcome::Failed { .. } | IssueOutcome::Refused { .. } => None,
    }
}

fn responses(key: &BillingKeyView) -> Result<Vec<PgBillingKeyIssueResponse>, Fault> {
    let mut found = Vec::new();
    for issue in &key.channels {
        let channel = channel(&issue.channel)?;
        match &issue.outcome {
            IssueOutcome::Pending => {}
            IssueOutcome::Issued { pg_tx_id, .. } => {
                found.push(PgBillingKeyIssueResponse::Issued(
                    IssuedPgBillingKeyIssueResponse {
                        channel,
                        method: method(issue),
                        pg_tx_id: pg_tx_id.clone(),
                    },
                ));
            }
            IssueOutcome::Failed { failure } => {
                found.push(PgBillingKeyIssueResponse::Failed(
                    FailedPgBillingKeyIssueResponse {
                        channel,
                        failure: BillingKeyFailure {
                            failed_at: key.requested_at.to_string(),
                            message: Some(failure.reason()),
                            pg_code: Some(failure.pg_code.clone()),
                            pg_message: Some(failure.pg_message.clone()),
                        },
                    },
                ));
            }
            IssueOutcome::Refused { message } => {
                found.push(PgBillingKeyIssueResponse::Failed(
                    FailedPgBillingKeyIssueResponse {
                        channel,
                        failure: BillingKeyFailure {
                            failed_at: key.requested_at.to_string(),
                            message: Some(message.clone()),
                            pg_code: None,
                            pg_message: None,
                        },
                    },
                ));
            }
        }
    }
    Ok(found)
}
