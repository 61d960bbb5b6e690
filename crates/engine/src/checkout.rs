//! The hosted checkout's server side: what profiles offer, and payment sessions.
//!
//! Making a session makes no payment: that begins when the customer begins to pay.

use naru_domain::checkout::{CheckoutMethod, PaymentSession};
use naru_domain::{ChannelKey, Currency};
use naru_store::{Commit, CommitError, Condition, Versioned, Write, tables};

use crate::payments::CallContext;
use crate::records::{CheckoutProfileRecord, PaymentSessionRecord};
use crate::{Answer, Caller, Engine, Fault};

/// How long an ended session is kept, in seconds of the business clock: until then its readers
/// hear that it has ended, later that there is none.
const KEPT_S: i64 = 30 * 86_400;
const TRIES: u32 = 20;

/// A session to create; ids and times are made.
#[derive(Debug, Clone)]
pub struct NewPaymentSession {
    /// What it says. Id, store and times are the engine's.
    pub session: PaymentSession,
    /// For how long, in seconds.
    pub ttl_s: Option<i64>,
}

impl Engine {
    /// `GET /checkout-profiles/evaluate`: methods with their channels, in the profile's order.
    pub async fn evaluate_profile(
        &self,
        key: &str,
        (country, currency, amount): (&str, &Currency, i64),
    ) -> Result<Vec<(String, ChannelKey)>, Fault> {
        let profile = self
            .load_profile(key)
            .await?
            .ok_or(Fault::ProfileSettingsNotFound)?;
        let store = self
            .store_record(&profile.value.0.store_id)
            .await?
            .ok_or(Fault::ProfileSettingsNotFound)?;
        let mut offered = Vec::new();
        for method in profile.value.0.methods {
            if !method.fits(country, currency, amount) {
                continue;
            }
            match self.live_channel(&store, &method.channel).await {
                Ok(_) => offered.push((method.method, method.channel)),
                // Switched off: nobody can pay through it.
                Err(Fault::ChannelNotFound) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(offered)
    }

    pub(crate) async fn load_profile(
        &self,
        key: &str,
    ) -> Result<Option<Versioned<CheckoutProfileRecord>>, Fault> {
        Ok(self.store().load(vec![key.into()]).await?)
    }

    /// `POST /payment-sessions`.
    pub async fn create_payment_session(
        &self,
        context: CallContext,
        new: NewPaymentSession,
    ) -> Result<Answer, Fault> {
        let config = self.config();
        let ttl_s = new
            .ttl_s
            .unwrap_or_else(|| config.session_ttl_default_s.min(config.session_ttl_max_s));
        if ttl_s > config.session_ttl_max_s {
            return Err(Fault::MaxTtlExceeded {
                max_s: config.session_ttl_max_s,
            });
        }
        let profile = self
            .load_profile(&new.session.profile_key)
            .await?
            .filter(|found| found.value.0.store_id == context.store.id)
            .ok_or_else(|| {
                Fault::invalid("`profileKey`: expected the key of a checkout profile of the store")
            })?;
        let session = &new.session;
        if let Some(chosen) = &session.payment_method {
            let is_offered = |one: &CheckoutMethod| {
                one.method == *chosen
                    && one.fits(&session.country, &session.currency, session.total_amount)
            };
            if !profile.value.0.methods.iter().any(is_offered) {
                return Err(Fault::invalid(
                    "`paymentMethod`: expected one that the profile offers for the country, the \
                     currency and the amount",
                ));
            }
        }
        let now = self.now();
        let session = PaymentSession {
            id: format!("payment-session-{}", self.random_uuid()),
            store_id: context.store.id.clone(),
            created_at: now,
            expires_at: now.plus_seconds(ttl_s),
            closed_at: None,
            ..new.session
        };
        let answer = Answer::PaymentSessionCreated {
            url: self.checkout_url(&session.id),
            id: session.id.clone(),
            expires_at: session.expires_at,
        };
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&PaymentSessionRecord(session))?;
        self.done_record(&mut unit, context.ticket.as_ref(), &answer)?;
        match self.commit(unit).await {
            Ok(()) => Ok(answer),
            Err(CommitError::Conflict(_)) => Err(Fault::IdempotencyOutstandingRequest),
            Err(error) => Err(error.into()),
        }
    }

    /// Where customers pay a session.
    fn checkout_url(&self, id: &str) -> String {
        let base = self.config().public_url.trim_end_matches('/');
        format!("{base}/checkout/{id}")
    }

    /// `GET /payment-sessions/{sessionId}`: whoever knows the id may read it.
    pub async fn payment_session(&self, id: &str) -> Result<PaymentSession, Fault> {
        let found = self.load_session(id).await?;
        let session = found.ok_or(Fault::SessionNotFound)?.value.0;
        if session.is_over(self.now()) {
            return Err(Fault::SessionExpired);
        }
        Ok(session)
    }

    /// `POST /payment-sessions/{sessionId}/close`: the first time counts.
    pub async fn close_payment_session(
        &self,
        (caller, context): (Caller, CallContext),
        id: &str,
    ) -> Result<Answer, Fault> {
        for _ in 0..TRIES {
            let mut found = self.load_session(id).await?.ok_or(Fault::SessionNotFound)?;
            let session = &mut found.value.0;
            // What a caller may not see, it can't tell from what doesn't exist (P9).
            match self
                .store_for(&caller, Some(session.store_id.as_str()))
                .await
            {
                Ok(_) => {}
                Err(Fault::Forbidden) => return Err(Fault::SessionNotFound),
                Err(fault) => return Err(fault),
            }
            let is_news = session.closed_at.is_none();
            let at = *session.closed_at.get_or_insert(self.now());
            let answer = Answer::PaymentSessionClosed { at };
            let mut unit = Commit::new(self.new_uuid());
            if is_news {
                unit.update(&found)?;
            }
            self.done_record(&mut unit, context.ticket.as_ref(), &answer)?;
            match self.commit(unit).await {
                Ok(()) => return Ok(answer),
                Err(CommitError::Conflict("idempotency")) => {
                    return Err(Fault::IdempotencyOutstandingRequest);
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Fault::Unavailable {
            detail: "too many concurrent changes".to_owned(),
        })
    }

    async fn load_session(
        &self,
        id: &str,
    ) -> Result<Option<Versioned<PaymentSessionRecord>>, Fault> {
        Ok(self.store().load(vec![id.into()]).await?)
    }

    /// Deletes sessions that ended long ago.
    pub async fn sweep_payment_sessions(&self) -> Result<(), Fault> {
        let before = self.now().plus_seconds(-KEPT_S);
        let mut unit = Commit::new(self.new_uuid());
        unit.writes.push(Write::DeleteWhere(
            &tables::PAYMENT_SESSIONS,
            vec![Condition::Below("ends_at", before.into())],
        ));
        Ok(self.commit(unit).await?)
    }

    /// `GET /payment-gateways/card-promotion`: those of the PG itself. Only KCP has them; of
    /// another PG's channel it is known that there are none, of KCP's they would have to be asked
    /// for, and no connector of this version can.
    pub async fn pg_card_promotions(
        &self,
        caller: &Caller,
        channel: &ChannelKey,
    ) -> Result<(), Fault> {
        let channel = self.any_channel(channel).await?;
        let channel = channel.ok_or(Fault::ChannelNotFound)?;
        let owner = channel.record.store_id.as_str();
        let is_parents = caller
            .store()
            .parent
            .as_ref()
            .map(naru_domain::StoreId::as_str)
            == Some(owner);
        if !is_parents {
            match self.store_for(caller, Some(owner)).await {
                Ok(_) => {}
                Err(Fault::Forbidden) => return Err(Fault::ChannelNotFound),
                Err(fault) => return Err(fault),
            }
        }
        if channel.record.pg_provider == PG_WITH_PROMOTIONS {
            return Err(Fault::invalid(
                "`channelKey`: this server can't ask the payment gateway for its card promotions",
            ));
        }
        Ok(())
    }
}

/// The only PG of the contract that has card promotions of its own.
const PG_WITH_PROMOTIONS: &str = "KCP_V2";
