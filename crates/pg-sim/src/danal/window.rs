//! The window: who one is, then the password from the message, then back to the merchant.
//!
//! Nothing is kept between the pages but the transaction: what the merchant's page sent is carried
//! along, and what the PG does not know of it is handed on to the merchant.

use std::sync::Arc;

use axum::Router;
use axum::extract::State as Shared;
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;

use super::spoken;
use crate::answer;
use crate::identity::page::{self as form, ACT, Brought, Known, Played};
use crate::identity::{self, Refusal, State, Verification};
use crate::inicis::Fields;
use crate::pages::{Frame, hidden, is_web, page};
use crate::pg::Pg;
use crate::simulator::Simulator;

const FRAME: Frame<'static> = Frame {
    pg: ["다날 본인인증", "Danal"],
    footer: ["아무에게도 문자가 가지 않습니다.", "Nobody gets a message."],
    files: "../../../../inicis/stdpay/stdjs",
};
/// What the PG reads itself; other fields are the merchant's.
const READ: [&str; 7] = [
    "TID",
    "BackURL",
    "BgColor",
    "IsCharSet",
    "IsCarrier",
    "IsDstAddr",
    "IsExceptCarrier",
];
const CARRIERS: [(&str, &str); 6] = [
    ("SKT", "SKT"),
    ("KTF", "KT"),
    ("LGT", "LG U+"),
    ("SKT_MVNO", "SKT 알뜰폰"),
    ("KT_MVNO", "KT 알뜰폰"),
    ("LGT_MVNO", "LG U+ 알뜰폰"),
];

/// The pages, below the PG's base path.
pub(super) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/Danal/WebAuth/Web/Start.php", post(start))
        .route("/Danal/WebAuth/Mobile/Start.php", post(start))
        .route("/Danal/WebAuth/Web/act", post(act))
        .route("/Danal/WebAuth/Mobile/act", post(act))
}

/// A transaction whose window is open, and what the merchant's page sent.
struct Window {
    transaction: Verification,
    target_url: String,
    fields: Fields,
}

impl Window {
    fn read(sim: &Simulator, body: &[u8]) -> Result<Self, &'static str> {
        Self::of(
            sim,
            Fields::from_form(body).ok_or("the form can't be read")?,
        )
    }

    fn of(sim: &Simulator, fields: Fields) -> Result<Self, &'static str> {
        let found = sim.books().verification(fields.text("TID")).cloned();
        let found = found.filter(|found| found.pg == Pg::Danal);
        let transaction = found.ok_or("`TID` is not known")?;
        let target_url = transaction.target_url.clone();
        let target_url = target_url.ok_or("the transaction has no `TARGETURL`")?;
        if fields.text("IsCharSet") != "UTF-8" {
            return Err("`IsCharSet` must be UTF-8 here");
        }
        if !is_web(&target_url) || !is_web(fields.text("BackURL")) {
            return Err("`TARGETURL` or `BackURL` is not of the web");
        }
        Ok(Self {
            transaction,
            target_url,
            fields,
        })
    }

    fn tid(&self) -> &str {
        &self.transaction.tid
    }

    /// The carriers to choose from.
    fn carriers(&self) -> Vec<(&'static str, &'static str)> {
        let offered = self.fields.text("IsCarrier");
        let is_offered = |code: &str| {
            let name = if code.contains('_') { "MVNO" } else { code };
            offered.is_empty() || offered.split(';').any(|one| one == name)
        };
        let all = CARRIERS.into_iter();
        all.filter(|(code, _)| is_offered(code)).collect()
    }

    fn document(&self, title: &str, body: &str) -> String {
        let carried = hidden(form::carried(&self.fields));
        let body = format!(
            "<h1>{title}</h1>\n<form method=\"post\" action=\"act\">\n{carried}{body}</form>"
        );
        FRAME.document(title, &body)
    }

    fn known(&self) -> Known<'_> {
        Known {
            phone: self.fields.text("IsDstAddr"),
            ..Known::default()
        }
        .or_typed(&self.fields)
    }

    fn who(&self, wrong: Option<&str>) -> String {
        let body = format!(
            "{}{}{}",
            form::alert(wrong),
            form::person_fields(&self.known(), ["통신사", "Carrier"], &self.carriers()),
            form::buttons("ask", ["인증번호 받기", "Send me a password"]),
        );
        self.document("휴대폰 본인확인", &body)
    }

    fn password(&self, sim: &Simulator, wrong: Option<&str>) -> String {
        let sent = sim.books().verification(self.tid()).map(Verification::otp);
        let body = format!(
            "{}<p class=\"message\">모의 휴대폰에 온 문자: 인증번호 <strong id=\"message\">{}</strong> \
             <span lang=\"en\">What the simulated phone got</span></p>\n\
             <label for=\"otp\">인증번호 <span lang=\"en\">One-time password</span></label>\n\
             <input id=\"otp\" name=\"naru_otp\" inputmode=\"numeric\" \
             autocomplete=\"one-time-code\" required>\n{}",
            form::alert(wrong),
            sent.unwrap_or_default(),
            form::buttons("confirm", ["확인", "Confirm"]),
        );
        self.document("인증번호 입력", &body)
    }

    /// To the merchant, with the transaction and what the merchant's page sent for it.
    fn done(&self) -> Brought {
        let own = [("TID", self.tid())];
        let echoed = form::carried(&self.fields).filter(|(name, _)| !READ.contains(name));
        Brought::new(&self.target_url, own.into_iter().chain(echoed))
    }

    /// To where the merchant's page takes those who don't get through.
    fn back(&self, why: Option<Refusal>) -> Brought {
        let told = why.map(spoken);
        let fields = told.map(|(code, message)| [("RETURNCODE", code), ("RETURNMSG", message)]);
        let fields = fields.into_iter().flatten();
        Brought::new(self.fields.text("BackURL"), fields)
    }
}

