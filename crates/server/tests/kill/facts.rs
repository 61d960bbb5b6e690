//! What is so, by Naru's API and by the simulated PG's books.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::api::{Api, Heard, items, number, payment_path, text, url_encoded};
use crate::history::History;
use crate::support::Place;

/// Schedules read at once.
const PAGE: usize = 1_000;

/// One sale in the PG's books.
#[derive(Debug, Clone)]
pub struct Sale {
    /// `APPROVED`, `CANCELLED`, `DECLINED`, `WAITING`.
    pub state: String,
    /// What was taken.
    pub amount: i64,
    /// What was given back.
    pub cancelled: i64,
    /// The payment it belongs to, as Naru says.
    pub payment: Option<String>,
    /// The attempt, as Naru says.
    pub attempt: String,
}

impl Sale {
    /// What the PG holds of the customer's money.
    pub fn held(&self) -> i64 {
        if self.state == "APPROVED" {
            self.amount - self.cancelled
        } else {
            0
        }
    }
}

/// Everything at one moment.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Payments as they read; `None` where there is none.
    pub payments: BTreeMap<String, Option<Value>>,
    /// The PG's books.
    pub sales: Vec<Sale>,
    /// All schedules, as they read.
    pub schedules: Vec<Value>,
    /// What could not be read.
    pub unread: Vec<String>,
}

impl Facts {
    /// Sales of a payment.
    pub fn sales_of<'a>(&'a self, payment: &'a str) -> impl Iterator<Item = &'a Sale> {
        let is_its = move |sale: &&Sale| sale.payment.as_deref() == Some(payment);
        self.sales.iter().filter(is_its)
    }

    /// How often what happened, so that a reader sees what a run has been through.
    pub fn summary(&self, history: &History) -> String {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        let mut count = |what: String| *counts.entry(what).or_default() += 1;
        for payment in self.payments.values().flatten() {
            let code = text(payment, "/failure/pgCode");
            count(format!("{} {code}", text(payment, "/status")));
            for one in items(payment, "/cancellations") {
                count(format!("cancellation {}", text(one, "/status")));
            }
        }
        for sale in &self.sales {
            count(format!("sale {}", sale.state));
        }
        for schedule in &self.schedules {
            count(format!("schedule {}", text(schedule, "/status")));
        }
        for call in &history.calls {
            count(match &call.heard {
                Heard::Told(told) if told.status == 200 => {
                    let status = text(&told.body, "/cancellation/status");
                    format!("{:?} answered {status}", call.what)
                }
                Heard::Told(told) => {
                    let code = text(&told.body, "/pgCode");
                    format!("{:?} {} {code}", call.what, told.kind())
                }
                Heard::Lost => format!("{:?} lost", call.what),
            });
        }
        let lines: Vec<String> = counts
            .iter()
            .map(|(what, count)| format!("  {count:5} {what}"))
            .collect();
        lines.join("\n")
    }
}

/// A page of all schedules there can be.
fn schedules_path(page: usize) -> String {
    let body = json!({
        "filter": {"from": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z"},
        "page": {"number": page, "size": PAGE},
        "sort": {"by": "CREATED_AT", "order": "ASC"}
    });
    format!(
        "/payment-schedules?requestBody={}",
        url_encoded(&body.to_string())
    )
}

/// Reads facts; remembers what can't change.
#[derive(Debug)]
pub struct Reader {
    api: Api,
    place: Place,
    simulator: String,
    attempts: BTreeMap<String, (Option<String>, String)>,
}

impl Reader {
    /// Of one server and its simulator.
    pub fn new(place: &Place, simulator: &str) -> Self {
        Self {
            api: Api::new(),
            place: place.clone(),
            simulator: simulator.to_owned(),
            attempts: BTreeMap::new(),
        }
    }

    /// Reads the books and these payments.
    pub async fn read<'a>(&mut self, payments: impl Iterator<Item = &'a str>) -> Facts {
        let mut facts = Facts::default();
        for payment in payments {
            match self.api.get(&self.place, &payment_path(payment)).await {
                Heard::Told(told) if told.status == 200 => {
                    facts.payments.insert(payment.to_owned(), Some(told.body));
                }
                Heard::Told(told) if told.kind() == "PAYMENT_NOT_FOUND" => {
                    facts.payments.insert(payment.to_owned(), None);
                }
                other => facts.unread.push(format!("`{payment}`: {other:?}")),
            }
        }
        self.read_schedules(&mut facts).await;
        self.read_books(&mut facts).await;
        facts
    }

    async fn read_schedules(&self, facts: &mut Facts) {
        loop {
            let page = facts.schedules.len() / PAGE;
            let heard = self.api.get(&self.place, &schedules_path(page)).await;
            let Heard::Told(told) = heard else {
                return facts.unread.push("the schedules".to_owned());
            };
            if told.status != 200 {
                return facts.unread.push(format!("the schedules: {told:?}"));
            }
            let found = items(&told.body, "/items");
            facts.schedules.extend_from_slice(found);
            if found.len() < PAGE {
                return;
            }
        }
    }

    async fn read_books(&mut self, facts: &mut Facts) {
        let url = format!("{}/books?pg=inicis", self.simulator);
        let Heard::Told(books) = self.api.read(&url).await else {
            return facts.unread.push("the books".to_owned());
        };
        for entry in items(&books.body, "/transactions") {
            if text(entry, "/kind") == "BILLING_KEY" {
                continue;
            }
            let order = text(entry, "/orderId").to_owned();
            let (payment, attempt) = self.attempt(&order).await;
            facts.sales.push(Sale {
                state: text(entry, "/state").to_owned(),
                amount: number(entry, "/amount"),
                cancelled: number(entry, "/cancelledAmount"),
                payment,
                attempt,
            });
        }
    }

    async fn attempt(&mut self, order: &str) -> (Option<String>, String) {
        if let Some(known) = self.attempts.get(order) {
            return known.clone();
        }
        let url = format!("{}/attempts/{order}", self.place.private);
        let Heard::Told(told) = self.api.read(&url).await else {
            return (None, String::new());
        };
        let payment = text(&told.body, "/paymentId");
        if told.status != 200 || payment.is_empty() {
            return (None, String::new());
        }
        let attempt = text(&told.body, "/attemptId").to_owned();
        let found = (Some(payment.to_owned()), attempt);
        self.attempts.insert(order.to_owned(), found.clone());
        found
    }
}
