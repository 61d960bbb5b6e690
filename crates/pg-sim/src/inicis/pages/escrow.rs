//! The window in which the customer of an escrow payment keeps or rejects the goods.
//!
//! What the customer decides is in the books and told to the merchant's server before the browser
//! goes back.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use axum::{Router, body};
use http::HeaderMap;

use super::html::{ACT, frame};
use super::opened_elsewhere;
use crate::answer::{self, escaped};
use crate::clock::Stamp;
use crate::inicis::merchants::{self, SIGN_KEY};
use crate::inicis::window::Device;
use crate::inicis::{Fields, notice, sha256_hex};
use crate::ledger::{ConfirmedBy, Transaction};
use crate::pages::{hidden, is_web, page};
use crate::simulator::Simulator;

/// What the window for phones is told to be.
pub(super) const ON_PHONES: &str = "ESCROWCONFIRM";
const REASON: &str = "naru_reason";
const REASON_CHARS_MAX: usize = 100;
/// Left without a word. The real code is not public: ours.
const LEFT: &str = "01";

pub(super) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/stdpay/escrow/", post(open))
        .route("/stdpay/escrow/act", post(act))
}

/// A window that a page has asked for rightly.
struct Opened {
    device: Device,
    tid: String,
    return_url: String,
    goods_name: String,
    amount: u64,
    fields: Fields,
}

impl Opened {
    fn read(sim: &Simulator, device: Device, fields: Fields) -> Result<Self, &'static str> {
        let [mid, tid, url] = match device {
            Device::Pc => ["mid", "tid", "returnUrl"],
            Device::Mobile | Device::Key => ["P_MID", "P_ESCROW_TID", "P_NEXT_URL"],
        };
        let merchant = merchants::find(fields.text(mid)).ok_or("the merchant is not known")?;
        if device == Device::Pc {
            if fields.text("version") != "1.0" || fields.text("timestamp").is_empty() {
                return Err("`version` or `timestamp` is missing");
            }
            if fields.text("mKey") != sha256_hex(SIGN_KEY) {
                return Err("`mKey` does not match");
            }
        }
        let return_url = fields.text(url).to_owned();
        let close_url = fields.text("closeUrl");
        if !is_web(&return_url) || (device == Device::Pc && !is_web(close_url)) {
            return Err("an address of the merchant is not of the web");
        }
        let found = sim.books().by_tid(fields.text(tid)).cloned();
        let is_theirs = |found: &Transaction| found.mid == merchant.mid && found.escrow.is_some();
        let found = found.filter(is_theirs).ok_or("there is no such escrow")?;
        Ok(Self {
            device,
            tid: found.tid,
            return_url,
            goods_name: found.goods_name,
            amount: found.amount,
            fields,
        })
    }

    fn asked(&self, wrong: Option<&str>) -> String {
        let close = match self.device {
            Device::Pc => format!(
                "<a class=\"close\" href=\"{}\" aria-label=\"닫기 Close\">×</a>\n",
                escaped(self.fields.text("closeUrl"))
            ),
            Device::Mobile | Device::Key => String::new(),
        };
        let own = |name: &str| !name.starts_with("naru_");
        let carried = self.fields.pairs().into_iter();
        let body = format!(
            "{close}<h1>구매 결정</h1>\n<dl>\n\
             <div><dt>상품 <span lang=\"en\">Item</span></dt><dd>{}</dd></div>\n\
             <div><dt>금액 <span lang=\"en\">Amount</span></dt><dd class=\"amount\">{}원</dd></div>\n\
             </dl>\n<form method=\"post\" action=\"act\">\n{}{}\
             <label for=\"reason\">거절하는 이유 \
             <span lang=\"en\">Why, if you reject them</span></label>\n\
             <input id=\"reason\" name=\"{REASON}\" maxlength=\"{REASON_CHARS_MAX}\" \
             value=\"단순 변심\">\n\
             <div class=\"buttons\">\n\
             <button name=\"{ACT}\" value=\"keep\">구매 확정 <span lang=\"en\">Keep</span></button>\n\
             <button name=\"{ACT}\" value=\"reject\" class=\"second\">구매 거절 \
             <span lang=\"en\">Reject</span></button>\n\
             <button name=\"{ACT}\" value=\"leave\" class=\"second\">취소 \
             <span lang=\"en\">Cancel</span></button>\n</div>\n</form>",
            escaped(&self.goods_name),
            answer::grouped(self.amount),
            crate::identity::page::alert(wrong),
            hidden(carried.filter(|(name, _)| own(name))),
        );
        frame(self.device).document("구매 결정", &body)
    }

    /// Back to the merchant; with the reason where the goods were rejected.
    fn back(&self, decided: Option<Result<(), &str>>, now_ms: i64) -> String {
        let at = Stamp::of(now_ms);
        let (date, time) = (at.date(), at.time());
        let fields = match (self.device, decided) {
            (Device::Pc, None) => vec![("ResultCode", LEFT), ("ResultMsg", "취소")],
            (Device::Pc, Some(Ok(()))) => vec![
                ("ResultCode", "00"),
                ("ResultMsg", "정상처리되었습니다."),
                ("tid", &self.tid),
                ("CNF_Date", &date),
                ("CNF_Time", &time),
            ],
            (Device::Pc, Some(Err(reason))) => vec![
                ("ResultCode", "00"),
                ("ResultMsg", "정상처리되었습니다."),
                ("tid", &self.tid),
                ("DNY_Date", &date),
                ("DNY_Time", &time),
                ("DNY_DenyMsg", reason),
            ],
            (_, None) => vec![("P_STATUS", LEFT), ("P_RMESG1", "취소")],
            (_, Some(decided)) => vec![
                ("P_STATUS", "00"),
                ("P_RMESG1", "정상처리되었습니다."),
                ("P_ESCROW_TID", &self.tid),
                (
                    "P_CL_STATUS",
                    match decided {
                        Ok(()) => "buyComplete",
                        Err(_) => "denyComplete",
                    },
                ),
            ],
        };
        let target = match self.device {
            Device::Pc => "_top",
            Device::Mobile | Device::Key => "",
        };
        frame(self.device).returning((&self.return_url, target), fields)
    }
}