fn error(why: &str) -> String {
    FRAME.refusal("본인확인 창을 열 수 없습니다", why)
}

async fn start(Shared(sim): Shared<Arc<Simulator>>, body: Bytes) -> Response {
    page(match Window::read(&sim, &body) {
        Ok(window) if window.transaction.state == State::Prepared => window.who(None),
        Ok(window) if window.transaction.state == State::Sent => window.password(&sim, None),
        Ok(window) => window.back(Some(Refusal::Told)).page(&FRAME),
        Err(why) => error(why),
    })
}

async fn act(Shared(sim): Shared<Arc<Simulator>>, body: Bytes) -> Response {
    let window = match Window::read(&sim, &body) {
        Ok(window) => window,
        Err(why) => return page(error(why)),
    };
    let shown = match window.fields.text(ACT) {
        "ask" => ask(&sim, &window),
        "confirm" => confirm(&sim, &window),
        _ => window.back(None).page(&FRAME),
    };
    if sim.settled().await.is_err() {
        return answer::books_failed();
    }
    page(shown)
}

fn ask(sim: &Simulator, window: &Window) -> String {
    let Some(person) = form::person(&window.fields) else {
        return window.who(Some(
            "이름, 생년월일, 휴대폰 번호를 확인해 주세요 (check what you wrote)",
        ));
    };
    match identity::send(sim, window.tid(), person) {
        Ok(()) => window.password(sim, None),
        Err(why @ (Refusal::Person | Refusal::Carrier)) => window.who(Some(spoken(why).1)),
        Err(why) => window.back(Some(why)).page(&FRAME),
    }
}

fn confirm(sim: &Simulator, window: &Window) -> String {
    let otp = window.fields.text("naru_otp").trim();
    match identity::confirm(sim, window.tid(), Some(otp)) {
        Ok(()) => window.done().page(&FRAME),
        Err(Refusal::Wrong) => window.password(sim, Some(spoken(Refusal::Wrong).1)),
        Err(why) => window.back(Some(why)).page(&FRAME),
    }
}

/// What the browser of a person brings who does what is asked.
pub(crate) fn play(sim: &Simulator, fields: Fields, played: Played) -> Result<Brought, String> {
    let window = Window::of(sim, fields)?;
    if played.leaves {
        return Ok(window.back(None));
    }
    let person = played.person(&window.known(), &window.carriers());
    let person = person.ok_or("name, phone or birth is wrong")?;
    match identity::send(sim, window.tid(), person) {
        Ok(()) => {}
        Err(why @ (Refusal::Person | Refusal::Carrier)) => return Err(spoken(why).1.to_owned()),
        Err(why) => return Ok(window.back(Some(why))),
    }
    let sent = sim
        .books()
        .verification(window.tid())
        .map(Verification::otp);
    Ok(
        match identity::confirm(sim, window.tid(), sent.as_deref()) {
            Ok(()) => window.done(),
            Err(why) => window.back(Some(why)),
        },
    )
}
