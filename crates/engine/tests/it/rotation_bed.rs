//! A store that holds something of everything that is sealed, hashed or signed, and ways to look
//! at it from outside.

use naru_connector::Secret;
use naru_domain::{BillingKeyId, ChannelKey, PaymentId, StoreId};
use naru_engine::admin::{NewSecret, NewV1Key};
use naru_engine::payments::{CallContext, PayRequest, PlainRefundAccount};
use naru_engine::{Answer, Engine, Fault, rotation};
use naru_store::Query;

use crate::support::{
    Bed, CHANNEL, MASTER_KEY, STORE, call, cancel, card_payment, schedule_request,
};
use crate::{accounts, bulk_invoices, identity, receipts, windows};

/// The byte of the key that comes after the bed's.
pub const NEW_KEY: u8 = 8;
/// An idempotency key.
pub const IDEMPOTENCY: &str = "0123456789abcdef";

/// A full store.
pub struct Full {
    pub bed: Bed,
    pub key: BillingKeyId,
    /// The token by which the payment of a window is confirmed.
    pub window: String,
    /// An access token, and a refresh token.
    pub access: String,
    pub refresh: String,
    /// A V1 key with its secret, and a token of it.
    pub v1: (String, Secret),
    pub v1_token: String,
}

pub async fn full() -> Full {
    let bed = identity::bed().await;
    bed.engine.check_master_key().await.unwrap();
    bulk_invoices::clocks_agree(&bed).await;
    let contract = bulk_invoices::contract("1234567891");
    bed.engine.put_tax_contract(contract).await.unwrap();
    verified(&bed).await;
    receipts::issue(&bed, "receipt").await;
    refunded(&bed).await;
    let key = bed.key().await;
    charge(&bed.engine, &key, "by-key").await.unwrap();
    let channel = ChannelKey::new(CHANNEL);
    bed.engine.set_manual_confirm(&channel, true).await.unwrap();
    let (_, window) = windows::token(&bed, "window", CHANNEL).await;
    let (access, refresh, v1, v1_token) = credentials(&bed).await;
    while bed.engine.index_changed(100).await.unwrap() > 0 {}
    Full {
        bed,
        key,
        window,
        access,
        refresh,
        v1,
        v1_token,
    }
}

/// Somebody who was verified, by a request with an idempotency key.
async fn verified(bed: &Bed) {
    let address = naru_engine::identity::SendIdentityRequest {
        ip_address: Some("203.0.113.7".to_owned()),
        ..identity::request()
    };
    bed.engine.send_identity(call(), address).await.unwrap();
    let otp = identity::otp(bed).await;
    let mut context = call();
    context.ticket = Some(bed.ticket("confirmation-0001", "{}"));
    let id = identity::request().id;
    let confirmed = bed
        .engine
        .confirm_identity(context, id, Some(Secret::new(otp)));
    confirmed.await.unwrap();
}

/// A payment into an account, part of which went back to another, by a request with a key.
async fn refunded(bed: &Bed) {
    accounts::issue(bed, "account").await;
    let (deposit, order) = accounts::pay_in(bed).await;
    accounts::notify(bed, &deposit, &order).await;
    bed.settle().await;
    let answer = refund(&bed.engine, bed.ticket(IDEMPOTENCY, "{}")).await;
    assert!(
        matches!(answer, Ok(Answer::Cancellation { .. })),
        "{answer:?}"
    );
}

/// Gives 100 won back, once for each idempotency key.
pub async fn refund(
    engine: &Engine,
    ticket: naru_engine::IdempotencyTicket,
) -> Result<Answer, Fault> {
    if let Some(before) = engine.replay(&ticket).await? {
        return before;
    }
    let request = naru_engine::payments::CancelPayment {
        refund_account: Some(PlainRefundAccount {
            bank: "SHINHAN".to_owned(),
            number: Secret::new("110123456789"),
            holder_name: Secret::new("홍길동"),
        }),
        ..cancel(Some(100))
    };
    let context = CallContext {
        ticket: Some(ticket),
        ..call()
    };
    let id = PaymentId::new("account");
    engine.cancel_payment(context, id, request).await
}

/// A payment by the billing key: the PG takes it only with its own key.
pub async fn charge(engine: &Engine, key: &BillingKeyId, id: &str) -> Result<Answer, Fault> {
    let now = naru_domain::Timestamp::default();
    let method = schedule_request(id, key, now).charge;
    let request = PayRequest {
        payment_id: PaymentId::new(id),
        order: card_payment(id, false).order,
        skip_webhook: true,
        method,
    };
    engine.pay_with_billing_key(call(), request).await
}

