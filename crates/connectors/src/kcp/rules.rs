//! The PG's rules for who is asked, and the fields that say it.

use naru_connector::{BeginError, SendIdentity};
use naru_domain::identity::{IdentityMethod, IdentityNumber};

use super::CARRIERS;
use super::wire::{Context, Fields};
use crate::identity::{bypass, bypass_text, invalid, to_pg};

/// Characters that no value may have, by the PG's manual.
const FORBIDDEN: &str = ",&;\n\\|'\"<>\0";

/// The fields of a person, by the PG's names.
pub(super) struct Person(Vec<(&'static str, String)>);

impl Person {
    pub(super) fn add_to(&self, fields: &mut Fields) {
        for (name, value) in &self.0 {
            fields.add(name, value);
        }
    }

    /// The site's id, which `HAS` is told too.
    pub(super) fn web_siteid(&self) -> &str {
        let found = self.0.iter().find(|(name, _)| *name == "web_siteid");
        found.map_or("", |(_, value)| value.as_str())
    }
}

/// Reads and checks who is asked.
pub(super) fn person(send: &SendIdentity, context: &Context) -> Result<Person, BeginError> {
    if send.person.name.contains(|c| FORBIDDEN.contains(c)) {
        return Err(invalid(
            "customer.name",
            "must have none of , & ; \\ | ' \" < > and no line break",
        ));
    }
    let way = match send.method {
        IdentityMethod::Sms => "SMS",
        IdentityMethod::App => "APP",
        IdentityMethod::Window => return Err(invalid("method", "must be by message or app")),
    };
    let mut fields = vec![
        ("user_name", send.person.name.clone()),
        ("phone_no", send.person.phone_number.clone()),
        ("comm_id", to_pg(&CARRIERS, &send.carrier)?.to_owned()),
        ("cert_way", way.to_owned()),
        ("cust_ip", send.ip_address.clone()),
    ];
    match (&send.person.identity_number, send.method) {
        (Some(text), _) => {
            let number = IdentityNumber::parse(text.expose(), context.today)
                .map_err(|error| invalid("customer.identityNumber", &format!("is {error}")))?;
            let sex = if number.gender() == "MALE" {
                "01"
            } else {
                "02"
            };
            let local = if number.is_foreigner() { "02" } else { "01" };
            fields.push(("birth_day", number.birth_date().replace('-', "")));
            fields.push(("sex_code", sex.to_owned()));
            fields.push(("local_code", local.to_owned()));
        }
        (None, IdentityMethod::App | IdentityMethod::Window) => {}
        (None, IdentityMethod::Sms) => {
            return Err(invalid(
                "customer.identityNumber",
                "is required for a message",
            ));
        }
    }
    fields.extend(extra(send, context)?);
    Ok(Person(fields))
}

/// What the PG asks for besides, from the request's `bypass`.
fn extra(
    send: &SendIdentity,
    context: &Context,
) -> Result<Vec<(&'static str, String)>, BeginError> {
    let given = bypass(&send.bypass, &["kcpV2", "kcp_v2"]);
    let media = bypass_text(given, "media_type", "bypass.kcpV2.media_type")?;
    let media = media.filter(|media| matches!(media.as_str(), "MC01" | "MC02"));
    let Some(media) = media else {
        return Err(invalid(
            "bypass.kcpV2.media_type",
            "is required by KCP: `MC01` for a computer, `MC02` for a phone",
        ));
    };
    let site = bypass_text(given, "web_siteid", "bypass.kcpV2.web_siteid")?;
    let mut fields = vec![
        ("media_type", media),
        (
            "web_siteid",
            site.unwrap_or_else(|| context.contract.web_siteid.clone()),
        ),
    ];
    if let Some(message) = bypass_text(given, "cp_sms_msg", "bypass.kcpV2.cp_sms_msg")? {
        if !message.contains("[000000]") {
            return Err(invalid(
                "bypass.kcpV2.cp_sms_msg",
                "must contain `[000000]`, where the one-time password goes",
            ));
        }
        fields.push(("cp_sms_msg", message));
    }
    let callback = bypass_text(given, "cp_callback", "bypass.kcpV2.cp_callback")?;
    fields.extend(callback.map(|number| ("cp_callback", number)));
    Ok(fields)
}
