//! Fifty clients pay the same payment id at once (P3, design 2a.6): one capture; the others wait
//! for it and get `ALREADY_PAID`; when one is declined, the next goes.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::api::{self, Api, Heard, items, payment_path, text};
use crate::support::{Place, Sandbox, SandboxOptions, Simulator};

const CLIENTS: usize = 50;
const CARD: &str = "4000000000000001";

/// Two nodes on a database, else one.
pub async fn same_payment_id(database: Option<String>) {
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
    let places: Vec<Place> = nodes.iter().map(|node| node.place.clone()).collect();
    let scene = Scene {
        places,
        simulator: simulator.url.clone(),
    };

    let answers = scene.pay_at_once("plain", None).await;
    assert_eq!(answers, counts(&[("", 1), ("ALREADY_PAID", 49)]));
    assert_eq!(scene.sales("plain").await, ["APPROVED"]);

    // The first is under way for a while: the others have to wait, and then are told.
    let slow = json!({"operation": "pay_card", "kind": "late", "delayMs": 1_500});
    let answers = scene.pay_at_once("slow", Some(slow)).await;
    assert_eq!(answers, counts(&[("", 1), ("ALREADY_PAID", 49)]));
    assert_eq!(scene.sales("slow").await, ["APPROVED"]);

    let declined = json!({"operation": "pay_card", "kind": "decline", "code": "120049"});
    let answers = scene.pay_at_once("declined", Some(declined)).await;
    let expected = [("", 1), ("PG_PROVIDER 120049", 1), ("ALREADY_PAID", 48)];
    assert_eq!(answers, counts(&expected));
    assert_eq!(scene.sales("declined").await, ["DECLINED", "APPROVED"]);

    // The answer is lost after the capture: nobody else may go on before that is found out.
    let lost = json!({"operation": "pay_card", "kind": "drop_after"});
    let answers = scene.pay_at_once("lost", Some(lost)).await;
    assert_eq!(answers, counts(&[("", 1), ("ALREADY_PAID", 49)]));
    assert_eq!(scene.sales("lost").await, ["APPROVED"]);
}

struct Scene {
    places: Vec<Place>,
    simulator: String,
}

impl Scene {
    /// All clients at once, spread over the nodes. Counts their answers.
    async fn pay_at_once(&self, id: &str, fault: Option<Value>) -> BTreeMap<String, usize> {
        let api = Api::new();
        if let Some(fault) = fault {
            let heard = api
                .tell(&format!("{}/faults", self.simulator), &fault)
                .await;
            assert!(
                matches!(&heard, Heard::Told(told) if told.status == 201),
                "{heard:?}"
            );
        }
        let mut clients = JoinSet::new();
        for place in self.places.iter().cycle().take(CLIENTS) {
            let (api, path) = (api.clone(), format!("{}/instant", payment_path(id)));
            let place = place.clone();
            clients.spawn(async move {
                let body = api::card_body(&place, CARD, 1_000, "");
                api.post(&place, &path, &body, None).await
            });
        }
        let mut answers = BTreeMap::new();
        while let Some(heard) = clients.join_next().await {
            let Heard::Told(told) = heard.unwrap() else {
                panic!("a client got no answer");
            };
            let words = format!("{} {}", told.kind(), text(&told.body, "/pgCode"));
            *answers.entry(words.trim().to_owned()).or_default() += 1;
        }
        answers
    }

    /// States of the PG's sales for a payment, oldest first.
    async fn sales(&self, id: &str) -> Vec<String> {
        let api = Api::new();
        let url = format!("{}/books?pg=inicis", self.simulator);
        let Heard::Told(books) = api.read(&url).await else {
            panic!("no books");
        };
        let mut states = Vec::new();
        for sale in items(&books.body, "/transactions") {
            let order = text(sale, "/orderId");
            let url = format!("{}/attempts/{order}", self.places[0].private);
            let Heard::Told(told) = api.read(&url).await else {
                panic!("no attempt `{order}`");
            };
            if text(&told.body, "/paymentId") == id {
                states.push(text(sale, "/state").to_owned());
            }
        }
        states
    }
}

fn counts(expected: &[(&str, usize)]) -> BTreeMap<String, usize> {
    let owned = expected
        .iter()
        .map(|(words, count)| ((*words).to_owned(), *count));
    owned.collect()
}
