//! Identity verifications that operations find and show.

use naru_domain::IdentityVerificationId;
use naru_engine::Fault;
use naru_engine::identity::IdentityView;

use crate::call::Call;
use crate::messages;
use crate::refused::{Refused, pg_words};

/// The id in the path.
pub(super) fn id(call: &Call) -> IdentityVerificationId {
    IdentityVerificationId::new(call.path_text(0))
}

/// The verification in the path.
pub(super) async fn found(call: &Call) -> Result<IdentityView, Refused> {
    let id = id(call);
    let found = call.engine.identity_verification(call.store_id(), &id);
    found.await.map_err(refused)
}

pub(super) fn refused(fault: Fault) -> Refused {
    match fault {
        Fault::IdentityVerificationNotFound => {
            Refused::NotFound(messages::NO_CERTIFICATION.to_owned())
        }
        Fault::IdentityVerificationAlreadyVerified => {
            Refused::Bad(messages::ALREADY_CERTIFIED.to_owned())
        }
        Fault::IdentityVerificationNotSent => Refused::Bad(messages::NOTHING_TO_CERTIFY.to_owned()),
        Fault::ChannelNotFound => Refused::Bad(messages::NO_CHANNEL.to_owned()),
        fault @ Fault::PgProvider { .. } => Refused::Status(500, pg_words(&fault)),
        Fault::TooManyRequests { .. } => Refused::Bad(fault.to_string()),
        other => other.into(),
    }
}
