//! One client: asks for one thing after another, by a random plan, and remembers all of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::api::{self, Api, Heard, payment_path, text};
use crate::history::{Call, History, What};
use crate::support::Place;

/// Cards and how often they are drawn, in percent. The rest succeeds.
const CARDS: &[(&str, u32)] = &[
    ("9000000000000001", 2),
    ("9000000000000002", 2),
    ("9000000000000003", 8),
    ("9000000000000004", 5),
    ("9000000000000005", 3),
    ("9000000000120049", 6),
    ("9000000000120026", 5),
];
const GOOD_CARD: &str = "4000000000000001";
/// Ids that all clients pay at once; a new set now and then.
const SHARED_IDS: u64 = 4;
const SHARED_EVERY: u64 = 60;

/// Where the server is.
#[derive(Debug, Clone)]
pub enum Server {
    /// There.
    Up(Place),
    /// Killed.
    Down,
    /// The run is over.
    Over,
}

/// What clients share.
#[derive(Debug, Clone)]
pub struct Shared {
    /// Where the server is.
    pub server: watch::Receiver<Server>,
    /// How many calls have ended.
    pub calls: Arc<AtomicU64>,
    /// The simulators.
    pub simulator: String,
    /// The receiver of webhooks.
    pub notice: String,
    /// The seed of the run.
    pub seed: u64,
}

/// A payment that this client knows to be paid.
#[derive(Debug, Clone)]
struct Paid {
    id: String,
    is_account: bool,
    left: i64,
}

/// A schedule that this client knows to be made.
#[derive(Debug, Clone)]
struct Planned {
    id: String,
    payment: String,
    amount: i64,
}

/// A client.
#[derive(Debug)]
pub struct Client {
    shared: Shared,
    number: u64,
    api: Api,
    random: StdRng,
    paid: Vec<Paid>,
    planned: Vec<Planned>,
    billing_key: Option<String>,
    history: History,
    count: u64,
}

impl Client {
    /// One of several.
    pub fn new(shared: Shared, number: u64) -> Self {
        let seed = shared.seed ^ number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self {
            shared,
            number,
            api: Api::new(),
            random: StdRng::seed_from_u64(seed),
            paid: Vec::new(),
            planned: Vec::new(),
            billing_key: None,
            history: History::default(),
            count: 0,
        }
    }

    /// Works until the run is over.
    pub async fn run(mut self) -> History {
        while let Some(place) = self.place().await {
            self.step(&place).await;
            self.shared.calls.fetch_add(1, Ordering::Relaxed);
        }
        self.history
    }

    async fn place(&mut self) -> Option<Place> {
        loop {
            match &*self.shared.server.borrow_and_update() {
                Server::Up(place) => return Some(place.clone()),
                Server::Over => return None,
                Server::Down => {}
            }
            self.shared.server.changed().await.ok()?;
        }
    }

    async fn step(&mut self, place: &Place) {
        match self.random.random_range(0..100) {
            0..27 => self.pay(place).await,
            27..35 => self.charge(place).await,
            35..45 => self.schedule(place).await,
            45..50 => self.follow_schedule(place).await,
            50..58 => self.pay_shared(place).await,
            58..65 => self.use_account(place).await,
            65..82 => self.cancel(place).await,
            _ => self.read(place).await,
        }
    }

    fn new_id(&mut self) -> String {
        self.count += 1;
        format!("kill-{}-{}", self.number, self.count)
    }

    fn amount(&mut self) -> i64 {
        self.random.random_range(1_000..100_000)
    }

