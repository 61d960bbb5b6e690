//! The simulated tax-invoice provider (ASP), written from the digest of Popbill's manual: session
//! tokens, member companies and certificates, invoices and their way to the tax office.
//!
//! Everything it keeps is in its own journal. Invariants: an approval number is given once; what
//! is on its way to the tax office can be neither changed nor deleted; time moves only with the
//! business clock.

mod api;
mod books;
mod company;
mod controls;
mod invoice;
mod lookups;
mod members;
mod notice;
mod nts;
mod pages;
mod rules;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::json;

use crate::answer;
use crate::simulator::Simulator;

pub(crate) use books::AspBooks;
pub(crate) use notice::{keep_moving, move_on};

/// The partner that the simulator knows.
pub const LINK_ID: &str = "NARUSANDBOX";
/// The partner's key, published: it opens nothing but the simulator.
pub const SECRET_KEY: &str = "TmFydSBzYW5kYm94IHRheCBpbnZvaWNlIGtleSAwMSE=";

/// The provider's own paths and the controls that only it has.
pub(crate) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/auth/{service}/Token", post(token::give))
        .route("/api/Join", get(members::is_member).post(members::join))
        .route("/api/IDCheck", get(members::check_id))
        .route("/api/Member", get(pages::address))
        .route("/api/Taxinvoice", post(api::write))
        .route("/api/Taxinvoice/Certificate", get(members::certificate))
        .route("/api/Taxinvoice/CertCheck", get(members::check_certificate))
        .route(
            "/api/Taxinvoice/{side}/{key}",
            get(api::info).post(api::step),
        )
        .route(
            "/api/Taxinvoice/{side}/{key}/Files",
            get(api::files).post(api::attach),
        )
        .route(
            "/api/Taxinvoice/{side}/{key}/Files/{file}",
            post(api::detach),
        )
        .route("/api/CloseDown", get(lookups::company_state))
        .route("/api/BizInfo/Check", get(lookups::business_info))
        .route("/api/EasyFin/AccountCheck", post(lookups::account_holder))
        .route("/certificate", get(pages::show).post(pages::register))
        .route(
            "/companies/{number}",
            get(controls::show_company).put(controls::put_company),
        )
        .route("/invoices", get(controls::invoices))
        .route(
            "/invoices/{approver}/{key}/{decision}",
            post(controls::decide),
        )
        .route("/maintenance", post(controls::maintenance))
}

/// A refusal: a negative code of eight digits and a text.
pub(crate) fn refuse(code: i32, message: &str) -> Response {
    answer::json(
        StatusCode::BAD_REQUEST,
        &json!({ "code": code, "message": message }),
    )
}

/// A refusal as an error.
#[expect(
    clippy::unnecessary_box_returns,
    reason = "an error, and those are to be small"
)]
pub(crate) fn refused(code: i32, message: &str) -> Box<Response> {
    Box::new(refuse(code, message))
}

/// A success that has nothing to say.
pub(crate) fn accepted() -> Response {
    answer::json(StatusCode::OK, &json!({ "code": 1, "message": "성공" }))
}

/// Codes of refusals. The first is the vendor's, the others are ours.
pub(crate) mod codes {
    pub(crate) const NOT_FOUND: i32 = -11_000_005;
    pub(crate) const BAD_TOKEN: i32 = -99_010_010;
    pub(crate) const NO_MEMBER: i32 = -10_000_001;
    pub(crate) const MEMBER_ALREADY: i32 = -10_000_002;
    pub(crate) const ID_TAKEN: i32 = -10_000_003;
    pub(crate) const BAD_DOCUMENT: i32 = -11_000_001;
    pub(crate) const KEY_TAKEN: i32 = -11_000_002;
    pub(crate) const WRONG_STATE: i32 = -11_000_003;
    pub(crate) const NOT_YOURS: i32 = -11_000_004;
    pub(crate) const TOO_MANY_FILES: i32 = -11_000_006;
    pub(crate) const LATE: i32 = -11_000_007;
    pub(crate) const NO_CERTIFICATE: i32 = -12_000_004;
    pub(crate) const EXPIRED_CERTIFICATE: i32 = -12_000_005;
    pub(crate) const MAINTENANCE: i32 = -14_000_001;
}
