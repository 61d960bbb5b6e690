//! The pages of the console: from a form to the engine, and back to a page or a redirect.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{Html, IntoResponse as _, Response};
use http::header::{LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderValue, StatusCode};
use naru_connector::Secret;
use naru_engine::administrators::{ConsoleSession, LogIn, LogInAsked};
use naru_engine::{ActFilter, ActPage, Engine, Fault, NewAct};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::guard::{self, Asking};
use super::html::{self, Frame, Note};
use super::words::Words;
use crate::admin::acts::routes::since;
use crate::admin::administrators::routes::not_published;

/// Acts on a page.
const ACTS: u32 = 50;

type Answer = Result<Response, Response>;

/// A form with nothing but its token.
#[derive(Deserialize)]
struct Bare {
    #[serde(default)]
    token: String,
}

#[derive(Deserialize)]
struct LogInForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

#[derive(Deserialize)]
struct NameForm {
    #[serde(default)]
    email: String,
}

#[derive(Deserialize)]
struct AddForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
}

#[derive(Deserialize)]
struct PasswordForm {
    #[serde(default)]
    current: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
}

/// A page, with the choice of language if one was made now.
fn shown(asking: &Asking, status: StatusCode, page: String) -> Response {
    let mut response = (status, Html(page)).into_response();
    if asking.field("lang").is_some() {
        set_cookie(&mut response, &guard::language_cookie(asking.language));
    }
    response
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

fn go_to(place: &'static str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, place)]).into_response()
}

fn failed(asking: &Asking, fault: &Fault) -> Response {
    tracing::error!(%fault, detail = ?fault, "a page of the console could not be shown");
    let words = asking.language.words();
    let page = html::message(words, words.broken);
    shown(asking, StatusCode::SERVICE_UNAVAILABLE, page)
}

fn forged(asking: &Asking) -> Response {
    let words = asking.language.words();
    let page = html::message(words, words.forged);
    shown(asking, StatusCode::FORBIDDEN, page)
}

/// The session, else the way to the log-in.
async fn session(engine: &Engine, asking: &Asking) -> Result<ConsoleSession, Response> {
    let found = asking.session(engine).await;
    let found = found.map_err(|fault| failed(asking, &fault))?;
    found.ok_or_else(|| go_to("/console/log-in"))
}

fn form<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_html_form::from_bytes(body).ok()
}

/// The session of a form that its owner sent.
async fn own(engine: &Engine, asking: &Asking, body: &[u8]) -> Result<ConsoleSession, Response> {
    if !asking.is_of_this_site() {
        return Err(forged(asking));
    }
    let session = session(engine, asking).await?;
    let Bare { token } = form(body).ok_or_else(|| forged(asking))?;
    if guard::is_own_form(&session, &token) {
        return Ok(session);
    }
    Err(forged(asking))
}

fn frame<'a>(asking: &'a Asking, session: &'a ConsoleSession, place: &'static str) -> Frame<'a> {
    Frame {
        words: asking.language.words(),
        session,
        place,
        query: &asking.query,
    }
}

/// `GET /console/log-in`
pub(super) async fn log_in_page(State(engine): State<Engine>, asking: Asking) -> Answer {
    let found = asking.session(&engine).await;
    if found.map_err(|fault| failed(&asking, &fault))?.is_some() {
        return Ok(go_to("/console"));
    }
    let is_sandbox = engine.config().is_sandbox;
    let words = asking.language.words();
    let changed = asking.field("changed").map(|_| Note::Good(words.changed));
    let page = html::log_in(words, ("", is_sandbox), changed);
    Ok(shown(&asking, StatusCode::OK, page))
}

/// `POST /console/log-in`
pub(super) async fn log_in(State(engine): State<Engine>, asking: Asking, body: Bytes) -> Answer {
    if !asking.is_of_this_site() {
        return Err(forged(&asking));
    }
    let LogInForm { email, password } = form(&body).ok_or_else(|| forged(&asking))?;
    let asked = LogInAsked {
        email: email.clone(),
        password: Secret::new(password),
        address: asking.address,
        is_secure: asking.is_secure(),
    };
    let running = engine.clone();
    // To its end even if the browser hangs up: a try that was counted is in the audit log.
    let done = engine.detached(async move { running.log_in_to_console(asked).await });
    let words = asking.language.words();
    let is_sandbox = engine.config().is_sandbox;
    let again = |note: &str| html::log_in(words, (&email, is_sandbox), Some(Note::Bad(note)));
    match done.await {
        Ok(LogIn::In(session)) => {
            let mut response = go_to("/console");
            set_cookie(&mut response, &guard::cookie(&session));
            Ok(response)
        }
        Ok(LogIn::Refused) => {
            let page = again(words.refused);
            Err(shown(&asking, StatusCode::UNAUTHORIZED, page))
        }
        Ok(LogIn::TooMany { retry_after_s }) => {
            let page = again(words.too_many);
            let mut response = shown(&asking, StatusCode::TOO_MANY_REQUESTS, page);
            let seconds = HeaderValue::from(retry_after_s);
            response.headers_mut().insert(RETRY_AFTER, seconds);
            Err(response)
        }
        Err(fault) => Err(failed(&asking, &fault)),
    }
}

