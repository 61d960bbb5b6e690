//! A whole server in one value.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use naru_connector::{InboundRequest, Transport};
use naru_domain::Timestamp;
use naru_engine::audit::AuditPart;
use naru_engine::records::Queue;
use naru_engine::{
    Clock, Engine, EngineConfig, KeyRing, Parts, SystemEntropy, SystemTime, Time as _,
};
use naru_pg_sim::{Options, Simulator, Timing};
use naru_store::Store;
use naru_store_memory::MemoryStore;
use serde_json::{Value, json};

use crate::client::RequestBuilder;
use crate::pg::PgWire;
use crate::receiver::Receiver;
use crate::seed::{MAIN, seed};

/// How long a simulated PG that never answers holds the connection.
const HOLD: Duration = Duration::from_millis(150);
/// Rounds of workers after which something must be running in circles.
const ROUNDS_MAX: usize = 200;

/// Makes a face over an engine.
type Face = fn(Engine) -> Router;

/// What a test chooses.
#[derive(Default)]
pub struct TestAppOptions {
    /// The store; one in memory if not given. It must be empty.
    pub store: Option<Arc<dyn Store>>,
    /// Limits, where a test wants small ones.
    pub config: Option<EngineConfig>,
    /// Whether to keep the store empty.
    pub unseeded: bool,
}

/// A server without sockets.
pub struct TestApp {
    /// The engine.
    pub engine: Engine,
    /// The way to the PG, and to its controls.
    pub pg: PgWire,
    /// Where webhooks arrive.
    pub receiver: Receiver,
    face: Router,
    /// Held, since its tasks end with it.
    simulator: Arc<Simulator>,
}

impl TestApp {
    /// A server on a store in memory.
    pub async fn start(face: Face) -> Self {
        Self::start_with(face, TestAppOptions::default()).await
    }

    /// A server as the test wants it.
    pub async fn start_with(face: Face, options: TestAppOptions) -> Self {
        let timing = Timing {
            hold: HOLD,
            late: HOLD,
            ..Timing::default()
        };
        let simulator = Simulator::open_with(
            None,
            Options {
                timing,
                sync: false,
                ..Options::default()
            },
        )
        .expect("a simulator");
        let store = options
            .store
            .unwrap_or_else(|| MemoryStore::new(|| SystemTime.now()));
        let config = EngineConfig {
            is_sandbox: true,
            ..options.config.unwrap_or_default()
        };
        let around = (PgWire::new(simulator.router()), Receiver::default());
        let app = Self::node((face, store, config), around, simulator);
        if !options.unseeded {
            seed(&app.engine).await;
        }
        app
    }

    /// Another node on the same store, with the same PG and receiver.
    pub async fn another_node(&self, face: Face, store: Arc<dyn Store>) -> Self {
        let config = self.engine.config().clone();
        let around = (self.pg.clone(), self.receiver.clone());
        let node = Self::node((face, store, config), around, Arc::clone(&self.simulator));
        node.engine.load_clock_offset().await.expect("a clock");
        node
    }

    fn node(
        (face, store, config): (Face, Arc<dyn Store>, EngineConfig),
        (pg, receiver): (PgWire, Receiver),
        simulator: Arc<Simulator>,
    ) -> Self {
        let engine = Engine::new(Parts {
            store,
            pg_transport: Arc::new(pg.clone()),
            webhook_transport: Arc::new(receiver.clone()) as Arc<dyn Transport>,
            connectors: crate::connectors,
            tax_providers: naru_connectors::tax_provider,
            clock: Arc::new(Clock::new(Box::new(SystemTime), 0)),
            entropy: Arc::new(SystemEntropy),
            keys: Arc::new(KeyRing::new(&[7; 32]).expect("a key")),
            config,
        });
        Self {
            face: face(engine.clone()),
            engine,
            pg,
            receiver,
            simulator,
        }
    }

    /// The face under test.
    pub fn face(&self) -> Router {
        self.face.clone()
    }

