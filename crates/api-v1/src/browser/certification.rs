//! `IMP.certification`: an identity verification's window.

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use naru_domain::WindowType;
use naru_engine::identity::{OpenIdentity, RequestedPerson};
use naru_engine::payments::ChannelChoice;
use naru_engine::{Engine, OperationKind};
use serde_json::{Value, json};

use super::call::{BrowserCall, NotOpened};
use super::window::{opener, shown};
use crate::check::{certification, channel};
use crate::extract::Input;
use crate::limits::TEXT_MAX;
use crate::refused::Refused;

pub(super) async fn open(State(engine): State<Engine>, request: Request) -> Response {
    match opened(engine, request).await {
        Ok(response) => response,
        Err(refused) => refused.into_response(),
    }
}

async fn opened(engine: Engine, request: Request) -> Result<Response, NotOpened> {
    let call = BrowserCall::read(engine, request).await?;
    let input = &call.input;
    // The PGs' pages are made for a small browser window of their own.
    let opener = opener(&call, WindowType::Popup)?;
    let window_type = opener.window_type;
    let kind = OperationKind::OpenIdentityWindow;
    let chosen = channel::chosen(&call.engine, &call.context.store, input, kind).await?;
    let ChannelChoice::Channel(channel) = chosen else {
        return Err(Refused::malformed("channelGroupId", "채널 키 (channelKey)").into());
    };
    let request = OpenIdentity {
        id: call.engine.new_certification_uid(),
        channel,
        person: person(input)?,
        carrier: carrier(input)?,
        custom_data: None,
        merchant_uid: certification::merchant_uid(input)?,
        device: call.device,
        opener: Some(opener),
        bypass: bypass(input)?,
    };
    let context = call.context.clone();
    let window = call.engine.open_identity_window(context, request).await?;
    Ok(shown(&window, window_type))
}

/// Whom the page expects, as far as it says.
fn person(input: &Input) -> Result<RequestedPerson, Refused> {
    let name = input.said(&["name"]);
    if name
        .as_ref()
        .is_some_and(|name| name.chars().count() > TEXT_MAX)
    {
        return Err(Refused::malformed("name", &format!("{TEXT_MAX}자 이내")));
    }
    let phone = input.said(&["phone"]);
    Ok(RequestedPerson {
        name,
        phone_number: phone
            .map(|phone| certification::phone(&phone))
            .transpose()?,
        ..RequestedPerson::default()
    })
}

fn carrier(input: &Input) -> Result<Option<String>, Refused> {
    let code = match input.said(&["carrier"]).as_deref() {
        None => return Ok(None),
        Some("SKT") => "SKT",
        Some("KTF" | "KT") => "KT",
        Some("LGT") => "LGU",
        // All of the smaller ones are one at the PGs.
        Some("MVNO") => "SKT_MVNO",
        Some(_) => return Err(Refused::malformed("carrier", "SKT, KTF, LGT, MVNO")),
    };
    Ok(Some(code.to_owned()))
}

/// This face's own parameters under the PGs' names, beside what the page gave.
fn bypass(input: &Input) -> Result<Option<String>, Refused> {
    let given = input.object("bypass").map(Input::into_value);
    let mut bypass = match given {
        Some(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let mut danal = match bypass.remove("danal") {
        Some(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    if let Some(age) = input.int("min_age")? {
        let is_age = (0..=150).contains(&age);
        let expected = || Refused::malformed("min_age", "나이");
        danal.insert(
            "AGELIMIT".to_owned(),
            is_age.then_some(json!(age)).ok_or_else(expected)?,
        );
    }
    if let Some(company) = input.said(&["company"]) {
        danal.insert("CPTITLE".to_owned(), company.into());
    }
    if !danal.is_empty() {
        bypass.insert("danal".to_owned(), danal.into());
    }
    Ok((!bypass.is_empty()).then(|| Value::Object(bypass).to_string()))
}