async fn credentials(bed: &Bed) -> (String, String, (String, Secret), String) {
    let store_id = StoreId::new(STORE);
    let secret = NewSecret {
        store_id: store_id.clone(),
        name: "test".to_owned(),
        lifetime_days: None,
        given: None,
    };
    let secret = bed.engine.create_api_secret(secret).await.unwrap().secret;
    let tokens = bed.engine.log_in(secret.expose()).await.unwrap();
    let v1 = NewV1Key {
        store_id,
        name: "test".to_owned(),
        lifetime_days: None,
        given: None,
    };
    let v1 = bed.engine.create_v1_key(v1).await.unwrap();
    let pair = (v1.record.imp_key, v1.imp_secret);
    let token = bed.engine.v1_token(&pair.0, pair.1.expose()).await.unwrap();
    (tokens.access, tokens.refresh, pair, token.text)
}

impl Full {
    /// The engine of another process with the key.
    pub fn with_key(&self, key: u8) -> Engine {
        self.bed.node_with_key(key)
    }

    /// Replaces the key, and gives an engine with the new one.
    pub async fn replaced(&self, is_leaked: bool) -> Engine {
        let engine = self.with_key(NEW_KEY);
        let old = [MASTER_KEY; 32];
        engine.replace_master_key(&old, is_leaked).await.unwrap();
        engine.check_master_key().await.unwrap();
        engine
    }

    /// How many rows hold something sealed under the key of this byte.
    pub async fn sealed_under(&self, key: u8) -> usize {
        let ring = naru_engine::KeyRing::new(&[key; 32]).unwrap();
        let mark = format!("s1.{}.", ring.id());
        let texts = bodies(&self.bed).await;
        texts.iter().filter(|body| body.contains(&mark)).count()
    }

    /// The tables in which something is sealed.
    pub async fn sealing_tables(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        let looked = self.bed.engine.look_at_sealed(|table, page| {
            if page.sealed > 0 {
                names.push(table.name);
            }
        });
        looked.await.unwrap();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Time passes, for the PG as well.
    pub fn days_pass(&self, days: i64) {
        self.bed.time.pass_ms(days * 86_400_000);
    }
}

/// The bodies of all rows of all tables that may hold something sealed.
pub async fn bodies(bed: &Bed) -> Vec<String> {
    let mut all = Vec::new();
    for table in rotation::sealing_tables() {
        let rows = bed.engine.store().scan(Query::of(table, 10_000)).await;
        all.extend(rows.unwrap().into_iter().map(|row| row.body));
    }
    all
}

/// How many rows a table has.
pub async fn rows_of(bed: &Bed, table: &'static naru_store::Table) -> usize {
    let rows = bed.engine.store().scan(Query::of(table, 10_000)).await;
    rows.unwrap().len()
}

/// Whatever the store holds opens with this engine's key; gives how many rows that are.
pub async fn all_opens(engine: &Engine) -> u64 {
    let looked = engine.look_at_sealed(|_, _| {}).await.unwrap();
    assert_eq!(looked.unopened, Vec::<String>::new());
    assert_eq!(looked.written, 0);
    looked.sealed
}

/// The people whom a list finds by name.
pub async fn named(engine: &Engine, name: &str) -> usize {
    use naru_engine::identity::{IdentityFilter, PersonFilter};
    use naru_engine::list::{ListFilter, Page, Sort, SortOrder};
    let merchant = naru_domain::MerchantId::new("merchant-test");
    let person = PersonFilter {
        name: Some(name.to_owned()),
        ..PersonFilter::default()
    };
    let filter = IdentityFilter {
        list: ListFilter {
            stores: vec![StoreId::new(STORE)],
            time: "requested_at",
            from: naru_domain::Timestamp::default(),
            until: naru_domain::Timestamp::from_micros(i64::MAX),
            columns: engine.person_columns(&merchant, person),
            ranges: Vec::new(),
            search: Vec::new(),
            sort: Sort {
                by: "requested_at",
                order: SortOrder::Ascending,
            },
        },
        attempt: None,
    };
    let page = Page {
        number: 0,
        size: 10,
    };
    let found = engine.identity_verifications(&filter, page).await.unwrap();
    assert_eq!(found.items.len(), found.total_count as usize);
    found.items.len()
}
