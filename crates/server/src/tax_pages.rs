//! Tax invoices for people: the pages and the PDF behind signed addresses, and where files are
//! uploaded.
//!
//! No credential: the address is the permission, and it works for some minutes. Nothing of a page
//! comes from elsewhere and nothing in it is inline; uploaded files are never sent back.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{get, put};
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, StatusCode};
use naru_documents::{Menu, Shown, draw};
use naru_engine::b2b::{BadLink, FILE_BYTES_MAX, LinkKind, UploadRefused};
use naru_engine::{Engine, Fault};
use serde::Deserialize;

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const CSS: &str = include_str!("../../documents/assets/invoice.css");
const SUPPLIER_CSS: &str = include_str!("pages/supplier.css");
const JS: &str = include_str!("../../documents/assets/invoice.js");

#[derive(Deserialize)]
struct Address {
    token: String,
}

/// Everything below `/tax-invoices`.
pub(crate) fn router(engine: Engine) -> Router {
    Router::new()
        .route("/tax-invoices/popup", get(show))
        .route("/tax-invoices/print", get(show))
        .route("/tax-invoices/pdf", get(show))
        .route(
            "/tax-invoices/files",
            put(upload).layer(DefaultBodyLimit::max(FILE_BYTES_MAX + 1)),
        )
        .route(
            "/tax-invoices/assets/invoice.css",
            get(async || asset("text/css; charset=utf-8", CSS)),
        )
        .route(
            "/tax-invoices/assets/supplier.css",
            get(async || asset("text/css; charset=utf-8", SUPPLIER_CSS)),
        )
        .route(
            "/tax-invoices/assets/invoice.js",
            get(async || asset("text/javascript; charset=utf-8", JS)),
        )
        .route(
            "/tax-invoices/assets/NanumSquareR.ttf",
            get(async || asset("font/ttf", naru_documents::FONT)),
        )
        .with_state(engine)
}

fn asset(content_type: &'static str, body: impl Into<Bytes>) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=86400"),
        ),
    ];
    (headers, body.into()).into_response()
}

/// Headers of what is for one reader only.
pub(crate) fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (CACHE_CONTROL, "private, no-store"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn show(State(engine): State<Engine>, Query(address): Query<Address>) -> Response {
    let found = match engine.follow_link(&address.token).await {
        Ok(Ok(found)) => found,
        Ok(Err(bad)) => return refused(bad),
        Err(fault) => return failed(&fault),
    };
    let (kind, invoice) = found;
    let sheet = draw(&invoice, Shown::ToParty);
    let menu = match kind {
        LinkKind::Popup { has_menu: true } => match engine.pdf_address(&invoice) {
            Ok(pdf) => Menu::Actions { pdf },
            Err(fault) => return failed(&fault),
        },
        LinkKind::Popup { has_menu: false }
        | LinkKind::Upload
        | LinkKind::Invitation
        | LinkKind::Answer => Menu::None,
        LinkKind::Print => Menu::Print,
        LinkKind::Pdf => return pdf(&sheet),
    };
    private(Html(naru_documents::page(&sheet, &menu, "assets")).into_response())
}

fn pdf(sheet: &naru_documents::Sheet) -> Response {
    match naru_documents::pdf(sheet) {
        Ok(bytes) => {
            let headers = [
                (CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
                (
                    CONTENT_DISPOSITION,
                    HeaderValue::from_static("attachment; filename=\"tax-invoice.pdf\""),
                ),
            ];
            private((headers, bytes).into_response())
        }
        Err(error) => failed(&Fault::internal(error.to_string())),
    }
}

async fn upload(
    State(engine): State<Engine>,
    Query(address): Query<Address>,
    bytes: Bytes,
) -> Response {
    let (status, text) = match engine.take_upload(&address.token, &bytes).await {
        Ok(Ok(())) => return StatusCode::OK.into_response(),
        Ok(Err(UploadRefused::Link(bad))) => return refused(bad),
        Ok(Err(UploadRefused::Again)) => (StatusCode::CONFLICT, "the file was uploaded before"),
        Ok(Err(UploadRefused::Size)) => {
            (StatusCode::PAYLOAD_TOO_LARGE, "a file has 1 byte to 5 MiB")
        }
        Ok(Err(UploadRefused::Kind)) => (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "a file is a PDF, an image (PNG, JPEG, GIF) or an office document",
        ),
        Err(fault) => return failed(&fault),
    };
    (status, text).into_response()
}

fn message(status: StatusCode, title: &str, text: &str) -> Response {
    let body = format!(
        "<!doctype html><html lang=\"ko\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"assets/invoice.css\"></head><body><main><section \
         class=\"message\"><h1>{title}</h1>{text}</section></main></body></html>"
    );
    private((status, Html(body)).into_response())
}

fn refused(bad: BadLink) -> Response {
    match bad {
        BadLink::Expired => message(
            StatusCode::GONE,
            "주소의 유효시간이 지났습니다",
            "<p>새 주소를 요청하세요. 주소는 5분 동안 유효합니다.</p>\
             <p lang=\"en\">This address is no longer valid. Ask for a new one; it works for five \
             minutes.</p>",
        ),
        BadLink::Forged => message(
            StatusCode::NOT_FOUND,
            "문서를 찾을 수 없습니다",
            "<p lang=\"en\">There is no document at this address.</p>",
        ),
    }
}

fn failed(fault: &Fault) -> Response {
    if let Fault::Tax(_) = fault {
        return refused(BadLink::Forged);
    }
    tracing::error!(%fault, detail = ?fault, "a tax invoice's page could not be shown");
    message(
        StatusCode::SERVICE_UNAVAILABLE,
        "잠시 후 다시 시도하세요",
        "<p lang=\"en\">Something went wrong; try again later.</p>",
    )
}