/// `POST /console/log-out`
pub(super) async fn log_out(State(engine): State<Engine>, asking: Asking, body: Bytes) -> Answer {
    let session = own(&engine, &asking, &body).await?;
    let ended = engine.log_out(&session, asking.actor(&session)).await;
    ended.map_err(|fault| failed(&asking, &fault))?;
    let mut response = go_to("/console/log-in");
    set_cookie(&mut response, &guard::no_cookie(&session));
    Ok(response)
}

/// `GET /console`
pub(super) async fn overview(State(engine): State<Engine>, asking: Asking) -> Answer {
    let session = session(&engine, &asking).await?;
    let read = async {
        let counts = engine.overview().await?;
        let mut stores = Vec::new();
        for store in engine.stores().await? {
            let channels = engine.channels(Some(&store.id)).await?;
            stores.push((store, channels));
        }
        Ok::<_, Fault>((counts, stores))
    };
    let (counts, stores) = read.await.map_err(|fault| failed(&asking, &fault))?;
    let frame = frame(&asking, &session, "/console");
    let page = html::overview(&frame, &counts, &stores);
    Ok(shown(&asking, StatusCode::OK, page))
}

/// `GET /console/audit-log`
pub(super) async fn audit_log(State(engine): State<Engine>, asking: Asking) -> Answer {
    let session = session(&engine, &asking).await?;
    let frame = frame(&asking, &session, "/console/audit-log");
    let field = |name: &str| asking.field(name).map(str::to_owned);
    let Ok(since) = asking.field("since").map(since).transpose() else {
        let note = Some(Note::Bad(frame.words.bad_day));
        let page = html::audit_log(&frame, &ActPage::default(), note);
        return Err(shown(&asking, StatusCode::UNPROCESSABLE_ENTITY, page));
    };
    let filter = ActFilter {
        since,
        actor: field("actor"),
        store_id: field("store"),
        operation: field("operation"),
    };
    let found = engine.acts(&filter, asking.field("after"), ACTS).await;
    let found = found.map_err(|fault| failed(&asking, &fault))?;
    let page = html::audit_log(&frame, &found, None);
    Ok(shown(&asking, StatusCode::OK, page))
}

async fn administrators_page(
    engine: &Engine,
    asking: &Asking,
    (session, status, note): (&ConsoleSession, StatusCode, Option<&str>),
) -> Answer {
    let found = engine.administrators().await;
    let found = found.map_err(|fault| failed(asking, &fault))?;
    let frame = frame(asking, session, "/console/administrators");
    let page = html::administrators(&frame, &found, note.map(Note::Bad));
    Ok(shown(asking, status, page))
}

/// `GET /console/administrators`
pub(super) async fn administrators(State(engine): State<Engine>, asking: Asking) -> Answer {
    let session = session(&engine, &asking).await?;
    administrators_page(&engine, &asking, (&session, StatusCode::OK, None)).await
}

/// Why something was not done, for the page.
fn said(words: &Words, fault: &Fault) -> String {
    let text = fault.to_string();
    if text.starts_with("`password`") {
        words.bad_password.to_owned()
    } else if text.starts_with("`email`") {
        words.bad_email.to_owned()
    } else if text.starts_with("the current password") {
        words.wrong_current.to_owned()
    } else if text.contains("is an administrator already") {
        words.is_there.to_owned()
    } else {
        text
    }
}

/// What the use case answered, as the administrators' page.
async fn answered(
    engine: &Engine,
    asking: &Asking,
    (session, done): (&ConsoleSession, Result<(), Fault>),
) -> Answer {
    match done {
        Ok(()) => Ok(go_to("/console/administrators?done=1")),
        Err(fault @ (Fault::Unavailable { .. } | Fault::Internal { .. })) => {
            Err(failed(asking, &fault))
        }
        Err(fault) => {
            let note = said(asking.language.words(), &fault);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            administrators_page(engine, asking, (session, status, Some(&note))).await
        }
    }
}

