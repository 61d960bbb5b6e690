//! An identity verification as this face shows it.
//!
//! What the PG said of the person is there once it has verified them; phone and carrier are left
//! out, not null, where it did not name them.

use naru_domain::Timestamp;
use naru_domain::identity::{IdentityAttempt, IdentityState};
use naru_engine::identity::{IdentityPersonView, IdentityView, VerifiedPerson};
use serde::Serialize;

use crate::codes::pg;
use crate::refused::Refused;

#[derive(Debug, Serialize)]
pub(crate) struct WireCertification {
    imp_uid: String,
    merchant_uid: Option<String>,
    pg_tid: Option<String>,
    pg_provider: String,
    name: Option<String>,
    gender: Option<&'static str>,
    birthday: Option<String>,
    /// In Unix seconds, as older clients read it.
    birth: i64,
    foreigner: bool,
    foreigner_v2: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<String>,
    certified: bool,
    certified_at: i64,
    unique_key: Option<String>,
    unique_in_site: Option<String>,
    origin: Option<String>,
}

/// A verification: its successful attempt, else the latest.
pub(crate) fn certification(view: &IdentityView) -> Result<WireCertification, Refused> {
    let attempt = view.verification.shown();
    let attempt = attempt.ok_or_else(|| Refused::internal("a verification without an attempt"))?;
    let person = match &view.person {
        IdentityPersonView::Verified(person) => Some(person.as_ref()),
        IdentityPersonView::Requested(_) => None,
    };
    let mut shown = unverified(view, attempt);
    if let Some(person) = person {
        fill(&mut shown, attempt, person);
    }
    Ok(shown)
}

fn unverified(view: &IdentityView, attempt: &IdentityAttempt) -> WireCertification {
    WireCertification {
        imp_uid: view.verification.id.to_string(),
        merchant_uid: attempt.merchant_uid.clone(),
        pg_tid: attempt.pg_tx_id().map(str::to_owned),
        pg_provider: pg::name(&attempt.channel.pg_provider),
        name: None,
        gender: None,
        birthday: None,
        birth: 0,
        foreigner: false,
        foreigner_v2: None,
        phone: None,
        carrier: None,
        certified: matches!(attempt.state, IdentityState::Verified { .. }),
        certified_at: 0,
        unique_key: None,
        unique_in_site: None,
        origin: None,
    }
}

fn fill(shown: &mut WireCertification, attempt: &IdentityAttempt, person: &VerifiedPerson) {
    shown.name = Some(person.name.clone());
    shown.gender = person.gender.as_deref().and_then(|gender| match gender {
        "MALE" => Some("male"),
        "FEMALE" => Some("female"),
        _ => None,
    });
    shown.birth = midnight_in_korea(&person.birth_date).unwrap_or(0);
    shown.birthday = Some(person.birth_date.clone());
    shown.foreigner = person.is_foreigner.unwrap_or(false);
    shown.foreigner_v2 = person.is_foreigner;
    shown.phone.clone_from(&person.phone_number);
    shown.carrier = person
        .carrier
        .as_deref()
        .map(|carrier| carrier.replace("LGU", "LGT"));
    shown.certified_at = attempt.status_changed_at.as_seconds();
    shown.unique_key.clone_from(&person.ci);
    shown.unique_in_site.clone_from(&person.di);
}

/// The first moment of a day, `yyyy-MM-dd`, in Unix seconds.
fn midnight_in_korea(date: &str) -> Option<i64> {
    let midnight: Timestamp = format!("{date}T00:00:00+09:00").parse().ok()?;
    Some(midnight.as_seconds())
}
