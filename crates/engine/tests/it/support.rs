//! A bed to test on: virtual time, a wire that can be cut, and engines that can crash.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use naru_connector::{
    AccountChoice, Answer as PgAnswer, CardCredential, CashReceiptWish, Request, Secret, SendError,
    Sent, Transport, TransportFuture,
};
use naru_domain::payment::{OrderDetails, Origin, Platform, RetainOption, Status};
use naru_domain::{
    Amount, BillingKeyId, ChannelKey, Currency, Customer, PaymentId, ScheduleId, StoreId, Timestamp,
};
use naru_engine::admin::{NewEndpoint, NewStore};
use naru_engine::audit::AuditPart;
use naru_engine::payments::{
    CallContext, CancelPayment, CardDetails, ChargeKey, PayInstantly, PayMethod, PayRequest,
    PaymentView,
};
use naru_engine::records::{
    DiscrepancyRecord, Environment, JobRecord, PayloadFormat, PayloadVersion, Queue,
};
use naru_engine::schedules::SchedulePayment;
use naru_engine::{
    Answer, Clock, Engine, EngineConfig, Entropy, IdempotencyTicket, IssueRequest, KeyRing, Parts,
    SystemEntropy, Time,
};
use naru_pg_sim::Simulator;
use naru_store::{BoxFuture, Query, Store, Versioned, tables};
use naru_store_memory::MemoryStore;
use tower::ServiceExt as _;

pub const STORE: &str = "store-test";
pub const CHANNEL: &str = "channel-key-test";
/// The byte that the master key of a bed consists of.
pub const MASTER_KEY: u8 = 7;
const START: i64 = 1_767_225_600_000_000;

/// Time that passes only when somebody waits.
#[derive(Clone)]
pub struct VirtualTime(Arc<AtomicI64>);

impl VirtualTime {
    pub fn pass_ms(&self, millis: i64) {
        self.0.fetch_add(millis * 1_000, Ordering::SeqCst);
    }

    pub fn read(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

impl Time for VirtualTime {
    fn now(&self) -> Timestamp {
        self.read()
    }

    fn sleep_ms(&self, millis: u64) -> BoxFuture<'_, ()> {
        self.pass_ms(i64::try_from(millis).unwrap());
        Box::pin(tokio::task::yield_now())
    }
}

/// What happens to a request to the PG.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Nothing; it arrives and is answered.
    None,
    /// The connection is refused.
    Refused,
    /// The connection is refused, after twenty seconds of trying.
    RefusedLate,
    /// It never arrives, and nobody can tell.
    Before,
    /// It never arrives, and nobody can tell until the time for an answer is up.
    Silence,
    /// It arrives; the answer is lost.
    After,
    /// It arrives twice; the second answer is the one that comes back.
    Twice,
    /// It arrives, although the sender believes that it never left.
    Denied,
    /// It never arrives and never returns: crash here.
    HangBefore,
    /// It arrives and never returns: crash here.
    HangAfter,
}

/// The way to the simulated PG.
pub struct Wire {
    time: VirtualTime,
    router: axum::Router,
    script: Mutex<VecDeque<Cut>>,
    rest: Mutex<Cut>,
    hung: tokio::sync::Notify,
}

impl Wire {
    /// What happens to the next requests, in order.
    pub fn script(&self, cuts: &[Cut]) {
        self.script.lock().unwrap().extend(cuts);
    }

    /// Nothing happens to the next requests any more.
    pub fn forget_script(&self) {
        self.script.lock().unwrap().clear();
    }

    /// What happens to all requests after the script.
    pub fn always(&self, cut: Cut) {
        *self.rest.lock().unwrap() = cut;
    }

    async fn arrive(&self, request: Request) -> PgAnswer {
        let path = request.url.split_once("://").unwrap().1;
        let path = path.split_once('/').unwrap().1;
        let mut built = http::Request::builder()
            .method(request.method)
            .uri(format!("/{path}"));
        for (name, value) in request.headers {
            built = built.header(name, value);
        }
        let response = self
            .router
            .clone()
            .oneshot(built.body(Body::from(request.body)).unwrap())
            .await;
        let response = response.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        PgAnswer {
            status,
            headers: Vec::new(),
            body,
        }
    }
}

