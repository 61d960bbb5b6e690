//! P3 and P5: the PG's books and ours agree to the won, and nothing was taken twice.

use http::Method;
use naru_domain::payment::AttemptState;

use super::Facts;
use super::told::is_paid;
use crate::Shared;

/// A sale in the PG's books.
#[derive(Debug)]
pub struct Sale {
    order: String,
    state: String,
    amount: i64,
    cancelled: i64,
    /// Whose it is, by our rows.
    payment: Option<String>,
}

impl Sale {
    /// What the PG holds of it.
    fn held(&self) -> i64 {
        if self.state == "APPROVED" {
            self.amount - self.cancelled
        } else {
            0
        }
    }
}

/// Reads the PG's books.
pub async fn read(world: &Shared) -> Vec<Sale> {
    let books = world
        .pg
        .control(Method::GET, "/books?pg=inicis", None)
        .await;
    let mut sales = Vec::new();
    for entry in books["transactions"].as_array().into_iter().flatten() {
        if entry["kind"] == "BILLING_KEY" {
            continue;
        }
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let order = text("orderId");
        let attempt = world.observer.attempt_of_order(&order).await;
        let attempt = attempt.expect("the observer's store never fails");
        sales.push(Sale {
            state: text("state"),
            amount: entry["amount"].as_i64().unwrap_or_default(),
            cancelled: entry["cancelledAmount"].as_i64().unwrap_or_default(),
            payment: attempt.map(|found| found.subject_id),
            order,
        });
    }
    sales
}

/// See the module.
pub fn agree(facts: &Facts, findings: &mut Vec<String>) {
    for sale in &facts.sales {
        let known = sale.payment.as_deref();
        if known.is_none_or(|id| !facts.payments.contains_key(id)) {
            findings.push(format!("a sale that we do not know: {sale:?}"));
        }
    }
    for (id, payment) in &facts.payments {
        if facts.noted.contains(id) {
            continue;
        }
        let sales = facts
            .sales
            .iter()
            .filter(|sale| sale.payment.as_deref() == Some(id));
        let sales: Vec<_> = sales.collect();
        let held: i64 = sales.iter().map(|sale| sale.held()).sum();
        if !is_paid(payment) {
            if held != 0 {
                findings.push(format!(
                    "`{id}`: {:?}, but the PG holds {held} won: {sales:?}",
                    payment.status()
                ));
            }
            continue;
        }
        let captured = payment.attempts.iter().find_map(|attempt| {
            let AttemptState::Captured { capture } = &attempt.state else {
                return None;
            };
            Some((attempt.id.order_id(), capture.amount))
        });
        let Some((order, taken)) = captured else {
            findings.push(format!("`{id}`: paid without a capture"));
            continue;
        };
        let (cancelled, own) = (
            payment.cancelled().total,
            sales.iter().find(|sale| sale.order == order),
        );
        let agrees =
            own.is_some_and(|sale| sale.held() == taken - cancelled && sale.cancelled == cancelled);
        // What was given back whole is no longer `APPROVED`.
        let agrees = agrees || own.is_some_and(|sale| taken == cancelled && sale.held() == 0);
        if !agrees || held != taken - cancelled {
            findings.push(format!(
                "`{id}`: taken {taken}, given back {cancelled}, but the PG has {sales:?}"
            ));
        }
    }
}