/// `POST /console/administrators/add`
pub(super) async fn add(State(engine): State<Engine>, asking: Asking, body: Bytes) -> Answer {
    let session = own(&engine, &asking, &body).await?;
    let new: AddForm = form(&body).ok_or_else(|| forged(&asking))?;
    let words = asking.language.words();
    if new.password != new.again {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let note = Some(words.not_the_same);
        return administrators_page(&engine, &asking, (&session, status, note)).await;
    }
    let (email, password) = (new.email, Secret::new(new.password));
    let act = NewAct::on(
        asking.actor(&session),
        "administrators.add",
        Some(email.trim().to_lowercase()),
    );
    let running = engine.clone();
    let added = engine.detached(async move {
        let adding = async {
            not_published(&running, &password)?;
            running.add_administrator(&email, &password).await
        };
        running.acted(act, adding).await.map(|_| ())
    });
    let added = added.await;
    answered(&engine, &asking, (&session, added)).await
}

/// `POST /console/administrators/remove`
pub(super) async fn remove(State(engine): State<Engine>, asking: Asking, body: Bytes) -> Answer {
    let session = own(&engine, &asking, &body).await?;
    let NameForm { email } = form(&body).ok_or_else(|| forged(&asking))?;
    let act = NewAct::on(
        asking.actor(&session),
        "administrators.remove",
        Some(email.clone()),
    );
    let is_self = email == session.email;
    let not_yourself = asking.language.words().not_yourself;
    let running = engine.clone();
    let removed = engine.detached(async move {
        let removing = async {
            if is_self {
                return Err(Fault::invalid(not_yourself));
            }
            running.remove_administrator(&email).await
        };
        running.acted(act, removing).await
    });
    let removed = removed.await;
    answered(&engine, &asking, (&session, removed)).await
}

/// `POST /console/administrators/unlock`
pub(super) async fn unlock(State(engine): State<Engine>, asking: Asking, body: Bytes) -> Answer {
    let session = own(&engine, &asking, &body).await?;
    let NameForm { email } = form(&body).ok_or_else(|| forged(&asking))?;
    let act = NewAct::on(
        asking.actor(&session),
        "administrators.unlock",
        Some(email.clone()),
    );
    let running = engine.clone();
    let unlocked = engine.detached(async move {
        let unlocking = running.unlock_administrator(&email);
        running.acted(act, unlocking).await
    });
    let unlocked = unlocked.await;
    answered(&engine, &asking, (&session, unlocked)).await
}

/// `GET /console/password`
pub(super) async fn password_page(State(engine): State<Engine>, asking: Asking) -> Answer {
    let session = session(&engine, &asking).await?;
    let frame = frame(&asking, &session, "/console/password");
    Ok(shown(&asking, StatusCode::OK, html::password(&frame, None)))
}

/// `POST /console/password`
pub(super) async fn password(State(engine): State<Engine>, asking: Asking, body: Bytes) -> Answer {
    let session = own(&engine, &asking, &body).await?;
    let new: PasswordForm = form(&body).ok_or_else(|| forged(&asking))?;
    let words = asking.language.words();
    let again = |note: &str| {
        let page = html::password(
            &frame(&asking, &session, "/console/password"),
            Some(Note::Bad(note)),
        );
        shown(&asking, StatusCode::UNPROCESSABLE_ENTITY, page)
    };
    if new.password != new.again {
        return Err(again(words.not_the_same));
    }
    let (current, password) = (Secret::new(new.current), Secret::new(new.password));
    let (email, actor, address) = (
        session.email.clone(),
        asking.actor(&session),
        asking.address,
    );
    let running = engine.clone();
    let changed = engine.detached(async move {
        not_published(&running, &password)?;
        let passwords = (email.as_str(), &current, &password);
        running
            .change_own_password(passwords, (&actor, address))
            .await
    });
    match changed.await {
        // All sessions have ended, this one among them.
        Ok(()) => {
            let mut response = go_to("/console/log-in?changed=1");
            set_cookie(&mut response, &guard::no_cookie(&session));
            Ok(response)
        }
        Err(fault @ (Fault::Unavailable { .. } | Fault::Internal { .. })) => {
            Err(failed(&asking, &fault))
        }
        Err(fault) => Err(again(&said(words, &fault))),
    }
}
