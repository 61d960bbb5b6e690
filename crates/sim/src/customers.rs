//! Customers at their bank, and whoever makes the PG misbehave.

use http::Method;
use naru_domain::payment::AttemptState;
use naru_domain::{PaymentId, StoreId};
use serde_json::json;

use crate::Shared;
use crate::setup::STORE;

/// Kinds of misbehaviour of the PG, as its control names them.
const PG_FAULTS: [&str; 9] = [
    "late",
    "drop_before",
    "drop_after",
    "http_500",
    "garbage",
    "wrong_amount",
    "decline",
    "timeout_before",
    "timeout_after",
];
/// Calls of the PG that it can misbehave at.
const OPERATIONS: [&str; 7] = [
    "pay_card",
    "issue_virtual_account",
    "charge_billing_key",
    "refund",
    "partial_refund",
    "inquiry",
    "close_virtual_account",
];

/// The account that waits for this payment's money.
pub async fn account_of(world: &Shared, payment: &str) -> Option<String> {
    let id = PaymentId::new(payment);
    let view = world.observer.payment(&StoreId::new(STORE), &id).await;
    let attempts = view.ok()?.payment.attempts;
    attempts
        .iter()
        .rev()
        .find_map(|attempt| match &attempt.state {
            AttemptState::WaitingForDeposit { issued, .. } => {
                Some(issued.account.account_number.clone())
            }
            _ => None,
        })
}

/// Pays in what is asked for.
pub async fn deposit(world: &Shared, payment: &str, account: &str) {
    world.step(format_args!("deposit for {payment}"));
    world.history.add_deposit(payment);
    let path = format!("/virtual-accounts/{account}/deposit");
    world
        .pg
        .control(Method::POST, &path, Some(&json!({})))
        .await;
}

/// Has the PG misbehave at its next calls of some kind, perhaps.
pub async fn meddle(world: &Shared) {
    let (dice, weather) = (&world.trade, world.weather());
    if !dice.happens(weather.pg_fault) {
        return;
    }
    let (operation, kind) = (*dice.pick(&OPERATIONS), *dice.pick(&PG_FAULTS));
    world.step(format_args!("the PG will {kind} at {operation}"));
    let fault = json!({"operation": operation, "kind": kind, "times": dice.between(1, 2)});
    world
        .pg
        .control(Method::POST, "/faults", Some(&fault))
        .await;
}