impl Transport for Wire {
    fn send(&self, request: Request) -> TransportFuture<'_> {
        Box::pin(async move {
            let next = self.script.lock().unwrap().pop_front();
            let cut = next.unwrap_or(*self.rest.lock().unwrap());
            let lost = |sent| {
                Err(SendError {
                    sent,
                    detail: "cut by the test".to_owned(),
                })
            };
            match cut {
                Cut::None => Ok(self.arrive(request).await),
                Cut::Refused => lost(Sent::No),
                Cut::RefusedLate => {
                    self.time.pass_ms(20_000);
                    lost(Sent::No)
                }
                Cut::Before => lost(Sent::Perhaps),
                Cut::Silence => {
                    self.time.pass_ms(request.timeout_ms.into());
                    lost(Sent::Perhaps)
                }
                Cut::After => {
                    self.arrive(request).await;
                    lost(Sent::Perhaps)
                }
                Cut::Twice => {
                    self.arrive(request.clone()).await;
                    Ok(self.arrive(request).await)
                }
                Cut::Denied => {
                    self.arrive(request).await;
                    lost(Sent::No)
                }
                Cut::HangBefore => {
                    self.hung.notify_one();
                    std::future::pending().await
                }
                Cut::HangAfter => {
                    self.arrive(request).await;
                    self.hung.notify_one();
                    std::future::pending().await
                }
            }
        })
    }
}

/// Webhooks go nowhere: their rows are what the tests look at.
struct Nowhere;

impl Transport for Nowhere {
    fn send(&self, _: Request) -> TransportFuture<'_> {
        let detail = "nowhere".to_owned();
        Box::pin(async move {
            Err(SendError {
                sent: Sent::No,
                detail,
            })
        })
    }
}

pub struct Bed {
    entropy: Arc<dyn Entropy>,
    pub time: VirtualTime,
    pub store: Arc<MemoryStore>,
    pub wire: Arc<Wire>,
    pub engine: Engine,
}

impl Bed {
    pub async fn new() -> Self {
        Self::with(Arc::new(SystemEntropy)).await
    }

    /// A bed whose draws are the test's.
    pub async fn with(entropy: Arc<dyn Entropy>) -> Self {
        let time = VirtualTime(Arc::new(AtomicI64::new(START)));
        let clock = time.clone();
        let store = MemoryStore::new(move || clock.read());
        let simulator = Simulator::open(None).unwrap();
        let wire = Arc::new(Wire {
            time: time.clone(),
            router: simulator.router(),
            script: Mutex::default(),
            rest: Mutex::new(Cut::None),
            hung: tokio::sync::Notify::new(),
        });
        let engine = engine(&time, &store, (&wire, &entropy));
        seed(&engine).await;
        Self {
            entropy,
            time,
            store,
            wire,
            engine,
        }
    }

    /// The process dies, wherever its requests are, and another one starts.
    pub fn restart(&mut self) {
        self.store.crash();
        self.engine = engine(&self.time, &self.store, (&self.wire, &self.entropy));
    }

