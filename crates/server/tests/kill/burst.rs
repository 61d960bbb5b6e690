//! Thousands of schedules due at once, with the real server: the PG sees no more calls at a time
//! than the limit allows, requests are answered all the while, and each is charged once; on
//! PostgreSQL two nodes share the work.
//!
//! Nothing here goes by how long anything takes. The PG is made slow, so that the burst can't end
//! before requests were answered beside it, and then quick again.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::api::{self, Api, Heard, items, number, payment_path, text, url_encoded};
use crate::support::{Place, Sandbox, SandboxOptions, Simulator};

/// Schedules that are due in the same minute.
const SCHEDULES: usize = 2_000;
/// `schedules_per_pg_max`, which a node keeps by itself.
const PER_PG_MAX: i64 = 32;
/// Requests that are answered meanwhile.
const REQUESTS: usize = 40;
/// Requests that make schedules, at once.
const AT_ONCE: usize = 16;
const POLL: Duration = Duration::from_millis(50);
/// How long the slow PG takes: the burst alone would take more than a minute.
const SLOW_MS: u64 = 2_000;
/// A loaded machine with a build without optimisation may take its time.
const PATIENCE: Duration = Duration::from_mins(4);
const CARD: &str = "4000000000000001";

/// Two nodes on a database, else one.
pub async fn run(database: Option<String>) {
    let directory = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(&directory.path().join("simulator")).await;
    let mut options = SandboxOptions {
        directory: directory.path().join("one"),
        simulator: simulator.url.clone(),
        database,
    };
    let mut nodes = vec![Sandbox::start(&options).await];
    if options.database.is_some() {
        options = options.second_node(&directory.path().join("two"));
        nodes.push(Sandbox::start(&options).await);
    }
    let scene = Scene {
        api: Api::new(),
        places: nodes.iter().map(|node| node.place.clone()).collect(),
        simulator: simulator.url.clone(),
    };
    let limit = PER_PG_MAX * i64::try_from(nodes.len()).unwrap();
    scene.make_schedules().await;
    scene.slow_down().await;
    scene.move_on().await;
    // Every place at the PG is taken: on two nodes no single one could take so many.
    scene.until_under_way(limit).await;
    scene.be_answered().await;
    let (calls, _) = scene.load().await;
    assert!(
        calls < i64::try_from(SCHEDULES).unwrap(),
        "the burst was over before {REQUESTS} requests were answered"
    );
    scene.clear().await;
    scene.until_done().await;
    let (calls, under_way_max) = scene.load().await;
    assert_eq!(calls, i64::try_from(SCHEDULES).unwrap(), "each once");
    assert_eq!(under_way_max, limit, "calls at once, at most");
    scene.audit().await;
    for mut node in nodes {
        assert!(node.process.stop().await, "it stops in order");
    }
}

struct Scene {
    api: Api,
    places: Vec<Place>,
    simulator: String,
}

impl Scene {
    fn place(&self, number: usize) -> &Place {
        &self.places[number % self.places.len()]
    }

