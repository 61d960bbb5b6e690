//! A merchant's side of the wire, and a way into the controls.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, Request, StatusCode};
use naru_pg_sim::{Options, Simulator, Timing};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};
use tower::ServiceExt as _;

pub(crate) const MID: &str = "INIpayTest";
pub(crate) const TIMESTAMP: &str = "20260101090000";
pub(crate) const GOOD_CARD: &str = "4111111111111111";

fn keys(mid: &str) -> (&'static str, &'static str) {
    match mid {
        "INIpayTest" => ("ItEQKi3rY7uvDS8l", "HYb3yQ4f65QL89=="),
        "iniescrow0" => ("yERbIlJ3NhTeObsA", "tOGDXbfoajk2DQ=="),
        _ => ("rKnPljRn5m6J9Mzz", "W2KLNKra6Wxc1P=="),
    }
}

pub(crate) fn encrypted(mid: &str, plain: &str) -> String {
    let (key, iv) = keys(mid);
    let mode =
        cbc::Encryptor::<aes::Aes128>::new_from_slices(key.as_bytes(), iv.as_bytes()).unwrap();
    STANDARD.encode(mode.encrypt_padded_vec::<Pkcs7>(plain.as_bytes()))
}

fn sha512(text: &str) -> String {
    let mut hex = String::new();
    for byte in Sha512::digest(text.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

pub(crate) type Pairs<'a> = Vec<(&'a str, String)>;

/// The form of a v1 call, signed over the common fields and `hashed`.
pub(crate) fn signed_form(fields: &Pairs<'_>, hashed: &[&str]) -> String {
    let text = |name: &str| {
        fields
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, value)| value.as_str())
    };
    let common = ["type", "paymethod", "timestamp", "clientIp", "mid"];
    let plain: String = common.iter().chain(hashed).map(|name| text(name)).collect();
    let hash = sha512(&format!("{}{plain}", keys(text("mid")).0));
    let mut all = vec![("hashData", hash)];
    all.extend(fields.iter().cloned());
    serde_html_form::to_string(&all).unwrap()
}

pub(crate) fn common(kind: &str, method: &str, mid: &str) -> Pairs<'static> {
    vec![
        ("type", kind.to_owned()),
        ("paymethod", method.to_owned()),
        ("timestamp", TIMESTAMP.to_owned()),
        ("clientIp", "192.0.2.10".to_owned()),
        ("mid", mid.to_owned()),
    ]
}

fn sale(kind: &str, method: &str, order: &str, price: &str) -> Pairs<'static> {
    let mut fields = common(kind, method, MID);
    let sale = [
        ("url", "shop.example.com"),
        ("moid", order),
        ("goodName", "상품"),
        ("price", price),
        ("currency", "WON"),
        ("buyerName", "홍길동"),
        ("buyerEmail", "buyer@example.com"),
        ("buyerTel", "01012345678"),
        ("authentification", "00"),
    ];
    fields.extend(sale.map(|(name, value)| (name, value.to_owned())));
    fields
}

pub(crate) fn set(fields: &mut Pairs<'_>, name: &'static str, value: &str) {
    fields.retain(|(known, _)| *known != name);
    fields.push((name, value.to_owned()));
}

fn with_card(mut fields: Pairs<'static>, number: &str) -> Pairs<'static> {
    for (name, plain) in [
        ("cardNumber", number),
        ("cardExpire", "3012"),
        ("regNo", "900101"),
        ("cardPw", "12"),
    ] {
        fields.push((name, encrypted(MID, plain)));
    }
    fields
}

pub(crate) fn card_fields(order: &str, price: &str, number: &str) -> Pairs<'static> {
    with_card(sale("Pay", "Card", order, price), number)
}

pub(crate) fn key_fields(order: &str, number: &str) -> Pairs<'static> {
    with_card(sale("Auth", "Card", order, "0"), number)
}

pub(crate) fn charge_fields(order: &str, price: &str, key: &str) -> Pairs<'static> {
    let mut fields = sale("Billing", "Card", order, price);
    fields.push(("billKey", key.to_owned()));
    fields
}

pub(crate) fn account_fields(order: &str, price: &str) -> Pairs<'static> {
    let mut fields = sale("Pay", "Vacct", order, price);
    for (name, value) in [
        ("bankCode", "20"),
        ("dtInput", "20981231"),
        ("tmInput", "1530"),
        ("nmInput", "나루상점"),
        ("flgCash", "0"),
    ] {
        fields.push((name, value.to_owned()));
    }
    fields
}

