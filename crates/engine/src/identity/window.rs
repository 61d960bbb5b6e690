//! Windows in which a PG identifies a person: opening, and what the page of one shows.
//!
//! Some PGs are told of a window before it opens; the attempt is on disk before that. The page's
//! form is made anew from the attempt each time. A window gives way to any newer request of its id.

use naru_connector::{
    Device, ExpectedPerson, IdentityOperation, OpenIdentityWindow, Operation, OperationKind,
    WindowForm,
};
use naru_domain::identity::{
    IdentityAttempt, IdentityMethod, IdentityState, IdentityVerification, IdentityWindow,
};
use naru_domain::payment::Origin;
use naru_domain::{
    AttemptId, ChannelKey, Currency, IdentityVerificationId, Opener, StoreId, Timestamp,
};

use super::send::send_outcome;
use super::{ANSWER_MS, Ending, Place, RequestedPerson};
use crate::directory::OpenChannel;
use crate::exchange::refusal;
use crate::payments::CallContext;
use crate::records::{AttemptRecord, IdentityJob, JobKind, Subject};
use crate::windows::{OpenedWindow, WindowPage, WindowState, WindowSubject, platform_of};
use crate::{Engine, Fault};

/// A window asked for in which a person is identified.
#[derive(Debug, Clone)]
pub struct OpenIdentity {
    /// The merchant's id for the verification.
    pub id: IdentityVerificationId,
    /// Through which channel.
    pub channel: ChannelKey,
    /// Whom the merchant expects, which may be nobody.
    pub person: RequestedPerson,
    /// The contract's code of the expected carrier.
    pub carrier: Option<String>,
    /// The merchant's own text.
    pub custom_data: Option<String>,
    /// The merchant's own id for it on the V1 face.
    pub merchant_uid: Option<String>,
    /// In which kind of browser.
    pub device: Device,
    /// The page that opens it, if one does.
    pub opener: Option<Opener>,
    /// The PG's own parameters: JSON.
    pub bypass: Option<String>,
}

impl Engine {
    /// Opens a window in which a person is identified.
    pub async fn open_identity_window(
        &self,
        context: CallContext,
        request: OpenIdentity,
    ) -> Result<OpenedWindow, Fault> {
        let channel = self.live_channel(&context.store, &request.channel).await?;
        let place = (&context.store.id, &request.id);
        let attempt = self.identity_window_attempt(&context, &request, &channel)?;
        let window = self.connector_window(place, &attempt)?;
        let operation = Operation::Identity(IdentityOperation::Prepare(window));
        let mut exchange = self.begin(&channel, &operation)?;
        let job = JobKind::Identity(IdentityJob::EndSend {
            store_id: context.store.id.clone(),
            verification: request.id.clone(),
            attempt: attempt.id,
            idempotency: None,
        });
        self.commit_send_intent(&context, &request.id, (&attempt, &job))
            .await?;
        exchange.answer_by = Some(self.clock().process().plus_millis(ANSWER_MS));
        let outcome = send_outcome(self.drive(exchange, None).await.into());
        let ending = Ending {
            record: None,
            job: Some(&job),
        };
        self.report_send(place, attempt.id, outcome, ending).await?;
        let found = self.load_identity(place).await?;
        let attempt = found
            .as_ref()
            .and_then(|found| found.value.0.attempt(attempt.id));
        let attempt = attempt.ok_or(Fault::IdentityVerificationNotFound)?;
        let IdentityState::Sent { expires_at, .. } = attempt.state else {
            return Err(Fault::Unavailable {
                detail: "the window ended before it was opened".to_owned(),
            });
        };
        Ok(OpenedWindow {
            attempt: attempt.id,
            page_url: self.window_url(attempt.id),
            form: self.identity_form(place, attempt, &channel)?,
            expires_at,
        })
    }

    fn identity_window_attempt(
        &self,
        context: &CallContext,
        request: &OpenIdentity,
        channel: &OpenChannel,
    ) -> Result<IdentityAttempt, Fault> {
        let now = self.now();
        Ok(IdentityAttempt {
            id: AttemptId::new(self.new_uuid()),
            channel: channel.record.snapshot(),
            origin: Origin {
                platform: platform_of(request.device),
                ..context.origin.clone()
            },
            method: IdentityMethod::Window,
            carrier: request.carrier.clone().unwrap_or_default(),
            window: Some(IdentityWindow {
                face: context.face,
                opener: request.opener.clone(),
                bypass: request.bypass.clone(),
            }),
            custom_data: request.custom_data.clone(),
            merchant_uid: request.merchant_uid.clone(),
            person: self.seal_person((&context.store.id, &request.id), &request.person)?,
            keys: self.requested_keys(&context.store.merchant_id, &request.person),
            address_key: None,
            requested_at: now,
            status_changed_at: now,
            state: IdentityState::Sending,
        })
    }

