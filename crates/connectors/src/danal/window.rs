//! The window: `ITEMSEND`, a form to the PG's page, and `CONFIRM` once the browser is back.

use naru_connector::{
    BeginError, Decline, Device, InboundRequest, OpenIdentityWindow, Rejected, Returned,
    ReturnedIdentityWindow, Secret, WindowForm,
};
use naru_domain::payment::Failure;

use super::reply::{Reply, Stage};
use super::wire::Context;
use super::{item, sent, told};
use crate::exchange::{Exchanged, Next, unknown};
use crate::form::Form;
use crate::identity::{bypass, bypass_text, invalid, no_notices};

/// What the window calls the carriers.
const CARRIERS: [&str; 4] = ["SKT", "KTF", "LGT", "MVNO"];

/// `ITEMSEND` makes the transaction.
pub(super) fn prepare(
    window: &OpenIdentityWindow,
    context: &Context,
) -> Result<Exchanged, BeginError> {
    let extra = bypass(&window.bypass, &["danal"]);
    carriers(window, extra)?;
    context.contract.window_url()?;
    let mut fields = item(
        context,
        (&window.order_id, window.person.id.as_deref()),
        extra,
    )?;
    fields.push(("TARGETURL", window.return_url.clone()));
    Ok(Exchanged::begin(context.post(&fields), |answer| {
        Next::Done(match Reply::read(answer, Stage::Send) {
            Ok(reply) => match reply.text("TID") {
                Some(tid) => sent(tid.to_owned()),
                None => unknown("the PG's answer has no transaction id"),
            },
            Err(outcome) => *outcome,
        })
    }))
}

/// The form to the PG's page.
pub(super) fn form(
    window: &OpenIdentityWindow,
    tid: &str,
    context: &Context,
) -> Result<WindowForm, BeginError> {
    let extra = bypass(&window.bypass, &["danal"]);
    let page = match window.device {
        Device::Pc => "Web/Start.php",
        Device::Mobile => "Mobile/Start.php",
    };
    let mut fields = vec![
        ("TID", tid.to_owned()),
        ("BackURL", window.return_url.clone()),
        ("BgColor", "00".to_owned()),
        ("IsCharSet", "UTF-8".to_owned()),
    ];
    fields.extend(carriers(window, extra)?.map(|names| ("IsCarrier", names)));
    let phone = window.person.phone_number.clone();
    fields.extend(phone.map(|number| ("IsDstAddr", number)));
    Ok(WindowForm {
        script: None,
        close_script: None,
        action: Some(format!("{}{page}", context.contract.window_url()?)),
        charset: "UTF-8",
        fields,
    })
}

/// Which carriers the window offers: what the bypass says, else that of the expected person.
fn carriers(
    window: &OpenIdentityWindow,
    extra: &serde_json::Value,
) -> Result<Option<String>, BeginError> {
    let name = "bypass.danal.IsCarrier";
    if let Some(names) = bypass_text(extra, "IsCarrier", name)? {
        let is_known = names.split(';').all(|name| CARRIERS.contains(&name));
        if !is_known {
            let expected = "must be of SKT, KTF, LGT and MVNO, joined by `;`";
            return Err(invalid(name, expected));
        }
        return Ok(Some(names));
    }
    let expected = window.person.carrier.as_deref();
    Ok(expected.map(|carrier| {
        let name = match carrier {
            "SKT" => "SKT",
            "KT" => "KTF",
            "LGU" => "LGT",
            _ => "MVNO",
        };
        name.to_owned()
    }))
}

/// What the browser brought: the transaction, or, where the person gave up, at most a refusal.
pub(super) fn read_return(request: &InboundRequest) -> Result<Returned, Rejected> {
    let form = Form::read(&request.body, Some("charset=utf-8"));
    let form = form.ok_or_else(|| no_notices(request))?;
    let code = form.get("RETURNCODE").filter(|code| *code != "0000");
    Ok(match (form.get("TID"), code) {
        (Some(tid), None) => Returned::Authenticated {
            order_id: None,
            authentication: Secret::new(tid),
        },
        (_, Some(code)) => Returned::Refused(Decline {
            code: code.to_owned(),
            message: form.get("RETURNMSG").unwrap_or_default().to_owned(),
        }),
        (None, None) => Returned::Refused(Decline {
            code: Failure::WINDOW_LEFT.to_owned(),
            message: "사용자가 본인인증을 취소하였습니다".to_owned(),
        }),
    })
}

/// `CONFIRM` says who it was.
pub(super) fn finish(
    one: &ReturnedIdentityWindow,
    context: &Context,
) -> Result<Exchanged, BeginError> {
    if one.authentication.expose() != one.pg_tx_id {
        return Err(invalid("TID", "is that of another request"));
    }
    let order_id = one.window.order_id.clone();
    let request = told(context, &one.pg_tx_id, &order_id);
    let today = context.today;
    Ok(Exchanged::new(request, move |answer| {
        match Reply::read(answer, Stage::Result) {
            Ok(reply) => reply.person(&order_id, today),
            Err(outcome) => *outcome,
        }
    }))
}
