//! The page on which a supplier without an account looks at a tax invoice and signs or refuses it.
//!
//! No script and no cookie. What a step may do is in the token of its form, which no other page
//! knows, so that none can send the form in the supplier's name. Nothing of the page comes from
//! elsewhere.

mod html;
mod words;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode, header};
use naru_engine::b2b::{BadInvitation, Entered, SupplierAnswer, TaxFault};
use naru_engine::{Engine, Fault};
use serde::Deserialize;

use crate::tax_pages::private;
use html::{Note, Page};
use words::{Language, Words};

const POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";
/// Bytes of a form.
const FORM_BYTES_MAX: usize = 16 * 1024;
/// Characters of a reason to refuse, at the provider.
const MEMO_MAX: usize = 200;

#[derive(Deserialize)]
struct Address {
    #[serde(default)]
    token: String,
    lang: Option<String>,
}

/// A form of the page. Which of its fields are there goes by the step.
#[derive(Deserialize)]
struct Form {
    #[serde(default)]
    token: String,
    #[serde(default)]
    lang: Option<String>,
    #[serde(default)]
    step: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    memo: String,
    #[serde(default)]
    confirmed: String,
}

/// `/tax-invoices/answer`
pub(crate) fn router(engine: Engine) -> Router {
    Router::new()
        .route(
            "/tax-invoices/answer",
            get(open)
                .post(step)
                .layer(DefaultBodyLimit::max(FORM_BYTES_MAX)),
        )
        .with_state(engine)
}

/// The language that was chosen, else the one that the browser asks for first.
fn language(chosen: Option<&str>, headers: &HeaderMap) -> Language {
    let asked = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    match chosen.or(asked) {
        Some(language) if language.starts_with("en") => Language::English,
        Some(_) | None => Language::Korean,
    }
}

async fn open(
    State(engine): State<Engine>,
    Query(address): Query<Address>,
    headers: HeaderMap,
) -> Response {
    let words = language(address.lang.as_deref(), &headers).words();
    match engine.open_invitation(&address.token).await {
        Ok(Ok(())) => shown(StatusCode::OK, &html::number(words, &address.token, None)),
        Ok(Err(bad)) => nowhere(words, bad),
        Err(fault) => failed(words, &fault),
    }
}

async fn step(State(engine): State<Engine>, headers: HeaderMap, body: Bytes) -> Response {
    let Ok(form) = serde_html_form::from_bytes::<Form>(&body) else {
        return nowhere(language(None, &headers).words(), BadInvitation::Forged);
    };
    let words = language(form.lang.as_deref(), &headers).words();
    match form.step.as_str() {
        "number" => enter(&engine, words, &form).await,
        "sign" | "refuse" => answer(&engine, words, &form).await,
        "certificate" => certificate(&engine, words, &form).await,
        _ => look(&engine, words, (&form.token, None)).await,
    }
}

async fn enter(engine: &Engine, words: &'static Words, form: &Form) -> Response {
    let entered = match engine.enter_number(&form.token, &form.number).await {
        Ok(Ok(entered)) => entered,
        Ok(Err(bad)) => return nowhere(words, bad),
        Err(fault) => return failed(words, &fault),
    };
    match entered {
        Entered::Right(token) => look(engine, words, (&token, None)).await,
        Entered::Wrong { left: 0 } => nowhere(words, BadInvitation::Locked),
        Entered::Wrong { .. } => {
            let page = html::number(words, &form.token, Some(words.wrong_number));
            shown(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

async fn answer(engine: &Engine, words: &'static Words, form: &Form) -> Response {
    let is_signing = form.step == "sign";
    if is_signing && form.confirmed != "yes" {
        let note = Note::bad(words.not_confirmed);
        return look(engine, words, (&form.token, Some(note))).await;
    }
    let memo = form.memo.trim();
    if memo.chars().count() > MEMO_MAX {
        let note = Note::bad(words.memo_too_long);
        return look(engine, words, (&form.token, Some(note))).await;
    }
    let answer = if is_signing {
        SupplierAnswer::Sign
    } else {
        SupplierAnswer::Refuse {
            memo: (!memo.is_empty()).then(|| memo.to_owned()),
        }
    };
    let note = match engine.answer_as_supplier(&form.token, answer).await {
        Ok(Ok(())) => None,
        Ok(Err(bad)) => return nowhere(words, bad),
        Err(Fault::Tax(fault)) => Some(refusal(words, &fault)),
        Err(fault) => return failed(words, &fault),
    };
    look(engine, words, (&form.token, note)).await
}

/// Why the provider did not do it, in its own words.
fn refusal(words: &'static Words, fault: &TaxFault) -> Note {
    match fault {
        TaxFault::Provider { code, message } => {
            Note::bad(format!("{} [{code}] {message}", words.provider_refused))
        }
        // Somebody was quicker, or the same form was sent twice: what is shown now counts.
        _ => Note::bad(words.answered_already),
    }
}

async fn certificate(engine: &Engine, words: &'static Words, form: &Form) -> Response {
    match engine.supplier_certificate_page(&form.token).await {
        Ok(Ok(url)) => {
            let page = html::certificate(words, &form.token, &url);
            shown(StatusCode::OK, &page)
        }
        Ok(Err(bad)) => nowhere(words, bad),
        Err(Fault::Tax(fault)) => {
            let note = refusal(words, &fault);
            look(engine, words, (&form.token, Some(note))).await
        }
        Err(fault) => failed(words, &fault),
    }
}

/// The invoice as it stands, with what can be done about it.
async fn look(
    engine: &Engine,
    words: &'static Words,
    (token, note): (&str, Option<Note>),
) -> Response {
    let view = match engine.supplier_view(token).await {
        Ok(Ok(view)) => view,
        Ok(Err(bad)) => return nowhere(words, bad),
        Err(fault) => return failed(words, &fault),
    };
    let pdf = match engine.pdf_address(&view.invoice) {
        Ok(pdf) => pdf,
        Err(fault) => return failed(words, &fault),
    };
    let page = html::invoice(words, &view, (token, &pdf), note.as_ref());
    shown(StatusCode::OK, &page)
}

fn shown(status: StatusCode, page: &Page) -> Response {
    let mut response = private((status, Html(page.text())).into_response());
    let policy = header::HeaderValue::from_static(POLICY);
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

fn nowhere(words: &'static Words, bad: BadInvitation) -> Response {
    let (status, [title, text]) = match bad {
        BadInvitation::Forged => (StatusCode::NOT_FOUND, words.forged),
        BadInvitation::Expired => (StatusCode::GONE, words.expired),
        BadInvitation::Replaced => (StatusCode::GONE, words.replaced),
        BadInvitation::Locked => (StatusCode::TOO_MANY_REQUESTS, words.locked),
    };
    shown(status, &html::message(words, title, text))
}

fn failed(words: &'static Words, fault: &Fault) -> Response {
    if let Fault::Tax(tax) = fault {
        tracing::warn!(fault = %tax, "a supplier's page could not be shown");
    } else {
        tracing::error!(%fault, detail = ?fault, "a supplier's page could not be shown");
    }
    let [title, text] = words.broken;
    shown(
        StatusCode::SERVICE_UNAVAILABLE,
        &html::message(words, title, text),
    )
}