    /// Runs a request until it hangs at the wire, then the process dies and another starts.
    pub async fn crash_in<T: Send + 'static>(
        &mut self,
        request: impl Future<Output = T> + Send + 'static,
    ) {
        let running = tokio::spawn(request);
        self.wire.hung.notified().await;
        running.abort();
        self.restart();
    }

    /// Lets workers run until nothing is due, moving time where something will be.
    pub async fn settle(&self) {
        let mut first = true;
        for _ in 0..200 {
            let is_first = std::mem::take(&mut first);
            for queue in [Queue::Schedule, Queue::Resolve] {
                let lease = (1_000, is_first);
                let jobs = self.engine.claim(queue, 100, lease, Vec::new()).await;
                for job in jobs.unwrap() {
                    self.engine.run(job).await.unwrap();
                }
            }
            self.time.pass_ms(500);
        }
        self.check_journal().await;
    }

    /// Whatever has happened, the journal holds it.
    async fn check_journal(&self) {
        let (store, part) = (StoreId::new(STORE), AuditPart::Journal);
        let mut after: Option<String> = None;
        loop {
            let page = self.engine.audit(&store, (part, after.as_deref()), 500);
            let page = page.await.unwrap();
            assert!(page.findings.is_empty(), "{:#?}", page.findings);
            after = page.next;
            if after.is_none() {
                return;
            }
        }
    }

    pub fn ticket(&self, key: &str, body: &str) -> IdempotencyTicket {
        self.engine.ticket(
            &StoreId::new(STORE),
            ("POST", "/x", ""),
            key,
            body.as_bytes(),
        )
    }

    pub async fn read(&self, id: &str) -> PaymentView {
        self.engine
            .payment(&StoreId::new(STORE), &PaymentId::new(id))
            .await
            .unwrap()
    }

    pub async fn status(&self, id: &str) -> Status {
        self.read(id).await.payment.status()
    }

    /// A control of the simulator.
    pub async fn control(&self, path: &str) -> serde_json::Value {
        self.control_with(path, &serde_json::json!({})).await
    }

    /// A control of the simulator with a body.
    pub async fn control_with(&self, path: &str, body: &serde_json::Value) -> serde_json::Value {
        let request = http::Request::post(path)
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let response = self.wire.router.clone().oneshot(request).await.unwrap();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// The bytes that a control of the simulator answers.
    pub async fn download(&self, path: &str) -> Vec<u8> {
        let request = http::Request::get(path).body(Body::empty()).unwrap();
        let response = self.wire.router.clone().oneshot(request).await.unwrap();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        body.to_vec()
    }

    /// Something that the simulator shows.
    pub async fn look(&self, path: &str) -> serde_json::Value {
        let request = http::Request::get(path).body(Body::empty()).unwrap();
        let response = self.wire.router.clone().oneshot(request).await.unwrap();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// Discrepancies on record.
    pub async fn discrepancies(&self) -> Vec<DiscrepancyRecord> {
        let query = Query::of(&tables::DISCREPANCIES, 100);
        let found = self.engine.store().list(query).await.unwrap();
        found.into_iter().map(|found| found.value).collect()
    }

    /// The PG's books.
    pub async fn transactions(&self) -> Vec<serde_json::Value> {
        let request = http::Request::get("/books?pg=inicis")
            .body(Body::empty())
            .unwrap();
        let response = self.wire.router.clone().oneshot(request).await.unwrap();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let books: serde_json::Value = serde_json::from_slice(&body).unwrap();
        books["transactions"].as_array().unwrap().clone()
    }

    /// Unreversed captures in the PG's books, as (order id, amount, cancelled).
    pub async fn books(&self) -> Vec<(String, i64, i64)> {
        self.transactions()
            .await
            .iter()
            .filter(|row| row["state"] == "APPROVED")
            .map(|row| {
                let amount = |name: &str| row[name].as_i64().unwrap();
                let order = row["orderId"].as_str().unwrap().to_owned();
                (order, amount("amount"), amount("cancelledAmount"))
            })
            .collect()
    }
}

impl Bed {
    /// Another process on the same store, as on another node.
    pub fn another_node(&self) -> Engine {
        self.node_with_key(MASTER_KEY)
    }

    /// One with another master key: this byte, 32 times.
    pub fn node_with_key(&self, key: u8) -> Engine {
        let wire = (&self.wire, &self.entropy);
        engine_with(&self.time, &self.store, wire, key)
    }

    /// A billing key.
    pub async fn key(&self) -> BillingKeyId {
        let PayMethod::Card(card) = card_payment("", false).method.method else {
            panic!("a card");
        };
        let request = IssueRequest {
            channel: ChannelKey::new(CHANNEL).into(),
            card: card.credential,
            customer: card_payment("", false).order.customer,
            custom_data: None,
            notice_urls: Vec::new(),
            skip_webhook: true,
        };
        match self
            .engine
            .issue_billing_key(call(), request)
            .await
            .unwrap()
        {
            Answer::BillingKeyIssued { billing_key, .. } => billing_key,
            other => panic!("{other:?}"),
        }
    }

    /// Makes a schedule that is due so many seconds from now.
    pub async fn schedule(&self, payment: &str, key: &BillingKeyId, seconds: i64) -> ScheduleId {
        let request = schedule_request(payment, key, self.time.read().plus_seconds(seconds));
        match self.engine.schedule_payment(call(), request).await.unwrap() {
            Answer::Scheduled { id } => id,
            other => panic!("{other:?}"),
        }
    }

    /// Where a schedule stands.
    pub async fn schedule_state(&self, id: &ScheduleId) -> &'static str {
        let schedule = self.engine.schedule(&StoreId::new(STORE), id).await;
        schedule.unwrap().state.name()
    }

    /// Due schedules, leased.
    pub async fn due_schedules(&self) -> Vec<Versioned<JobRecord>> {
        let lease = (1_000, false);
        let jobs = self.engine.claim(Queue::Schedule, 100, lease, Vec::new());
        jobs.await.unwrap()
    }
}

pub fn schedule_request(payment: &str, key: &BillingKeyId, at: Timestamp) -> SchedulePayment {
    SchedulePayment {
        payment_id: PaymentId::new(payment),
        order: card_payment(payment, false).order,
        charge: ChargeKey {
            billing_key: key.clone(),
            channel: None,
            installment_months: 0,
            is_interest_free: false,
            use_card_point: false,
        },
        time_to_pay: at,
    }
}

fn engine(
    time: &VirtualTime,
    store: &Arc<MemoryStore>,
    wire: (&Arc<Wire>, &Arc<dyn Entropy>),
) -> Engine {
    engine_with(time, store, wire, MASTER_KEY)
}

