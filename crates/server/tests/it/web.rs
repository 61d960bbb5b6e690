//! HTTP to a sandbox: its API, its simulators and its admin routes.

use std::path::Path;

use naru_server::admin::token;
use naru_server::master_key::MasterKey;
use naru_server::sandbox_json::SandboxFile;
use serde_json::{Value, json};

/// One exchange: status and body, which is null where it is not JSON.
pub fn call(method: &str, url: &str, authorization: &str, body: Option<&Value>) -> (u16, Value) {
    naru_egress::install_crypto();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    let method = method.parse().unwrap();
    let mut request = client.build().unwrap().request(method, url);
    request = request.header("authorization", authorization);
    if let Some(body) = body {
        request = request.json(body);
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let bytes = answer.bytes().await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    })
}

/// A page as a browser gets it.
pub struct Page {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub text: String,
}

pub fn page(url: &str) -> Page {
    naru_egress::install_crypto();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    let request = client.build().unwrap().get(url);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let answer = request.send().await.unwrap();
        Page {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            text: answer.text().await.unwrap(),
        }
    })
}

/// A sandbox by its data directory.
pub struct Web {
    pub place: SandboxFile,
    token: String,
}

impl Web {
    pub fn of(data: &Path) -> Self {
        let key = MasterKey::load_or_create(data).unwrap();
        let token = token::of(&key).unwrap();
        Self {
            place: SandboxFile::read(data).unwrap(),
            token: format!("Bearer {}", token.expose()),
        }
    }

    /// The API, which must answer 200.
    pub fn api(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let url = format!("{}{path}", self.place.v2.url);
        let secret = format!("PortOne {}", self.place.v2.api_secret);
        let (status, answer) = call(method, &url, &secret, body);
        assert_eq!(status, 200, "{method} {path}: {answer}");
        answer
    }

    /// A control of the simulators.
    pub fn control(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.place.simulator.url);
        let (status, answer) = call("POST", &url, "", Some(body));
        assert!(status < 300, "{path}: {answer}");
        answer
    }

    /// An admin route.
    pub fn admin(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let url = format!("{}/admin/v1{path}", self.place.console.url);
        call(method, &url, &self.token, body)
    }

    /// An admin route that does what is asked.
    pub fn done(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let (status, answer) = self.admin(method, path, body);
        assert_eq!(status, 200, "{method} {path}: {answer}");
        answer
    }

    /// An admin route that refuses, in these words.
    pub fn refused(&self, method: &str, path: &str, body: Option<&Value>, words: &str) {
        let (status, answer) = self.admin(method, path, body);
        assert_eq!(status, 400, "{method} {path}: {answer}");
        let said = answer.to_string();
        assert!(
            said.contains(words),
            "{method} {path}: `{words}` is not in {said}"
        );
        assert!(answer["message"].is_string(), "{answer}");
    }

    /// An admin route without its token, and with a wrong one.
    pub fn closed(&self, method: &str, path: &str) {
        let url = format!("{}/admin/v1{path}", self.place.console.url);
        let secret = format!("PortOne {}", self.place.v2.api_secret);
        for authorization in ["", "Bearer wrong", &secret] {
            let (status, answer) = call(method, &url, authorization, None);
            assert_eq!(status, 401, "{method} {path}: {answer}");
        }
    }

    /// A card payment of 1,000 won with these fields besides.
    pub fn pay(&self, id: &str, channel: usize, fields: &Value) -> Value {
        let mut body = json!({
            "channelKey": self.place.channels[channel].key,
            "orderName": "Two coffees",
            "currency": "KRW",
            "amount": {"total": 1_000},
            "customer": {"name": {"full": "Hong Gildong"}, "email": "hong@shop.example",
                "phoneNumber": "010-0000-0000"},
            "method": {"card": {"credential": {"number": "4111111111111111", "expiryYear": "30",
                "expiryMonth": "12", "birthOrBusinessRegistrationNumber": "900101",
                "passwordTwoDigits": "12"}}},
        });
        let more = fields.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(more);
        self.api("POST", &format!("/payments/{id}/instant"), Some(&body));
        self.api("GET", &format!("/payments/{id}"), None)
    }
}
