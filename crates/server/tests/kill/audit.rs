//! The audit: what clients were told, Naru's books, the PG's books and the webhooks, against each
//! other. It lists everything that does not fit; at rest that must be nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::api::{Heard, items, number, text};
use crate::audit_schedules::{schedules, unknown_schedules};
use crate::facts::{Facts, Sale};
use crate::history::{Call, History, What};
use crate::receiver::Received;

pub const PAID: [&str; 3] = ["PAID", "PARTIAL_CANCELLED", "CANCELLED"];

/// Everything that does not fit.
pub fn audit(history: &History, facts: &Facts, received: &Received) -> Vec<String> {
    let mut wrongs: Vec<String> = facts.unread.clone();
    wrongs.extend(received.wrongs.iter().cloned());
    let mut calls: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
    for call in &history.calls {
        calls.entry(&call.payment).or_default().push(call);
    }
    for sale in &facts.sales {
        let is_known = sale
            .payment
            .as_deref()
            .is_some_and(|id| calls.contains_key(id));
        if !is_known {
            wrongs.push(format!("nobody asked for this sale: {sale:?}"));
        }
    }
    wrongs.extend(unknown_schedules(&calls, facts));
    let news = News::of(received);
    for (id, calls) in &calls {
        let Some(payment) = facts.payments.get(*id) else {
            continue;
        };
        let mut found = Vec::new();
        let sales: Vec<&Sale> = facts.sales_of(id).collect();
        match payment {
            Some(payment) => {
                promises(payment, calls, &mut found);
                cancellations(payment, calls, &mut found);
                books(payment, &sales, &mut found);
                webhooks(payment, &news, &mut found);
            }
            None => nothing(calls, &sales, &mut found),
        }
        schedules((id, calls), payment.as_ref(), facts, &mut found);
        let asked = calls.iter().filter(|call| is_payment(call)).count();
        if sales.len() > asked {
            found.push(format!(
                "asked for {asked} times, sold {} times",
                sales.len()
            ));
        }
        if !found.is_empty() {
            wrongs.push(describe(id, payment.as_ref(), (calls, &sales), &found));
        }
    }
    wrongs
}

fn describe(
    id: &str,
    payment: Option<&Value>,
    (calls, sales): (&[&Call], &[&Sale]),
    found: &[String],
) -> String {
    let shown = payment.map(|payment| {
        let amount = &payment["amount"];
        let cancellations = &payment["cancellations"];
        let (status, failure) = (&payment["status"], &payment["failure"]);
        format!("{status} {amount} {cancellations} {failure}")
    });
    let calls: Vec<String> = calls
        .iter()
        .map(|call| format!("\n    {:?} {:?} {:?}", call.what, call.key, call.heard))
        .collect();
    format!(
        "`{id}`: {}\n  reads {shown:?}\n  sales {sales:?}\n  calls{}",
        found.join("; "),
        calls.join("")
    )
}

fn is_payment(call: &Call) -> bool {
    match call.what {
        What::Card | What::Account | What::Schedule => true,
        What::Cancel | What::Deposit | What::Revoke => false,
    }
}

/// A payment that does not exist: then nobody may have been told that it does.
fn nothing(calls: &[&Call], sales: &[&Sale], found: &mut Vec<String>) {
    if !sales.is_empty() {
        found.push("sold, but there is no payment".to_owned());
    }
    for call in calls {
        let Heard::Told(told) = &call.heard else {
            continue;
        };
        // A schedule may have been revoked.
        let is_paying = !matches!(call.what, What::Schedule | What::Revoke);
        if is_paying && (told.status == 200 || told.status == 502) {
            found.push("answered, but there is no payment".to_owned());
        }
    }
}

/// P1: what was answered is so, and stays so. P4: nothing stays unknown.
fn promises(payment: &Value, calls: &[&Call], found: &mut Vec<String>) {
    let status = text(payment, "/status");
    let is_paid = PAID.contains(&status);
    if !is_paid && status != "FAILED" && status != "VIRTUAL_ACCOUNT_ISSUED" {
        found.push(format!("reads `{status}` at rest"));
    }
    let mut may_be_paid = false;
    for call in calls {
        match (call.what, call.heard.success()) {
            (What::Card, Some(body)) => {
                may_be_paid = true;
                let total = number(&call.body, "/amount/total");
                if !is_paid || number(payment, "/amount/total") != total {
                    found.push(format!("{total} won were answered as paid"));
                }
                // A cancelled payment's view has it too.
                let (told, reads) = (text(body, "/payment/pgTxId"), text(payment, "/pgTxId"));
                if told != reads {
                    found.push(format!("answered as `{told}`, reads `{reads}`"));
                }
            }
            (What::Schedule, Some(_)) => {
                may_be_paid = true;
                let total = number(&call.body, "/payment/amount/total");
                if number(payment, "/amount/total") != total {
                    found.push(format!("{total} won were to be paid by schedule"));
                }
            }
            (What::Account, Some(_)) if !is_paid && status != "VIRTUAL_ACCOUNT_ISSUED" => {
                found.push("the account was answered as issued".to_owned());
            }
            (What::Deposit, Some(_)) => {
                may_be_paid = true;
                if !is_paid {
                    found.push("the customer has paid in".to_owned());
                }
            }
            (What::Card | What::Account, None) => {
                may_be_paid |= call.heard.is_unclear();
                if let Heard::Told(told) = &call.heard
                    && told.kind() == "ALREADY_PAID"
                    && !is_paid
                {
                    found.push("answered as already paid".to_owned());
                }
            }
            _ => may_be_paid |= call.heard.is_unclear(),
        }
    }
    if is_paid && !may_be_paid {
        found.push("paid, though every caller was told of failure".to_owned());
    }
}

