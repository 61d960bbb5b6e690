//! What a page is told at the end of a window: as the SDK's result, and as the parameters of the
//! address that the customer goes to.
//!
//! Success has no `code`: pages and mobile SDKs take its presence for failure.

use naru_domain::payment::Failure;
use naru_engine::windows::{WindowPage, WindowState, WindowSubject};
use serde_json::{Map, Value};

/// The fields of the SDK's result; nothing while the window is not over.
pub fn outcome(page: &WindowPage) -> Option<Value> {
    let fields = fields(page)?;
    let object: Map<_, _> = fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::String(value)))
        .collect();
    Some(Value::Object(object))
}

/// The same as the query of an address.
pub fn redirect_query(page: &WindowPage) -> Option<Vec<(&'static str, String)>> {
    fields(page)
}

type Fields = Vec<(&'static str, String)>;

/// What a key is called while the merchant has to confirm it.
const NEEDS_CONFIRMATION: &str = "NEEDS_CONFIRMATION";

/// What the window was about.
fn subject(page: &WindowPage) -> Fields {
    match &page.subject {
        WindowSubject::Payment {
            id,
            transaction_id,
            issues_key: false,
            ..
        } => vec![
            ("transactionType", "PAYMENT".to_owned()),
            ("paymentId", id.to_string()),
            ("txId", transaction_id.clone()),
        ],
        WindowSubject::Payment {
            id,
            transaction_id,
            billing_key,
            ..
        } => {
            let waits = matches!(page.state, WindowState::NeedsConfirmation { .. });
            let waiting = waits.then(|| NEEDS_CONFIRMATION.to_owned());
            // Empty, not absent: the mobile SDKs want the name.
            let key = billing_key
                .as_ref()
                .map_or_else(String::new, ToString::to_string);
            vec![
                ("transactionType", "ISSUE_BILLING_KEY_AND_PAY".to_owned()),
                ("paymentId", id.to_string()),
                (
                    "txId",
                    waiting.clone().unwrap_or_else(|| transaction_id.clone()),
                ),
                ("billingKey", waiting.unwrap_or(key)),
            ]
        }
        WindowSubject::BillingKey { id, .. } => vec![
            ("transactionType", "ISSUE_BILLING_KEY".to_owned()),
            (
                "billingKey",
                match &page.state {
                    WindowState::NeedsConfirmation { .. } => NEEDS_CONFIRMATION.to_owned(),
                    // Empty, not absent: the mobile SDKs want the name.
                    WindowState::Failed(_) => String::new(),
                    _ => id.to_string(),
                },
            ),
        ],
        WindowSubject::IdentityVerification { id, attempt, .. } => vec![
            ("transactionType", "IDENTITY_VERIFICATION".to_owned()),
            ("identityVerificationId", id.to_string()),
            ("identityVerificationTxId", attempt.to_string()),
        ],
    }
}

fn fields(page: &WindowPage) -> Option<Fields> {
    let mut fields = subject(page);
    match (&page.state, &page.subject) {
        (WindowState::Open(_) | WindowState::Busy, _) => return None,
        (
            WindowState::Paid
            | WindowState::AccountIssued(_)
            | WindowState::KeyIssued
            | WindowState::Verified,
            _,
        )
        // Nobody is asked to confirm a person.
        | (WindowState::NeedsConfirmation { .. }, WindowSubject::IdentityVerification { .. }) => {}
        (
            WindowState::NeedsConfirmation { token },
            WindowSubject::Payment {
                issues_key: false, ..
            },
        ) => fields.push(("paymentToken", token.clone())),
        (
            WindowState::NeedsConfirmation { token },
            WindowSubject::Payment { .. } | WindowSubject::BillingKey { .. },
        ) => fields.push(("billingIssueToken", token.clone())),
        (WindowState::Failed(failure), _) => {
            let code = if failure.pg_code == Failure::CONFIRM_REFUSED {
                "ConfirmProcessFailed"
            } else {
                "FAILURE_TYPE_PG"
            };
            fields.extend([
                ("code", code.to_owned()),
                ("message", failure.reason()),
                ("pgCode", failure.pg_code.clone()),
                ("pgMessage", failure.pg_message.clone()),
            ]);
        }
    }
    Some(fields)
}
