//! The hosted checkout of payment sessions: what is bought, who buys, how it is paid. Its form
//! opens the PG's window in its place; at the end the customer goes where the merchant said, or
//! reads here what became of it.
//!
//! The session's id is the permission: whoever has it may pay. Nothing begins by looking, since
//! messengers look at links as well. No amount and no product is taken from a browser. It works
//! without scripts up to the PG's window.

mod html;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use naru_api_v2::browser::{SessionChoice, is_mobile, pay_session, session_methods};
use naru_domain::checkout::PaymentSession;
use naru_engine::{Engine, Fault};
use serde::Deserialize;

/// More than any honest form.
const FORM_BYTES_MAX: usize = 16 * 1024;

/// The pages, under `/checkout/{sessionId}`.
pub(crate) fn router(engine: Engine) -> Router {
    Router::new()
        .route("/checkout/{session}", get(show).post(pay))
        .route("/checkout/{session}/colors.css", get(colors))
        .with_state(engine)
}

async fn session(engine: &Engine, id: &str) -> Result<PaymentSession, Fault> {
    if id.contains('\0') {
        return Err(Fault::SessionNotFound);
    }
    engine.payment_session(id).await
}

/// Whether its payment is made already, by this session or otherwise.
async fn is_paid(engine: &Engine, session: &PaymentSession) -> Result<bool, Fault> {
    match engine
        .payment_alone(&session.store_id, &session.payment_id)
        .await
    {
        Ok(payment) => Ok(payment.captured().is_some()),
        Err(Fault::PaymentNotFound) => Ok(false),
        Err(fault) => Err(fault),
    }
}

async fn show(State(engine): State<Engine>, Path(id): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match shown(&engine, &id, is_mobile(&parts), None).await {
        Ok(response) => response,
        Err(fault) => failed(&fault),
    }
}

async fn shown(
    engine: &Engine,
    id: &str,
    is_mobile: bool,
    wrong: Option<(&Form, &str)>,
) -> Result<Response, Fault> {
    let session = session(engine, id).await?;
    if is_paid(engine, &session).await? {
        return Ok(page(StatusCode::OK, html::paid(), None));
    }
    let methods: Vec<_> = session_methods(engine, &session)
        .await?
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    if methods.is_empty() {
        return Ok(page(StatusCode::OK, html::no_method(), None));
    }
    let store = engine.store_record(&session.store_id).await?;
    let shop = session.store_name.clone();
    let shop = shop.or_else(|| store.map(|store| store.name.clone()));
    let order = html::Order {
        session: &session,
        shop: &shop.unwrap_or_default(),
        methods: &methods,
        is_mobile,
        wrong,
    };
    let status = match wrong {
        Some(_) => StatusCode::BAD_REQUEST,
        None => StatusCode::OK,
    };
    Ok(page(
        status,
        html::order(&order),
        session.order_image_url.as_deref(),
    ))
}

/// What the customer sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Form {
    method: String,
    name: String,
    email: String,
    phone: String,
    /// One for each agreement that is ticked: its place.
    #[serde(rename = "agreed")]
    agreed: Vec<usize>,
}

async fn pay(State(engine): State<Engine>, Path(id): Path<String>, request: Request) -> Response {
    match paid(&engine, &id, request).await {
        Ok(response) => response,
        Err(fault) => failed(&fault),
    }
}

async fn paid(engine: &Engine, id: &str, request: Request) -> Result<Response, Fault> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, FORM_BYTES_MAX).await;
    let form = body
        .ok()
        .and_then(|body| serde_html_form::from_bytes::<Form>(&body).ok());
    let Some(form) = form else {
        return Err(Fault::invalid("the form can't be read"));
    };
    let is_mobile = is_mobile(&parts);
    let session = session(engine, id).await?;
    let is_agreed = (0..session.agreements.len()).all(|place| form.agreed.contains(&place));
    if !is_agreed {
        let wrong = html::NOT_AGREED;
        return shown(engine, id, is_mobile, Some((&form, wrong))).await;
    }
    let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let choice = SessionChoice {
        method: form.method.clone(),
        name: said(&form.name),
        email: said(&form.email),
        phone_number: said(&form.phone),
    };
    match pay_session(engine, &parts, &session, choice).await {
        Ok(url) => Ok(Redirect::to(&url).into_response()),
        Err(Fault::AlreadyPaid | Fault::AlreadyPaidOrWaiting) => {
            Ok(page(StatusCode::OK, html::paid(), None))
        }
        Err(Fault::InvalidRequest { message }) => {
            let wrong = html::wrong(&message);
            shown(engine, id, is_mobile, Some((&form, wrong))).await
        }
        Err(fault) => Err(fault),
    }
}

/// The merchant's colours. They were checked when the session was made.
async fn colors(State(engine): State<Engine>, Path(id): Path<String>) -> Response {
    let colors = session(&engine, &id).await.ok();
    let [primary, hover, light] = colors
        .and_then(|session| session.colors)
        .unwrap_or_default();
    let rule = |name: &str, color: Option<String>| {
        color.map_or_else(String::new, |color| format!("{name}: {color}; "))
    };
    let css = format!(
        ":root {{ {}{}{}}}\n",
        rule("--brand", primary),
        rule("--brand-hover", hover),
        rule("--brand-light", light)
    );
    let headers = [
        (CONTENT_TYPE, "text/css; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, css).into_response()
}

fn failed(fault: &Fault) -> Response {
    let (status, text) = match fault {
        Fault::SessionExpired => (StatusCode::GONE, html::ended()),
        Fault::SessionNotFound | Fault::ProfileSettingsNotFound => {
            (StatusCode::NOT_FOUND, html::unknown())
        }
        Fault::InvalidRequest { .. } => (StatusCode::BAD_REQUEST, html::unreadable()),
        _ => {
            tracing::error!(%fault, detail = ?fault, "the checkout page can't be shown");
            (StatusCode::SERVICE_UNAVAILABLE, html::broken())
        }
    };
    page(status, text, None)
}

/// A page, which may show one picture from elsewhere: the merchant's.
fn page(status: StatusCode, text: String, picture: Option<&str>) -> Response {
    let picture = picture
        .and_then(crate::window_page::origin)
        .unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src {picture}; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let headers = [
        (CONTENT_SECURITY_POLICY, policy.as_str()),
        (CACHE_CONTROL, "private, no-store"),
        // The address is the permission: nobody else is told.
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    (status, headers, Html(text)).into_response()
}