    /// All due in one minute of the next hour, on a key of each channel: together the channels
    /// may do more than one PG.
    async fn make_schedules(&self) {
        let mut keys = Vec::new();
        for channel in &self.places[0].channels {
            let mut body = api::billing_key_body(&self.places[0], CARD);
            body.as_object_mut().unwrap().remove("channelGroupId");
            body["channelKey"] = json!(channel);
            let heard = self.api.post(&self.places[0], "/billing-keys", &body, None);
            let issued = heard.await.success().cloned().unwrap();
            keys.push(text(&issued, "/billingKeyInfo/billingKey").to_owned());
        }
        let mut tasks = JoinSet::new();
        for part in 0..AT_ONCE {
            let (api, place) = (self.api.clone(), self.place(part).clone());
            let keys = keys.clone();
            tasks.spawn(async move {
                for number in (part..SCHEDULES).step_by(AT_ONCE) {
                    let charge = api::charge_body(&place, &keys[number % keys.len()], 1_000, "");
                    // Within a minute, an hour from now.
                    let in_ms = 3_600_000 + i64::try_from(number * 30).unwrap();
                    let body = api::schedule_body(&charge, in_ms);
                    let path = format!("{}/schedule", payment_path(&format!("burst-{number}")));
                    let heard = api.post(&place, &path, &body, None).await;
                    assert!(heard.success().is_some(), "{heard:?}");
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
    }

    async fn slow_down(&self) {
        let slow = json!({
            "operation": "charge_billing_key", "kind": "late", "delayMs": SLOW_MS,
            "times": 1_000_000
        });
        let url = format!("{}/faults", self.simulator);
        assert!(
            matches!(self.api.tell(&url, &slow).await, Heard::Told(told) if told.status == 201)
        );
        self.api.clear(&format!("{}/load", self.simulator)).await;
    }

    async fn move_on(&self) {
        let url = format!("{}/clock", self.simulator);
        let moved = self.api.tell(&url, &json!({"advance": "PT2H"})).await;
        let moved = moved.success().cloned().unwrap();
        // The simulators tell whoever registered last.
        let offset = json!({"offsetMs": moved["offsetMs"]});
        for place in &self.places {
            let url = format!("{}/sandbox/clock", place.private);
            let heard = self.api.tell(&url, &offset).await;
            assert!(matches!(heard, Heard::Told(told) if told.status == 204));
        }
    }

    async fn clear(&self) {
        self.api.clear(&format!("{}/faults", self.simulator)).await;
    }

    /// How many charges the PG was asked for, and how many at once at most.
    async fn load(&self) -> (i64, i64) {
        let heard = self.api.read(&format!("{}/load", self.simulator)).await;
        let told = heard.success().cloned().unwrap();
        let is_charge = |one: &&Value| text(one, "/operation") == "charge_billing_key";
        let found = items(&told, "/operations").iter().find(is_charge);
        found.map_or((0, 0), |one| {
            (number(one, "/calls"), number(one, "/underWayMax"))
        })
    }

    async fn until_under_way(&self, count: i64) {
        let began = Instant::now();
        loop {
            let (calls, most) = self.load().await;
            if most >= count {
                return;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{calls} calls, {most} at once, expected {count}"
            );
            tokio::time::sleep(POLL).await;
        }
    }

    /// Payments and reads on every node, while all places of schedules are taken.
    async fn be_answered(&self) {
        for number in 0..REQUESTS {
            let place = self.place(number);
            let path = payment_path(&format!("meanwhile-{number}"));
            let body = api::card_body(place, CARD, 1_001, "");
            let instant = format!("{path}/instant");
            let paid = self.api.post(place, &instant, &body, None).await;
            assert!(paid.success().is_some(), "{paid:?}");
            let read = self.api.get(place, &path).await;
            let status = read.success().map(|body| text(body, "/status").to_owned());
            assert_eq!(status.as_deref(), Some("PAID"));
        }
    }

    async fn until_done(&self) {
        let began = Instant::now();
        loop {
            let done = self.count("SUCCEEDED").await;
            if done == i64::try_from(SCHEDULES).unwrap() {
                return;
            }
            let failed = self.count("FAILED").await;
            assert_eq!(failed, 0, "{done} succeeded");
            assert!(began.elapsed() < PATIENCE, "{done} succeeded");
            tokio::time::sleep(POLL * 4).await;
        }
    }

    async fn count(&self, status: &str) -> i64 {
        let filter = json!({"filter": {"status": [status], "until": "2099-01-01T00:00:00Z",
            "from": "2020-01-01T00:00:00Z"}, "page": {"size": 1}});
        let body = url_encoded(&filter.to_string());
        let path = format!("/payment-schedules?requestBody={body}");
        let heard = self.api.get(self.place(0), &path).await;
        let list = heard.success().cloned();
        number(
            &list.unwrap_or_else(|| panic!("{heard:?}")),
            "/page/totalCount",
        )
    }

    /// The PG sold each once, and each is a payment of its own.
    async fn audit(&self) {
        let url = format!("{}/books?pg=inicis", self.simulator);
        let books = self.api.read(&url).await.success().cloned().unwrap();
        let sold = items(&books, "/transactions").iter();
        let sold: Vec<&Value> = sold.filter(|one| text(one, "/kind") == "BILLING").collect();
        assert_eq!(sold.len(), SCHEDULES);
        let is_held = |one: &&Value| {
            text(one, "/state") == "APPROVED" && number(one, "/cancelledAmount") == 0
        };
        assert!(sold.iter().all(is_held));
        let mut payments = BTreeSet::new();
        for one in sold {
            let order = text(one, "/orderId");
            let url = format!("{}/attempts/{order}", self.places[0].private);
            let found = self.api.read(&url).await.success().cloned().unwrap();
            payments.insert(text(&found, "/paymentId").to_owned());
        }
        assert_eq!(payments.len(), SCHEDULES);
    }
}
