//! Identity verifications: ready, verified, failed.

use naru_domain::identity::{IdentityAttempt, IdentityState};
use naru_engine::Fault;
use naru_engine::identity::{IdentityPersonView, IdentityView, RequestedPerson, VerifiedPerson};
use naru_wire_v2 as wire;

use super::channel::channel;
use super::whole_seconds;

fn shown(view: &IdentityView) -> Result<&IdentityAttempt, Fault> {
    view.verification
        .shown()
        .ok_or_else(|| Fault::internal("an identity verification without an attempt"))
}

macro_rules! fill {
    ($wire:ident, ($view:ident, $attempt:ident, $person:ident), {
        $($field:ident: $value:expr)?
    }) => {
        wire::$wire {
            channel: Some(channel(&$attempt.channel)?),
            custom_data: $attempt.custom_data.clone(),
            id: $view.verification.id.to_string(),
            pg_tx_id: $attempt.pg_tx_id().map(str::to_owned),
            requested_at: $attempt.requested_at.to_string(),
            requested_customer: requested($person),
            status_changed_at: whole_seconds($attempt.status_changed_at),
            updated_at: $view.verification.updated_at.to_string(),
            version: wire::PortOneVersion::V2,
            $($field: $value)?
        }
    };
}

/// An identity verification: its successful attempt, else the latest.
pub(crate) fn identity(view: &IdentityView) -> Result<wire::IdentityVerification, Fault> {
    let attempt = shown(view)?;
    let person = match &view.person {
        IdentityPersonView::Verified(person) => {
            let found = verified(view, attempt, person)?;
            return Ok(wire::IdentityVerification::Verified(found));
        }
        IdentityPersonView::Requested(person) => person,
    };
    Ok(match &attempt.state {
        IdentityState::Failed { failure, .. } => wire::IdentityVerification::Failed(
            fill!(FailedIdentityVerification, (view, attempt, person), {
                failure: wire::IdentityVerificationFailure {
                    pg_code: Some(failure.pg_code.clone()),
                    pg_message: Some(failure.pg_message.clone()),
                    reason: Some(failure.reason()),
                }
            }),
        ),
        IdentityState::Sending | IdentityState::Sent { .. } | IdentityState::Verified { .. } => {
            wire::IdentityVerification::Ready(fill!(
                ReadyIdentityVerification,
                (view, attempt, person),
                {}
            ))
        }
    })
}

/// A verification that has verified the person.
pub(crate) fn verified_identity(
    view: &IdentityView,
) -> Result<wire::TaggedVerifiedIdentityVerification, Fault> {
    match &view.person {
        IdentityPersonView::Verified(person) => {
            let found = verified(view, shown(view)?, person)?;
            Ok(wire::TaggedVerifiedIdentityVerification::Verified(found))
        }
        IdentityPersonView::Requested(_) => {
            Err(Fault::internal("an answer without the verified person"))
        }
    }
}

fn verified(
    view: &IdentityView,
    attempt: &IdentityAttempt,
    person: &VerifiedPerson,
) -> Result<wire::VerifiedIdentityVerification, Fault> {
    let gender = person.gender.as_deref().and_then(wire::Gender::parse);
    let operator = person.carrier.as_deref();
    Ok(wire::VerifiedIdentityVerification {
        channel: Some(channel(&attempt.channel)?),
        custom_data: attempt.custom_data.clone(),
        id: view.verification.id.to_string(),
        pg_raw_response: person.raw.clone(),
        pg_tx_id: attempt.pg_tx_id().unwrap_or_default().to_owned(),
        requested_at: attempt.requested_at.to_string(),
        status_changed_at: whole_seconds(attempt.status_changed_at),
        updated_at: view.verification.updated_at.to_string(),
        verified_at: whole_seconds(attempt.status_changed_at),
        verified_customer: wire::IdentityVerificationVerifiedCustomer {
            birth_date: person.birth_date.clone(),
            // These two and the gender are always sent: the edition of 2024 requires them.
            ci: person.ci.clone().unwrap_or_default(),
            di: person.di.clone().unwrap_or_default(),
            gender: gender.unwrap_or(wire::Gender::Other),
            id: person.id.clone(),
            is_foreigner: person.is_foreigner,
            name: person.name.clone(),
            operator: operator.and_then(wire::IdentityVerificationOperator::parse),
            phone_number: person.phone_number.clone(),
        },
        version: wire::PortOneVersion::V2,
    })
}

fn requested(person: &RequestedPerson) -> wire::IdentityVerificationRequestedCustomer {
    wire::IdentityVerificationRequestedCustomer {
        birth_day: person.birth_day.clone(),
        birth_month: person.birth_month.clone(),
        birth_year: person.birth_year.clone(),
        id: person.id.clone(),
        name: person.name.clone(),
        phone_number: person.phone_number.clone(),
    }
}