    /// A request with the main store's credential.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        RequestBuilder::new(self.face(), method, path).secret(MAIN.secret)
    }

    /// `GET`.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.request("GET", path)
    }

    /// `POST`.
    pub fn post(&self, path: &str) -> RequestBuilder {
        self.request("POST", path)
    }

    /// `DELETE`.
    pub fn delete(&self, path: &str) -> RequestBuilder {
        self.request("DELETE", path)
    }

    /// Does what workers do until nothing is due: resolves, delivers, indexes.
    pub async fn settle(&self) {
        for _ in 0..ROUNDS_MAX {
            let mut done = self.engine.index_changed(100).await.expect("indexing");
            for queue in [
                Queue::Schedule,
                Queue::Resolve,
                Queue::Webhook,
                Queue::Deadline,
            ] {
                let jobs = self
                    .engine
                    .claim(queue, 100, (60_000, false), Vec::new())
                    .await;
                for job in jobs.expect("jobs") {
                    self.engine.run(job).await.expect("a run");
                    done += 1;
                }
            }
            if done == 0 {
                self.check_journal().await;
                return;
            }
        }
        panic!("there is always something more to do");
    }

    /// Whatever has happened, the journal of each store holds it.
    async fn check_journal(&self) {
        for store in self.engine.stores().await.expect("stores") {
            let mut after: Option<String> = None;
            loop {
                let part = (AuditPart::Journal, after.as_deref());
                let page = self.engine.audit(&store.id, part, 500).await;
                let page = page.expect("an audit");
                assert!(page.findings.is_empty(), "{:#?}", page.findings);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
    }

    /// Moves the business clock, here and at the PG.
    pub async fn move_clock_s(&self, seconds: i64) {
        let offset_ms = self.engine.clock().offset_ms() + seconds * 1_000;
        self.engine
            .set_clock_offset(offset_ms)
            .await
            .expect("a sandbox");
        let advance = if seconds < 0 {
            format!("-PT{}S", -seconds)
        } else {
            format!("PT{seconds}S")
        };
        self.pg
            .control("POST", "/clock", &json!({ "advance": advance }))
            .await;
    }

    /// Now, by the business clock.
    pub fn now(&self) -> Timestamp {
        self.engine.clock().business()
    }

    /// The cash receipts in the PG's books.
    pub async fn receipts(&self) -> Vec<Value> {
        let books = self.pg.control("GET", "/books", &Value::Null).await;
        books["cashReceipts"].as_array().expect("books").clone()
    }

    /// What the PG's notice of a deposit says of the receipt that came with it.
    async fn receipt_fields(&self, pg_tx_id: &str) -> Vec<(&'static str, String)> {
        let receipts = self.receipts().await;
        let mut receipts = receipts.iter();
        let Some(receipt) = receipts.find(|row| row["paymentPgTxId"] == pg_tx_id) else {
            return Vec::new();
        };
        let text = |name: &str| receipt[name].as_str().expect("a text").to_owned();
        vec![
            ("dt_cshr", text("at")[..10].replace('-', "")),
            ("tm_cshr", text("at")[11..19].replace(':', "")),
            ("no_cshr_appl", text("issueNumber")),
            ("no_cshr_tid", text("pgReceiptId")),
        ]
    }

    /// The PG's books.
    pub async fn books(&self) -> Vec<Value> {
        let books = self
            .pg
            .control("GET", "/books?pg=inicis", &Value::Null)
            .await;
        books["transactions"].as_array().expect("books").clone()
    }

    /// The amounts that the PG took and has not given back whole.
    pub async fn captures(&self) -> Vec<i64> {
        self.books()
            .await
            .iter()
            .filter(|row| row["state"] == "APPROVED")
            .filter_map(|row| row["amount"].as_i64())
            .collect()
    }

    /// The one-time password that a phone got last.
    pub async fn otp(&self, phone: &str) -> String {
        let path = format!("/otp?phone={phone}");
        let found = self.pg.control("GET", &path, &Value::Null).await;
        found["otp"].as_str().expect("a password").to_owned()
    }

    /// Makes the PG misbehave at its next call.
    pub async fn fault(&self, operation: &str, kind: &str) {
        self.faults(operation, kind, 1).await;
    }

    /// Makes the PG misbehave at its next calls.
    pub async fn faults(&self, operation: &str, kind: &str, times: u32) {
        let fault = json!({ "operation": operation, "kind": kind, "times": times });
        self.pg.control("POST", "/faults", &fault).await;
    }

    /// Lets the PG behave again.
    pub async fn clear_faults(&self) {
        self.pg.control("DELETE", "/faults", &Value::Null).await;
    }

    /// Runs every job that resolves something, leased to a request or not, as a server does
    /// after a crash.
    pub async fn resolve_all(&self) {
        let jobs = self
            .engine
            .claim(Queue::Resolve, 100, (1, true), Vec::new())
            .await;
        for job in jobs.expect("jobs") {
            self.engine.run(job).await.expect("a run");
        }
    }

    /// The tax-invoice provider tells that an invoice of a company moved, by the buyer's key.
    pub async fn tax_notice(&self, brn: &str, recipient_key: &str) {
        let notice = json!({ "corpNum": brn, "invoiceeMgtKey": recipient_key, "itemKey": "1" });
        let inbound = InboundRequest {
            content_type: Some("application/json".to_owned()),
            body: Bytes::from(notice.to_string()),
            peer: None,
        };
        let taken = self.engine.take_tax_notice("popbill", &inbound).await;
        assert_eq!(taken.expect("a notice").status, 200);
        self.settle().await;
    }

    /// A customer says of the goods of an escrow payment that they are kept (`confirm`) or not
    /// (`reject`), and the PG's notice arrives.
    pub async fn customer_says(&self, pg_tx_id: &str, word: &str) {
        let path = format!("/escrows/{pg_tx_id}/{word}");
        let answer = self.pg.control("POST", &path, &json!({})).await;
        let escrow = &answer["escrow"];
        let latest = escrow["news"].as_array().and_then(|news| news.last());
        let status = &latest.expect("news")["clStatus"];
        let transaction = &escrow["transaction"];
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let fields = [
            ("id_merchant", text(&transaction["mid"])),
            ("no_oid", text(&transaction["orderId"])),
            ("no_tid", pg_tx_id.to_owned()),
            ("dt_req", "20260101090000".to_owned()),
            ("cl_status", text(status)),
            ("price", transaction["amount"].to_string()),
        ];
        assert_eq!(self.notify(&fields).await, "cd_rslt=0000");
    }

    /// A customer pays into a virtual account and the PG's notice arrives.
    pub async fn deposit(&self, account_number: &str) {
        let path = format!("/virtual-accounts/{account_number}/deposit");
        let answer = self.pg.control("POST", &path, &json!({})).await;
        let deposit = &answer["account"]["deposits"][0];
        let transaction = &answer["account"]["transaction"];
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let fields = [
            ("id_merchant", text(&transaction["mid"])),
            ("no_tid", text(&deposit["pgTxId"])),
            ("no_oid", text(&transaction["orderId"])),
            ("no_vacct", account_number.to_owned()),
            ("amt_input", deposit["amount"].to_string()),
            ("dt_trans", text(&deposit["at"])[..10].replace('-', "")),
            ("tm_trans", text(&deposit["at"])[11..19].replace(':', "")),
            ("type_msg", "0200".to_owned()),
        ];
        let mut fields = fields.to_vec();
        fields.extend(self.receipt_fields(&text(&transaction["pgTxId"])).await);
        assert_eq!(self.notify(&fields).await, "OK");
    }

    /// The card PG's notice arrives and is looked into; what the PG is answered.
    async fn notify(&self, fields: &[(&str, String)]) -> &'static str {
        let pairs = fields.iter().map(|(name, value)| format!("{name}={value}"));
        let notice = InboundRequest {
            content_type: Some("application/x-www-form-urlencoded".to_owned()),
            body: Bytes::from(pairs.collect::<Vec<_>>().join("&")),
            peer: None,
        };
        let taken = self.engine.take_notice("INICIS_V2", &notice).await;
        self.settle().await;
        taken.expect("a notice").body
    }
}