    fn card(&mut self) -> &'static str {
        let mut drawn = self.random.random_range(0..100);
        for (card, percent) in CARDS {
            if drawn < *percent {
                return card;
            }
            drawn -= percent;
        }
        GOOD_CARD
    }

    fn key(&mut self) -> Option<String> {
        let number: u64 = self.random.random();
        self.random
            .random_bool(0.4)
            .then(|| format!("kill-key-{}-{number:016x}", self.number))
    }

    async fn pay(&mut self, place: &Place) {
        let (id, card, amount) = (self.new_id(), self.card(), self.amount());
        self.pay_by_card(place, id, (card, amount)).await;
    }

    /// Several clients pay the same id: at most one of them captures.
    async fn pay_shared(&mut self, place: &Place) {
        let set = self.shared.calls.load(Ordering::Relaxed) / SHARED_EVERY;
        let id = format!("shared-{set}-{}", self.random.random_range(0..SHARED_IDS));
        let (card, amount) = (self.card(), self.amount());
        self.pay_by_card(place, id, (card, amount)).await;
    }

    async fn pay_by_card(&mut self, place: &Place, id: String, (card, amount): (&str, i64)) {
        let body = api::card_body(place, card, amount, &self.shared.notice);
        let path = format!("{}/instant", payment_path(&id));
        self.pay_so(place, id, (path, body)).await;
    }

    /// By billing key; the first call issues one.
    async fn charge(&mut self, place: &Place) {
        let Some(key) = self.issued(place).await else {
            return;
        };
        let (id, amount) = (self.new_id(), self.amount());
        let body = api::charge_body(place, &key, amount, &self.shared.notice);
        let path = format!("{}/billing-key", payment_path(&id));
        self.pay_so(place, id, (path, body)).await;
    }

    /// The billing key, unless there is none yet: then one is issued for the next time.
    async fn issued(&mut self, place: &Place) -> Option<String> {
        if self.billing_key.is_none() {
            let card = if self.random.random_bool(0.8) {
                GOOD_CARD
            } else {
                self.card()
            };
            let body = api::billing_key_body(place, card);
            let heard = self.api.post(place, "/billing-keys", &body, None).await;
            self.billing_key = heard
                .success()
                .map(|body| text(body, "/billingKeyInfo/billingKey").to_owned());
            return None;
        }
        self.billing_key.clone()
    }

    /// A schedule that is due before long: perhaps while the server is down.
    async fn schedule(&mut self, place: &Place) {
        let Some(key) = self.issued(place).await else {
            return;
        };
        let (payment, amount) = (self.new_id(), self.amount());
        let in_ms = self.random.random_range(-2_000..3_000);
        let charge = api::charge_body(place, &key, amount, &self.shared.notice);
        let body = api::schedule_body(&charge, in_ms);
        let path = format!("{}/schedule", payment_path(&payment));
        let call = (What::Schedule, payment.as_str());
        let heard = self.post(place, call, (path, body)).await;
        if let Some(answer) = heard.success() {
            let id = text(answer, "/schedule/id").to_owned();
            self.planned.push(Planned {
                id,
                payment,
                amount,
            });
        }
    }

    /// A schedule that was answered is there (P1); at times it is revoked, if it still waits.
    async fn follow_schedule(&mut self, place: &Place) {
        if self.planned.is_empty() {
            return self.schedule(place).await;
        }
        let index = self.random.random_range(0..self.planned.len());
        let Planned {
            id,
            payment,
            amount,
        } = self.planned[index].clone();
        if self.random.random_bool(0.4) {
            let (path, body) = ("/payment-schedules", json!({"scheduleIds": [id]}));
            let heard = self.api.delete(place, path, &body).await;
            self.remember(Call {
                payment,
                what: What::Revoke,
                path: path.to_owned(),
                body,
                key: None,
                heard,
            })
            .await;
            return;
        }
        let heard = self
            .api
            .get(place, &format!("/payment-schedules/{id}"))
            .await;
        let Heard::Told(told) = heard else { return };
        match text(&told.body, "/status") {
            "SUCCEEDED" => {
                self.planned.swap_remove(index);
                let (left, is_account) = (amount, false);
                self.paid.push(Paid {
                    id: payment,
                    is_account,
                    left,
                });
            }
            "FAILED" | "REVOKED" => _ = self.planned.swap_remove(index),
            "SCHEDULED" | "STARTED" | "PENDING" => {}
            _ if told.status == 503 => {}
            _ => self.wrong(format!("the schedule `{id}` was made, but reads {told:?}")),
        }
    }

    async fn pay_so(&mut self, place: &Place, id: String, (path, body): (String, Value)) {
        let amount = api::number(&body, "/amount/total");
        let heard = self.post(place, (What::Card, &id), (path, body)).await;
        if heard.success().is_some() {
            let (left, is_account) = (amount, false);
            self.paid.push(Paid {
                id,
                is_account,
                left,
            });
        }
    }

    /// Posts, remembers, and at times asks again under the same key: the answer must be the same.
    async fn post(
        &mut self,
        place: &Place,
        (what, payment): (What, &str),
        (path, body): (String, Value),
    ) -> Heard {
        let key = self.key();
        let heard = self.api.post(place, &path, &body, key.as_deref()).await;
        let call = Call {
            payment: payment.to_owned(),
            what,
            path,
            body,
            key,
            heard: heard.clone(),
        };
        self.remember(call).await;
        heard
    }

    async fn remember(&mut self, call: Call) {
        if let Heard::Told(told) = &call.heard
            && told.status == 500
        {
            self.wrong(format!("{}: {told:?}", call.path));
        }
        let is_lost = call.heard == Heard::Lost;
        self.history.calls.push(call);
        if is_lost {
            // Most likely the server is down, and the run says so in a moment.
            let changed = self.shared.server.changed();
            let _ = tokio::time::timeout(Duration::from_millis(500), changed).await;
        }
    }

    fn wrong(&mut self, words: String) {
        self.history.wrongs.push(words);
    }

    /// A virtual account; at times the customer pays in at once.
    async fn use_account(&mut self, place: &Place) {
        let (id, amount) = (self.new_id(), self.amount());
        let body = api::account_body(place, amount, &self.shared.notice);
        let path = format!("{}/instant", payment_path(&id));
        let heard = self.post(place, (What::Account, &id), (path, body)).await;
        if heard.success().is_none() || self.random.random_bool(0.3) {
            return;
        }
        let heard = self.api.get(place, &payment_path(&id)).await;
        let Heard::Told(read) = &heard else { return };
        if heard.is_unclear() {
            // The database went away in between.
            return;
        }
        let account = text(&read.body, "/method/accountNumber");
        if read.status != 200 || account.is_empty() {
            self.wrong(format!("no account where one was issued: {read:?}"));
            return;
        }
        let url = format!(
            "{}/virtual-accounts/{account}/deposit",
            self.shared.simulator
        );
        let heard = self.api.tell(&url, &json!({})).await;
        let is_in = heard.success().is_some();
        self.history.calls.push(Call {
            payment: id.clone(),
            what: What::Deposit,
            path: url,
            body: json!({}),
            key: None,
            heard,
        });
        if is_in {
            let (left, is_account) = (amount, true);
            self.paid.push(Paid {
                id,
                is_account,
                left,
            });
        }
    }

    async fn cancel(&mut self, place: &Place) {
        if self.paid.is_empty() {
            return self.read(place).await;
        }
        let index = self.random.random_range(0..self.paid.len());
        let paid = self.paid[index].clone();
        // At times more than there is: refused, and nothing changes.
        let amount = self.random.random_range(1..=paid.left + paid.left / 8 + 1);
        let mut body = json!({"reason": "kill test"});
        if self.random.random_bool(0.6) {
            body["amount"] = json!(amount);
        }
        if paid.is_account {
            body["refundAccount"] = json!({
                "bank": "SHINHAN", "number": "110123456789", "holderName": "Hong Gildong",
                "holderPhoneNumber": "010-0000-0000"
            });
        }
        let path = format!("{}/cancel", payment_path(&paid.id));
        let call = (What::Cancel, paid.id.as_str());
        let heard = self.post(place, call, (path, body)).await;
        if let Some(answer) = heard.success() {
            let left = paid.left - api::number(answer, "/cancellation/totalAmount");
            self.paid[index].left = left.max(0);
            if left <= 0 && self.random.random_bool(0.8) {
                self.paid.swap_remove(index);
            }
        }
    }

    /// What was answered is there (P1), also right after a restart.
    async fn read(&mut self, place: &Place) {
        if self.paid.is_empty() || self.random.random_bool(0.2) {
            let _ = self.api.get(place, "/payments").await;
            return;
        }
        let index = self.random.random_range(0..self.paid.len());
        let paid = self.paid[index].clone();
        let heard = self.api.get(place, &payment_path(&paid.id)).await;
        let Heard::Told(told) = heard else { return };
        let status = text(&told.body, "/status");
        let is_paid = ["PAID", "PARTIAL_CANCELLED", "CANCELLED"].contains(&status);
        // A deposit is known to us before its notice has been looked into.
        if !(is_paid || paid.is_account || told.status == 503) {
            self.wrong(format!("`{}` was paid, but reads {told:?}", paid.id));
        }
    }
}