fn engine_with(
    time: &VirtualTime,
    store: &Arc<MemoryStore>,
    (wire, entropy): (&Arc<Wire>, &Arc<dyn Entropy>),
    key: u8,
) -> Engine {
    Engine::new(Parts {
        store: Arc::clone(store) as Arc<dyn Store>,
        pg_transport: Arc::clone(wire) as Arc<dyn Transport>,
        webhook_transport: Arc::new(Nowhere),
        connectors: naru_testkit::connectors,
        tax_providers: naru_connectors::tax_provider,
        clock: Arc::new(Clock::new(Box::new(time.clone()), 0)),
        entropy: Arc::clone(entropy),
        keys: Arc::new(KeyRing::new(&[key; 32]).unwrap()),
        config: EngineConfig {
            is_sandbox: true,
            ..EngineConfig::default()
        },
    })
}

async fn seed(engine: &Engine) {
    let store_id = StoreId::new(STORE);
    let new = NewStore {
        name: "test".to_owned(),
        id: Some(store_id.clone()),
        merchant_id: Some(naru_domain::MerchantId::new("merchant-test")),
        parent: None,
    };
    engine.create_store(new).await.unwrap();
    let channel = crate::groups::card_channel(CHANNEL);
    engine.create_channel(channel).await.unwrap();
    let endpoint = NewEndpoint {
        store_id,
        id: None,
        environment: Environment::Test,
        url: Some("http://shop.test/hook".to_owned()),
        version: PayloadVersion::V20240425,
        format: PayloadFormat::Json,
        secret: None,
    };
    engine.create_endpoint(endpoint).await.unwrap();
}

pub fn call() -> CallContext {
    let store = naru_engine::records::StoreRecord {
        id: StoreId::new(STORE),
        merchant_id: naru_domain::MerchantId::new("merchant-test"),
        parent: None,
        name: "test".to_owned(),
        created_at: Timestamp::default(),
        tier: None,
        user_code: None,
        time_zone: "Asia/Seoul".to_owned(),
    };
    CallContext {
        store: Arc::new(store),
        ticket: None,
        face: naru_domain::Face::V2,
        origin: origin(),
    }
}

fn origin() -> Origin {
    Origin {
        platform: Platform::Api,
        ip_address: "127.0.0.1".to_owned(),
        user_agent: None,
    }
}

pub fn card_payment(id: &str, skip_webhook: bool) -> PayRequest<PayInstantly> {
    let customer = Customer {
        name: Some("Hong Gildong".to_owned()),
        email: Some("hong@shop.test".to_owned()),
        phone_number: Some("01000000000".to_owned()),
        ..Customer::default()
    };
    PayRequest {
        payment_id: PaymentId::new(id),
        order: OrderDetails {
            name: "order".to_owned(),
            amount: Amount::new(1_000, None, None).unwrap(),
            currency: Currency::krw(),
            customer,
            products: Vec::new(),
            product_count: None,
            custom_data: None,
            country: None,
            notice_urls: Vec::new(),
            is_cultural_expense: false,
            is_escrow: false,
            promotion_id: None,
        },
        skip_webhook,
        method: PayInstantly {
            channel: ChannelKey::new(CHANNEL).into(),
            method: PayMethod::Card(CardDetails {
                credential: CardCredential {
                    number: Secret::new("4111111111111111"),
                    expiry_year: Secret::new("30"),
                    expiry_month: Secret::new("12"),
                    birth_or_business_number: Some(Secret::new("900101")),
                    password_two_digits: Some(Secret::new("12")),
                },
                installment_months: 0,
                is_interest_free: false,
                use_card_point: false,
            }),
        },
    }
}

pub fn account_payment(id: &str) -> PayRequest<PayInstantly> {
    PayRequest {
        method: PayInstantly {
            channel: ChannelKey::new(CHANNEL).into(),
            method: PayMethod::VirtualAccount {
                bank: "SHINHAN".to_owned(),
                // The simulator goes by the machine's clock.
                expires_at: Timestamp::from_micros(START).plus_seconds(50 * 365 * 86_400),
                account: AccountChoice::Normal,
                cash_receipt: CashReceiptWish::None,
                remittee_name: None,
            },
        },
        ..card_payment(id, false)
    }
}

pub fn cancel(amount: Option<i64>) -> CancelPayment {
    CancelPayment {
        amount,
        tax_free: None,
        vat: None,
        current_cancellable: None,
        reason: "test".to_owned(),
        requester: None,
        refund_account: None,
        retain: RetainOption::Release,
        skip_webhook: false,
    }
}