pub(crate) const CARD_HASH: [&str; 3] = ["moid", "price", "cardNumber"];
pub(crate) const KEY_HASH: [&str; 3] = ["moid", "price", "billKey"];
pub(crate) const ACCOUNT_HASH: [&str; 2] = ["moid", "price"];

/// Short delays: a hold ends when a test stops the simulator, a late answer comes soon.
pub(crate) fn options() -> Options {
    Options {
        timing: Timing {
            hold: Duration::from_millis(30),
            late: Duration::from_millis(30),
            post_timeout: Duration::from_secs(5),
            notice_retries: vec![Duration::from_millis(5); 20],
        },
        sync: false,
        ..Options::default()
    }
}

/// A simulator and the way to call it.
pub(crate) struct Pg {
    pub(crate) sim: Arc<Simulator>,
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) text: Result<String, axum::Error>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(self.text.as_ref().unwrap()).unwrap()
    }
}

impl Pg {
    pub(crate) fn memory() -> Self {
        Self {
            sim: Simulator::open_with(None, options()).unwrap(),
        }
    }

    pub(crate) fn on(directory: &Path) -> Self {
        let sim = Simulator::open_with(Some(directory.to_owned()), options()).unwrap();
        Self { sim }
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: impl Into<Body>,
    ) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", content_type)
            .body(body.into())
            .unwrap();
        let response = self.sim.router().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await;
        Reply {
            status,
            text: bytes.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()),
        }
    }

    pub(crate) async fn form(&self, resource: &str, body: String) -> Reply {
        let path = format!("/inicis/api/v1/{resource}");
        self.call(
            Method::POST,
            &path,
            "application/x-www-form-urlencoded;charset=utf-8",
            body,
        )
        .await
    }

    pub(crate) async fn v1(&self, resource: &str, fields: &Pairs<'_>, hashed: &[&str]) -> Value {
        self.form(resource, signed_form(fields, hashed))
            .await
            .json()
    }

    pub(crate) async fn v2(&self, path: &str, kind: &str, data: &Value) -> Value {
        self.v2_reply(path, kind, data).await.json()
    }

    pub(crate) async fn v2_reply(&self, path: &str, kind: &str, data: &Value) -> Reply {
        let hash = sha512(&format!("{}{MID}{kind}{TIMESTAMP}{data}", keys(MID).0));
        let body = json!({
            "mid": MID, "type": kind, "timestamp": TIMESTAMP, "clientIp": "192.0.2.10",
            "data": data, "hashData": hash,
        });
        let path = format!("/inicis/v2/pg/{path}");
        self.call(Method::POST, &path, "application/json", body.to_string())
            .await
    }

    pub(crate) async fn control(&self, method: Method, path: &str, body: &Value) -> Reply {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.call(method, path, "application/json", body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.control(Method::GET, path, &Value::Null).await.json()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.control(Method::POST, path, &body).await
    }

    pub(crate) async fn pay(&self, order: &str, price: &str, card: &str) -> Value {
        self.v1("formpay", &card_fields(order, price, card), &CARD_HASH)
            .await
    }

    pub(crate) async fn issue_key(&self, order: &str, card: &str) -> Value {
        self.v1("billing", &key_fields(order, card), &CARD_HASH)
            .await
    }

    pub(crate) async fn charge(&self, order: &str, price: &str, key: &str) -> Value {
        self.v1("billing", &charge_fields(order, price, key), &KEY_HASH)
            .await
    }

    pub(crate) async fn issue_account(&self, order: &str, price: &str) -> Value {
        self.v1("formpay", &account_fields(order, price), &ACCOUNT_HASH)
            .await
    }

    pub(crate) async fn inquire(&self, order: &str) -> Value {
        self.v2("inquiry", "inquiry", &json!({ "oid": order }))
            .await
    }

    /// The books' row of an order, or null.
    pub(crate) async fn row(&self, order: &str) -> Value {
        let books = self.get(&format!("/books?pg=inicis&orderId={order}")).await;
        books["transactions"].get(0).cloned().unwrap_or(Value::Null)
    }
}

pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("`{name}` is not a text in {value}"))
}

/// A fresh directory that is removed at the end.
pub(crate) struct Directory(pub(crate) PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("naru-pg-sim-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.0.join("inicis-books.jsonl")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
