//! The page on which a person registers a certificate. Its address works for thirty seconds.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::company::{Certificate, YEAR_MS};
use super::token::Acting;
use super::{SECRET_KEY, codes, refuse};
use crate::answer;
use crate::clock::process_ms;
use crate::simulator::Simulator;

/// How long an address works. The process clock: a person is in front of it.
const LIFE_MS: i64 = 30 * 1_000;

#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(rename = "TG")]
    what: String,
}

#[derive(Deserialize)]
pub(crate) struct Ticket {
    company: String,
    until: i64,
    tag: String,
}

fn tag(company: &str, until: i64) -> String {
    let digest = Sha256::digest(format!("{SECRET_KEY}:{company}:{until}"));
    URL_SAFE_NO_PAD.encode(digest)
}

impl Ticket {
    fn is_good(&self) -> bool {
        self.tag == tag(&self.company, self.until) && process_ms() < self.until
    }
}

/// `GET /Member?TG=CERT`
pub(crate) async fn address(
    State(sim): State<Arc<Simulator>>,
    Acting(company): Acting,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    sim.count_call();
    if wanted.what != "CERT" {
        return refuse(codes::BAD_DOCUMENT, "TG");
    }
    let until = process_ms() + LIFE_MS;
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("127.0.0.1");
    let tag = tag(&company, until);
    let url =
        format!("http://{host}/popbill/certificate?company={company}&until={until}&tag={tag}");
    answer::json(StatusCode::OK, &json!({ "url": url }))
}

fn page(status: StatusCode, title: &str, text: &str, button: bool) -> Response {
    let form = if button {
        "<form method=\"post\"><button>인증서 등록 · Register a certificate</button></form>"
    } else {
        ""
    };
    let body = format!(
        "<!doctype html><html lang=\"ko\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>body{{font:16px/1.6 sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}}\
         button{{font:inherit;padding:.6rem 1.2rem}}</style>\
         </head><body><h1>{title}</h1><p>{text}</p>{form}</body></html>"
    );
    answer::with_type(status, "text/html; charset=utf-8", body)
}

/// The page.
pub(crate) async fn show(Query(ticket): Query<Ticket>) -> Response {
    if !ticket.is_good() {
        let text = "주소의 유효시간이 지났습니다. The address is no longer valid.";
        return page(StatusCode::GONE, "만료", text, false);
    }
    let text = "시뮬레이터입니다. 버튼을 누르면 1년간 유효한 인증서가 등록됩니다. \
                This is a simulator: the button registers a certificate that is good for a year.";
    page(StatusCode::OK, "공동인증서 등록", text, true)
}

/// The button.
pub(crate) async fn register(
    State(sim): State<Arc<Simulator>>,
    Query(ticket): Query<Ticket>,
) -> Response {
    if !ticket.is_good() {
        let text = "주소의 유효시간이 지났습니다. The address is no longer valid.";
        return page(StatusCode::GONE, "만료", text, false);
    }
    {
        let now = sim.clock.now_ms();
        let mut books = sim.asp();
        let mut company = books.company(&ticket.company);
        company.certificate = Some(Certificate {
            registered_ms: now,
            expires_ms: now + YEAR_MS,
        });
        books.put_company(company);
    }
    if sim.asp_settled().await.is_err() {
        return answer::books_failed();
    }
    let text = "인증서가 등록되었습니다. The certificate is registered.";
    page(StatusCode::OK, "등록 완료", text, false)
}
