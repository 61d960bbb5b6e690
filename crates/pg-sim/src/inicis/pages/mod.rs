//! The pages of the payment windows: what a person clicks through in place of the PG's own.
//!
//! For computers a script of the merchant's page opens a frame with the window in it; for phones
//! the browser goes there. Nothing is kept between the pages: what the merchant's page sent is
//! carried along and verified again. Every value of it is escaped.

mod escrow;
mod html;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};

use super::Fields;
use super::customer::{self, Act};
use super::window::{Device, Opened};
use crate::answer;
use crate::pages::{is_web, page};
use crate::simulator::Simulator;

const OPENER: &str = include_str!("INIStdPay.js");
const CLOSER: &str = include_str!("INIStdPay_close.js");
const SCRIPT: &str = include_str!("window.js");
const STYLE: &str = include_str!("window.css");

/// The pages and their files, below the PG's base path.
pub(super) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/stdpay/stdjs/INIStdPay.js", script(OPENER))
        .route("/stdpay/stdjs/INIStdPay_escrow_conf.js", script(OPENER))
        .route("/stdpay/stdjs/INIStdPay_close.js", script(CLOSER))
        .route("/stdpay/stdjs/window.js", script(SCRIPT))
        .route(
            "/stdpay/stdjs/window.css",
            get(async || file("text/css;charset=UTF-8", STYLE)),
        )
        .route("/stdpay/window/", post(open_pc))
        .route("/stdpay/window/act", post(act_pc))
        .route("/inilite/inibill/inibill_card.jsp", post(open_key))
        .route("/inilite/inibill/act", post(act_key))
        .route("/mobile/smart/payment/", post(open_mobile))
        .route("/mobile/smart/payment/act", post(act_mobile))
        .merge(escrow::routes())
}

fn script(text: &'static str) -> axum::routing::MethodRouter<Arc<Simulator>> {
    get(async move || file("text/javascript;charset=UTF-8", text))
}

fn file(content_type: &'static str, text: &'static str) -> Response {
    answer::with_type(StatusCode::OK, content_type, text)
}

async fn open_pc(State(sim): State<Arc<Simulator>>, headers: HeaderMap, body: Bytes) -> Response {
    let read = read(&sim, Device::Pc, Fields::from_form(&body)).and_then(|read| {
        if opened_elsewhere(&headers, &read.0.return_url) {
            return Err("V023: `returnUrl` is not of the page that opened the window".to_owned());
        }
        Ok(read)
    });
    shown(Device::Pc, read)
}

/// The PG's own rule, V023: the result goes back to where the window was opened.
fn opened_elsewhere(headers: &HeaderMap, return_url: &str) -> bool {
    let opener = headers.get(header::REFERER);
    let opener = opener.and_then(|value| value.to_str().ok());
    opener.is_some_and(|opener| origin(opener) != origin(return_url))
}

async fn open_mobile(State(sim): State<Arc<Simulator>>, body: Bytes) -> Response {
    let fields = Fields::from_euc_kr_form(&body);
    if fields.text("P_INI_PAYMENT") == escrow::ON_PHONES {
        return escrow::open_on_phone(&sim, fields);
    }
    shown(Device::Mobile, read(&sim, Device::Mobile, Some(fields)))
}

async fn open_key(State(sim): State<Arc<Simulator>>, body: Bytes) -> Response {
    shown(
        Device::Key,
        read(&sim, Device::Key, Fields::from_form(&body)),
    )
}

async fn act_key(State(sim): State<Arc<Simulator>>, headers: HeaderMap, body: Bytes) -> Response {
    acted(&sim, Device::Key, &headers, &body)
}

async fn act_pc(State(sim): State<Arc<Simulator>>, headers: HeaderMap, body: Bytes) -> Response {
    acted(&sim, Device::Pc, &headers, &body)
}

async fn act_mobile(
    State(sim): State<Arc<Simulator>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match Fields::from_form(&body) {
        Some(fields) if fields.text("P_INI_PAYMENT") == escrow::ON_PHONES => {
            escrow::acted(&sim, Device::Mobile, fields).await
        }
        _ => acted(&sim, Device::Mobile, &headers, &body),
    }
}

/// The window that a page asks for, and what it said. The error is what the window would show.
fn read(
    sim: &Simulator,
    device: Device,
    fields: Option<Fields>,
) -> Result<(Opened, Fields), String> {
    let fields = fields.ok_or("the form can't be read")?;
    let opened = Opened::read(device, &fields, sim.clock.now_ms())?;
    let urls = [
        Some(opened.return_url.as_str()),
        opened.close_url.as_deref(),
    ];
    if urls.into_iter().flatten().all(is_web) {
        Ok((opened, fields))
    } else {
        Err("an address of the merchant is not of the web".to_owned())
    }
}

/// Scheme, host and port of an address.
fn origin(url: &str) -> &str {
    let path = url.match_indices('/').nth(2);
    path.map_or(url, |(at, _)| url.get(..at).unwrap_or(url))
}

fn shown(device: Device, read: Result<(Opened, Fields), String>) -> Response {
    page(match read {
        Ok((opened, fields)) => html::window(device, &opened, &fields),
        Err(error) => html::error(device, &error),
    })
}

fn acted(sim: &Simulator, device: Device, headers: &HeaderMap, body: &[u8]) -> Response {
    let (opened, fields) = match read(sim, device, Fields::from_form(body)) {
        Ok(read) => read,
        Err(error) => return page(html::error(device, &error)),
    };
    let said = |name: &str| Some(fields.text(name).to_owned()).filter(|text| !text.is_empty());
    let act = match fields.text(html::ACT) {
        "pay" => Act::Pay(said(html::CHOICE)),
        _ => Act::Leave,
    };
    let url = opened.return_url.clone();
    match customer::act(sim, (device, opened), &customer::own_base(headers), act) {
        Ok(brought) => page(html::returning(device, &url, &brought)),
        Err(error) => page(html::error(device, &error)),
    }
}
