//! The customer at a payment window, whoever plays them: what they do, and what the PG makes their
//! browser bring to the merchant.

use http::HeaderMap;

use super::act;
use super::crypto;
use super::ways::usual_choice;
use super::window::{self, Authenticated, Device, Opened};
use crate::clock::Stamp;
use crate::faults::Twist;
use crate::simulator::Simulator;

/// A card that works.
pub(crate) const CARD: &str = "5409876543217715";

/// What the customer does.
pub(crate) enum Act {
    /// Pays with this card, at this bank or whatever the window asks for, or with what works.
    Pay(Option<String>),
    /// Leaves without paying.
    Leave,
}

/// What a browser brings to the merchant.
pub(crate) type Brought = Vec<(&'static str, String)>;

/// What the browser brings after this act. The error is what the window would show.
pub(crate) fn act(
    sim: &Simulator,
    (device, opened): (Device, Opened),
    base: &str,
    act: Act,
) -> Result<Brought, String> {
    let Act::Pay(choice) = act else {
        return Ok(left(device));
    };
    let choice = choice.unwrap_or_else(|| usual_choice(&opened.way).to_owned());
    let one = opened.authenticate(&choice)?;
    if device == Device::Key {
        return issued(sim, one);
    }
    let token = new_token(device, one.merchant.mid);
    let brought = came_back(device, (&token, base), &one);
    sim.windows
        .keep(&token, one)
        .ok_or("there are too many windows; start the simulator anew")?;
    Ok(brought)
}

/// The window of billing keys for phones issues at once: the browser brings the key.
fn issued(sim: &Simulator, one: Authenticated) -> Result<Brought, String> {
    if let Some(Twist::Decline(code)) = one.magic() {
        let message = window::refuse(&code).message();
        return Ok(vec![("resultcode", code), ("resultmsg", message)]);
    }
    let (mid, order_id) = (one.merchant.mid.to_owned(), one.order_id.clone());
    let token = new_token(Device::Key, &mid);
    sim.windows
        .keep(&token, one)
        .ok_or("there are too many windows; start the simulator anew")?;
    let (taken, key) = match act::approve_window(sim, &token, Device::Key) {
        Ok(approved) => approved,
        Err(refusal) => {
            let message = refusal.message();
            return Ok(vec![("resultcode", refusal.code), ("resultmsg", message)]);
        }
    };
    let at = Stamp::of(taken.at_ms);
    let card = taken.card.map(|card| card.facts);
    let (company, number) = card
        .map(|facts| (facts.code, facts.masked))
        .unwrap_or_default();
    Ok(vec![
        ("resultcode", "00".to_owned()),
        ("resultmsg", "정상처리되었습니다.".to_owned()),
        ("mid", mid),
        ("orderid", order_id),
        ("tid", taken.tid),
        ("billkey", key.unwrap_or_default()),
        ("cardcd", company),
        ("cardno", number),
        ("pgauthdate", at.date()),
        ("pgauthtime", at.time()),
        ("merchantreserved", String::new()),
        ("p_noti", String::new()),
    ])
}

/// Where this simulator is reached, as far as the request tells.
pub(crate) fn own_base(headers: &HeaderMap) -> String {
    format!("{}/inicis", crate::pages::base(headers))
}

/// A token for computers has the characters that must not be lost on the way.
fn new_token(device: Device, mid: &str) -> String {
    let random = crypto::hex(&rand::random::<[u8; 16]>());
    match device {
        Device::Pc => format!("AUTH/{random}+{mid}=="),
        Device::Mobile | Device::Key => format!("INIMX_AUTH{mid}{random}"),
    }
}

fn left(device: Device) -> Brought {
    match device {
        Device::Pc => vec![
            ("resultCode", "V801".to_owned()),
            ("resultMsg", "사용자가 결제를 취소하였습니다".to_owned()),
        ],
        Device::Mobile => vec![
            ("P_STATUS", "01".to_owned()),
            ("P_RMESG1", "사용자가 결제를 취소하였습니다".to_owned()),
        ],
        Device::Key => vec![
            ("resultcode", "01".to_owned()),
            ("resultmsg", "사용자가 등록을 취소하였습니다".to_owned()),
        ],
    }
}

fn came_back(device: Device, (token, base): (&str, &str), one: &Authenticated) -> Brought {
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
        Device::Mobile | Device::Key => vec![
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