/// Each cancellation that was answered is there, once; there are no others but lost ones.
fn cancellations(payment: &Value, calls: &[&Call], found: &mut Vec<String>) {
    let all: BTreeMap<&str, &Value> = items(payment, "/cancellations")
        .iter()
        .map(|one| (text(one, "/id"), one))
        .collect();
    let mut answered = BTreeSet::new();
    for call in calls.iter().filter(|call| call.what == What::Cancel) {
        let Some(told) = call.heard.success().map(|body| &body["cancellation"]) else {
            continue;
        };
        let id = text(told, "/id");
        answered.insert(id);
        let Some(reads) = all.get(id) else {
            found.push(format!("the cancellation `{id}` was answered"));
            continue;
        };
        let is_kept = reads["totalAmount"] == told["totalAmount"]
            && (told["status"] != "SUCCEEDED" || reads["status"] == "SUCCEEDED");
        if !is_kept {
            found.push(format!("{told} was answered, it reads {reads}"));
        }
    }
    let mut sum = 0;
    let mut unasked = 0;
    for (id, one) in &all {
        match text(one, "/status") {
            "SUCCEEDED" => {
                sum += number(one, "/totalAmount");
                unasked += usize::from(!answered.contains(id));
            }
            "FAILED" => {}
            other => found.push(format!("a cancellation reads `{other}` at rest")),
        }
    }
    let is_lost = |call: &&&Call| call.what == What::Cancel && call.heard.is_unclear();
    let lost = calls.iter().filter(is_lost).count();
    if unasked > lost {
        found.push(format!(
            "{unasked} cancellations unanswered, {lost} calls lost"
        ));
    }
    if PAID.contains(&text(payment, "/status")) && sum != number(payment, "/amount/cancelled") {
        found.push(format!("{sum} won in cancellations"));
    }
}

/// P3, P4, P5: one capture at most, and both books agree to the won.
fn books(payment: &Value, sales: &[&Sale], found: &mut Vec<String>) {
    let captures = sales.iter().filter(|sale| sale.state == "APPROVED");
    if captures.count() > 1 {
        found.push("more than one capture that is not reversed".to_owned());
    }
    let held: i64 = sales.iter().map(|sale| sale.held()).sum();
    if !PAID.contains(&text(payment, "/status")) {
        if held != 0 {
            found.push(format!("not paid, but the PG holds {held} won"));
        }
        return;
    }
    let (paid, cancelled) = (
        number(payment, "/amount/paid"),
        number(payment, "/amount/cancelled"),
    );
    if held != paid - cancelled {
        found.push(format!(
            "paid {paid}, cancelled {cancelled}, the PG holds {held}"
        ));
    }
    let attempt = text(payment, "/transactionId");
    match sales.iter().find(|sale| sale.attempt == attempt) {
        Some(sale) if (sale.amount, sale.cancelled) == (paid, cancelled) => {}
        other => found.push(format!(
            "paid {paid}, cancelled {cancelled}, sold as {other:?}"
        )),
    }
}

/// What webhooks told: type, payment, transaction, cancellation.
#[derive(Debug)]
struct News<'a>(BTreeSet<(&'a str, &'a str, &'a str, &'a str)>);

impl<'a> News<'a> {
    fn of(received: &'a Received) -> Self {
        let told = received.bodies.iter().map(|body| {
            (
                text(body, "/type"),
                text(body, "/data/paymentId"),
                text(body, "/data/transactionId"),
                text(body, "/data/cancellationId"),
            )
        });
        Self(told.collect())
    }

    fn has(&self, kinds: &[&'a str], ids: (&'a str, &'a str, &'a str)) -> bool {
        let (payment, attempt, cancellation) = ids;
        let told = |kind: &&str| self.0.contains(&(*kind, payment, attempt, cancellation));
        kinds.iter().any(told)
    }
}

/// P6: the receiver has heard of everything that happened, and of nothing that did not.
fn webhooks(payment: &Value, news: &News<'_>, found: &mut Vec<String>) {
    let (id, attempt) = (text(payment, "/id"), text(payment, "/transactionId"));
    let status = text(payment, "/status");
    let own = match status {
        "FAILED" => "Transaction.Failed",
        "VIRTUAL_ACCOUNT_ISSUED" => "Transaction.VirtualAccountIssued",
        _ => "Transaction.Paid",
    };
    if !news.has(&[own], (id, attempt, "")) {
        found.push(format!("no webhook `{own}` came"));
    }
    let cancelled = ["Transaction.PartialCancelled", "Transaction.Cancelled"];
    for one in items(payment, "/cancellations") {
        let is_done = text(one, "/status") == "SUCCEEDED";
        if is_done != news.has(&cancelled, (id, attempt, text(one, "/id"))) {
            found.push(format!("webhooks do not fit {one}"));
        }
    }
    if PAID.contains(&status) && news.has(&["Transaction.Failed"], (id, attempt, "")) {
        found.push("a webhook told of failure".to_owned());
    }
    if status == "FAILED" && news.has(&["Transaction.Paid"], (id, attempt, "")) {
        found.push("a webhook told of payment".to_owned());
    }
    let shown = items(payment, "/webhooks");
    if !shown.iter().any(|one| text(one, "/status") == "SUCCEEDED") {
        found.push("its history shows no webhook that succeeded".to_owned());
    }
}
