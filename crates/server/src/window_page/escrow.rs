//! The page of an escrow payment, on which its customer keeps or rejects the goods.
//!
//! | path below `/checkout/escrows/{token}` | what it does |
//! | --- | --- |
//! | (itself) | the page |
//! | `/return` | where the PG sends the browser once the customer has decided, or has not |
//! | `/close` | stands in the PG's frame when it is closed, and takes the frame away |
//!
//! No credential: the token is the permission. What was decided is the PG's to tell, by its notice:
//! until then the page says that it waits.

use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use http::StatusCode;
use http::request::Parts;
use naru_connector::Device;
use naru_domain::payment::EscrowState;
use naru_engine::Engine;
use naru_engine::windows::EscrowPage;
use serde::Deserialize;

use super::html::{self, Said};
use super::policy::Policy;
use super::{brought, failed, too_long};

/// Everything below `/checkout/escrows`.
pub(super) fn router() -> Router<Engine> {
    Router::new()
        .route("/checkout/escrows/{token}", get(show))
        .route("/checkout/escrows/{token}/return", get(take).post(take))
        .route("/checkout/escrows/{token}/close", get(close).post(close))
}

#[derive(Deserialize)]
struct Asked {
    /// Whether the customer has just decided.
    #[serde(default)]
    decided: bool,
}

fn device(parts: &Parts) -> Device {
    if naru_api_v2::browser::is_mobile(parts) {
        Device::Mobile
    } else {
        Device::Pc
    }
}

async fn show(
    State(engine): State<Engine>,
    Path(token): Path<String>,
    Query(Asked { decided }): Query<Asked>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    match engine.escrow_page(&token, device(&parts)).await {
        Ok(page) => {
            let policy = Policy::of_form(page.form.as_ref());
            policy.page(StatusCode::OK, markup(&page, decided))
        }
        Err(fault) => failed(&fault),
    }
}

async fn take(
    State(engine): State<Engine>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let Some(brought) = brought(request).await else {
        return too_long();
    };
    match engine.escrow_returned(&token, &brought).await {
        Ok(decided) => {
            let query = if decided { "?decided=true" } else { "" };
            Redirect::to(&format!("/checkout/escrows/{token}{query}")).into_response()
        }
        Err(fault) => failed(&fault),
    }
}

async fn close(State(engine): State<Engine>, Path(token): Path<String>) -> Response {
    match engine.escrow_page(&token, Device::Pc).await {
        Ok(page) => {
            let script = page.form.as_ref().and_then(|it| it.close_script.as_deref());
            let text = html::closing(script);
            Policy::of_own_frame(page.form.as_ref()).page(StatusCode::OK, text)
        }
        Err(fault) => failed(&fault),
    }
}

fn markup(page: &EscrowPage, decided: bool) -> String {
    let order = html::bought(
        page.is_test,
        [&page.shop, &page.name],
        (page.total, page.currency.as_str()),
    );
    let title = "구매 결정 · Keep or reject";
    match &page.form {
        Some(form) if !decided => {
            let said = said(page.state).markup();
            let verb = "구매 결정하기 <span lang=\"en\">Decide</span>";
            let form = html::hand_over(form, verb, None);
            html::document(title, "", &format!("{said}{order}{form}"))
        }
        Some(_) => {
            let refresh = "<meta http-equiv=\"refresh\" content=\"3\">\n";
            let body = format!("{}{order}", waiting().markup());
            html::document(title, refresh, &body)
        }
        None => html::document(title, "", &format!("{}{order}", said(page.state).markup())),
    }
}

fn waiting() -> Said {
    Said::new(
        "",
        ["결정이 접수되었습니다", "Your decision was taken"],
        [
            "결제사의 통보를 기다리고 있습니다. 이 페이지는 저절로 새로 고쳐집니다.",
            "Waiting to hear of it from the payment gateway. This page looks again by itself.",
        ],
    )
}

fn said(state: EscrowState) -> Said {
    match state {
        EscrowState::BeforeRegistered => Said::new(
            "",
            ["아직 배송 전입니다", "Not sent yet"],
            [
                "상점이 배송을 등록하면 여기서 구매를 확정하거나 거절할 수 있습니다.",
                "Once the shop has sent the goods you can keep or reject them here.",
            ],
        ),
        EscrowState::Registered | EscrowState::Delivered => Said::new(
            "",
            ["상품을 받으셨나요?", "Have the goods come?"],
            [
                "받은 상품을 확인하고 구매를 확정하거나 거절해 주세요. 결정할 때까지 결제 대금은 결제사가 \
                 보관합니다.",
                "Look at the goods, then keep or reject them. Until then the payment gateway holds \
                 your money.",
            ],
        ),
        EscrowState::Confirmed { .. } => Said::new(
            "good",
            ["구매가 확정되었습니다", "You keep the goods"],
            ["대금은 상점에 지급됩니다.", "The shop gets its money."],
        ),
        EscrowState::Rejected => Said::new(
            "bad",
            ["구매를 거절했습니다", "You rejected the goods"],
            [
                "상점이 확인하면 환불됩니다.",
                "Your money comes back once the shop has agreed.",
            ],
        ),
        EscrowState::RejectConfirmed => Said::new(
            "good",
            ["상점이 구매 거절을 확인했습니다", "The shop agreed"],
            [
                "결제가 취소되면 환불됩니다.",
                "Your money comes back with the cancellation.",
            ],
        ),
        EscrowState::Cancelled => Said::new(
            "",
            ["취소된 결제입니다", "The sale was cancelled"],
            [
                "더 결정할 것이 없습니다.",
                "There is nothing left to decide.",
            ],
        ),
    }
}
