//! `POST /windows`: plays the customer at a payment window.
//!
//! The pages of the windows come with the checkout. Until then a test sends here what its page
//! would send to the PG, says what the customer does, and gets what the PG's page would make the
//! browser post to the merchant.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::body::{BadInput, Body};
use crate::answer;
use crate::inicis::Fields;
use crate::inicis::crypto_hex;
use crate::inicis::window::{Choice, Device, Opened};
use crate::simulator::Simulator;

/// What the customer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Pay,
    Leave,
}

/// A card that works.
const CARD: &str = "5409876543217715";
/// A bank that issues accounts.
const BANK: &str = "88";

/// `POST /windows`.
pub(crate) async fn play(
    State(sim): State<Arc<Simulator>>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, BadInput> {
    let mut body = Body::read(&bytes)?;
    let devices = [("pc", Device::Pc), ("mobile", Device::Mobile)];
    let device = body.choice("device", &devices)?.unwrap_or(Device::Pc);
    let acts = [("pay", Act::Pay), ("leave", Act::Leave)];
    let act = body.choice("action", &acts)?.unwrap_or(Act::Pay);
    let card = body.text("card")?;
    let bank = body.text("bank")?;
    let base = body.text("base")?;
    let fields = body
        .value("fields")
        .and_then(|fields| Fields::from_json(&fields.to_string()));
    body.finish()?;
    let fields = fields.ok_or_else(|| {
        BadInput::new(
            "`fields` is missing",
            "what the page sends to the PG, as an object",
        )
    })?;
    let base = base.unwrap_or_else(|| own_base(&headers));
    let hint = "the window would show this error to the customer";
    let opened = Opened::read(device, &fields, sim.clock.now_ms())
        .map_err(|error| BadInput::new(error, hint))?;
    let url = opened.return_url.clone();
    let posted = match act {
        Act::Leave => left(device),
        Act::Pay => {
            let choice = if opened.is_card {
                Choice::Card(card.unwrap_or_else(|| CARD.to_owned()))
            } else {
                Choice::Bank(bank.unwrap_or_else(|| BANK.to_owned()))
            };
            let one = opened
                .authenticate(&choice)
                .map_err(|error| BadInput::new(error, hint))?;
            let token = new_token(device, one.merchant.mid);
            let returned = came_back(device, (&token, &base), &one);
            sim.windows.keep(&token, one).ok_or_else(|| {
                BadInput::new("there are too many windows", "start the simulator anew")
            })?;
            returned
        }
    };
    let form = serde_html_form::to_string(&posted).unwrap_or_default();
    let fields: serde_json::Map<String, Value> = posted
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let body = json!({ "url": url, "form": form, "fields": fields });
    Ok(answer::json(StatusCode::OK, &body))
}

/// Where this simulator is reached, as far as the request tells.
fn own_base(headers: &HeaderMap) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok());
    format!("http://{}/inicis", host.unwrap_or("127.0.0.1"))
}

/// A token for computers has the characters that must not be lost on the way.
fn new_token(device: Device, mid: &str) -> String {
    let random = crypto_hex(&rand::random::<[u8; 16]>());
    match device {
        Device::Pc => format!("AUTH/{random}+{mid}=="),
        Device::Mobile => format!("INIMX_AUTH{mid}{random}"),
    }
}

fn left(device: Device) -> Vec<(&'static str, String)> {
    match device {
        Device::Pc => vec![
            ("resultCode", "V801".to_owned()),
            ("resultMsg", "사용자가 결제를 취소하였습니다".to_owned()),
        ],
        Device::Mobile => vec![
            ("P_STATUS", "01".to_owned()),
            ("P_RMESG1", "사용자가 결제를 취소하였습니다".to_owned()),
        ],
    }
}

fn came_back(
    device: Device,
    (token, base): (&str, &str),
    one: &crate::inicis::window::Authenticated,
) -> Vec<(&'static str, String)> {
    match device {
        Device::Pc => vec![
            ("resultCode", "0000".to_owned()),
            ("resultMsg", "정상처리되었습니다.".to_owned()),
            ("mid", one.merchant.mid.to_owned()),
            ("orderNumber", one.order_id.clone()),
            ("authToken", token.to_owned()),
            ("authUrl", format!("{base}/stdpay/api/payAuth")),
            ("netCancelUrl", format!("{base}/stdpay/api/netCancel")),
            ("idc_name", "fc".to_owned()),
            ("charset", "UTF-8".to_owned()),
            ("merchantData", String::new()),
        ],
        Device::Mobile => vec![
            ("P_STATUS", "00".to_owned()),
            ("P_RMESG1", "정상처리되었습니다.".to_owned()),
            ("P_TID", token.to_owned()),
            ("P_REQ_URL", format!("{base}/mobile/smart/payReq.ini")),
            ("P_AMT", one.amount.to_string()),
            ("P_NOTI", String::new()),
            ("idc_name", "fc".to_owned()),
        ],
    }
}