async fn open(
    State(sim): State<Arc<Simulator>>,
    headers: HeaderMap,
    body: body::Bytes,
) -> Response {
    let fields = Fields::from_form(&body).ok_or("the form can't be read");
    let opened = fields.and_then(|fields| Opened::read(&sim, Device::Pc, fields));
    let opened = opened.and_then(|opened| {
        if opened_elsewhere(&headers, &opened.return_url) {
            return Err("V023: `returnUrl` is not of the page that opened the window");
        }
        Ok(opened)
    });
    shown(Device::Pc, opened.as_ref())
}

/// The window for phones.
pub(super) fn open_on_phone(sim: &Simulator, fields: Fields) -> Response {
    let opened = Opened::read(sim, Device::Mobile, fields);
    shown(Device::Mobile, opened.as_ref())
}

fn shown(device: Device, opened: Result<&Opened, &&'static str>) -> Response {
    page(match opened {
        Ok(opened) => opened.asked(None),
        Err(why) => refused(device, why),
    })
}

fn refused(device: Device, why: &str) -> String {
    frame(device).refusal("구매 결정 창을 열 수 없습니다", why)
}

async fn act(State(sim): State<Arc<Simulator>>, body: body::Bytes) -> Response {
    match Fields::from_form(&body) {
        Some(fields) => acted(&sim, Device::Pc, fields).await,
        None => page(refused(Device::Pc, "the form can't be read")),
    }
}

/// What the customer does.
pub(super) async fn acted(sim: &Arc<Simulator>, device: Device, fields: Fields) -> Response {
    let opened = match Opened::read(sim, device, fields) {
        Ok(opened) => opened,
        Err(why) => return page(refused(device, why)),
    };
    let now_ms = sim.clock.now_ms();
    let reason: String = opened
        .fields
        .text(REASON)
        .chars()
        .take(REASON_CHARS_MAX)
        .collect();
    let decided = match opened.fields.text(ACT) {
        "keep" => Ok(()),
        "reject" if reason.trim().is_empty() => {
            return page(opened.asked(Some("이유를 적어 주세요 (say why)")));
        }
        "reject" => Err(reason.as_str()),
        _ => return page(opened.back(None, now_ms)),
    };
    let changed = sim.books().change(&opened.tid, |found| match decided {
        Ok(()) => found.confirm(ConfirmedBy::Customer, now_ms),
        Err(reason) => found.reject(reason.to_owned(), now_ms),
    });
    if sim.settled().await.is_err() {
        return answer::books_failed();
    }
    if !matches!(changed, Some(Ok(()))) {
        return page(refused(
            device,
            "the goods were not sent, or it is decided already",
        ));
    }
    let _told = notice::send_news(sim, &opened.tid).await;
    page(opened.back(Some(decided), now_ms))
}