    /// The window of an attempt, as connectors see it.
    pub(super) fn connector_window(
        &self,
        place: Place<'_>,
        attempt: &IdentityAttempt,
    ) -> Result<OpenIdentityWindow, Fault> {
        let person: RequestedPerson = self.open_person(place, &attempt.person)?;
        let birth_date = match (person.birth_year, person.birth_month, person.birth_day) {
            (Some(year), Some(month), Some(day)) => Some(format!("{year}{month}{day}")),
            _ => None,
        };
        let bypass = attempt.window.as_ref().and_then(|it| it.bypass.as_deref());
        let bypass = bypass.map(serde_json::from_str).transpose();
        Ok(OpenIdentityWindow {
            order_id: attempt.id.order_id(),
            person: ExpectedPerson {
                id: person.id,
                name: person.name,
                phone_number: person.phone_number,
                birth_date,
                carrier: Some(attempt.carrier.clone()).filter(|code| !code.is_empty()),
            },
            device: crate::windows::device_of(&attempt.origin),
            bypass: bypass
                .map_err(|error| Fault::internal(error.to_string()))?
                .unwrap_or_default(),
            return_url: self.short_return_url(attempt.id),
        })
    }

    fn identity_form(
        &self,
        place: Place<'_>,
        attempt: &IdentityAttempt,
        channel: &OpenChannel,
    ) -> Result<WindowForm, Fault> {
        let window = self.connector_window(place, attempt)?;
        let pg_tx_id = attempt.pg_tx_id().unwrap_or_default();
        let connector = self.connector_of(channel)?;
        connector
            .capabilities()
            .check(OperationKind::OpenIdentityWindow, &channel.settings)
            .and_then(|()| {
                connector.open_identity_window(&window, pg_tx_id, &self.call_at(channel))
            })
            .map_err(refusal)
    }

    /// The verification of a window, and the id of its store.
    pub(super) async fn identity_in_window(
        &self,
        attempt: AttemptId,
    ) -> Result<IdentityVerification, Fault> {
        let key = vec![attempt.order_id().into()];
        let found = self.store().load::<AttemptRecord>(key).await?;
        let record = found
            .map(|found| found.value)
            .filter(|record| record.subject == Subject::IdentityVerification)
            .ok_or(Fault::IdentityVerificationNotFound)?;
        let id = IdentityVerificationId::new(record.subject_id);
        let found = self.load_identity((&record.store_id, &id)).await?;
        found
            .map(|found| found.value.0)
            .filter(|found| {
                let attempt = found.attempt(attempt);
                attempt.is_some_and(|attempt| attempt.window.is_some())
            })
            .ok_or(Fault::IdentityVerificationNotFound)
    }

    /// What the page of a window shows.
    pub(crate) async fn page_of_identity(&self, id: AttemptId) -> Result<WindowPage, Fault> {
        let mut found = self.identity_in_window(id).await?;
        if is_over(&found, id, self.now()) {
            self.expire_identity((&found.store_id, &found.id), id)
                .await?;
            found = self.identity_in_window(id).await?;
        }
        // Whoever is verified is so in every window of theirs.
        let own = found.attempt(id);
        let shown = found.verified().or(own);
        let (Some(own), Some(shown)) = (own, shown) else {
            return Err(Fault::IdentityVerificationNotFound);
        };
        let place = (&found.store_id, &found.id);
        let state = match &shown.state {
            IdentityState::Sending => WindowState::Busy,
            // The browser was back, and the PG is asked.
            IdentityState::Sent { confirms, .. } if *confirms > 0 => WindowState::Busy,
            IdentityState::Sent { .. } => {
                let channel = self.attempt_channel(&shown.channel.key).await?;
                WindowState::Open(self.identity_form(place, shown, &channel)?)
            }
            IdentityState::Verified { .. } => WindowState::Verified,
            IdentityState::Failed { failure, .. } => WindowState::Failed(failure.clone()),
        };
        let window = own.window.as_ref();
        let window = window.ok_or(Fault::IdentityVerificationNotFound)?;
        Ok(WindowPage {
            shop: self.shop_of(&found.store_id).await?,
            name: String::new(),
            total: 0,
            discount: 0,
            currency: Currency::krw(),
            store_id: found.store_id.clone(),
            subject: WindowSubject::IdentityVerification {
                id: found.id.clone(),
                attempt: shown.id,
                merchant_uid: shown.merchant_uid.clone(),
                pg_provider: shown.channel.pg_provider.clone(),
            },
            face: window.face,
            opener: window.opener.clone(),
            is_test: own.channel.is_test,
            state,
        })
    }

    async fn shop_of(&self, store_id: &StoreId) -> Result<String, Fault> {
        let store = self.store_record(store_id).await?;
        let store = store.ok_or(Fault::IdentityVerificationNotFound)?;
        Ok(store.name.clone())
    }
}

/// Whether nobody came back in time.
fn is_over(found: &IdentityVerification, attempt: AttemptId, now: Timestamp) -> bool {
    let state = found.attempt(attempt).map(|one| &one.state);
    matches!(state, Some(IdentityState::Sent { expires_at, .. }) if *expires_at <= now)
}
