//! Notices from PGs: stored first, believed only after an inquiry (design 2a.8).

use naru_connector::{InboundRequest, Inquire, NoticeAnswer, Outcome, TransactionState};
use naru_domain::payment::AttemptState;
use naru_store::{Commit, CommitError, Condition, Query, Versioned, tables};

use crate::jobs::JobDone;
use crate::payments::{deposit_capture, pg_tx_id};
use crate::records::{
    AttemptRecord, ChannelRecord, JobKind, JobRecord, NoticeRecord, NoticeState, Subject,
};
use crate::{Engine, Fault};

/// Looks at a notice, before it counts as refuted.
const TRIES_MAX: u32 = 10;

impl Engine {
    /// Takes a notice in. The PG gets the answer its protocol wants only once it is on disk.
    pub async fn take_notice(
        &self,
        pg_provider: &str,
        request: &InboundRequest,
    ) -> Result<NoticeAnswer, Fault> {
        let connector = self.connector(pg_provider).ok_or(Fault::ChannelNotFound)?;
        let merchant_id = match connector.notice_merchant(request) {
            Ok(merchant_id) => merchant_id,
            Err(rejected) => return Ok(refuse(pg_provider, &rejected)),
        };
        let query = Query::of(&tables::CHANNELS, 1)
            .and(Condition::Is("pg", pg_provider.into()))
            .and(Condition::Is("pg_merchant_id", merchant_id.as_str().into()));
        let Some(channel) = self
            .store()
            .list::<ChannelRecord>(query)
            .await?
            .into_iter()
            .next()
        else {
            tracing::warn!(
                pg = pg_provider,
                "a notice for a merchant id that is not ours"
            );
            return Err(Fault::ChannelNotFound);
        };
        let channel = self.open_channel(channel.value)?;
        let notification = match connector.read_notification(request, &channel.settings) {
            Ok(notification) => notification,
            Err(rejected) => return Ok(refuse(pg_provider, &rejected)),
        };
        let record = NoticeRecord {
            pg: pg_provider.to_owned(),
            pg_merchant_id: merchant_id.clone(),
            event_id: notification.event_id.clone(),
            order_id: notification.order_id,
            deposit: notification.deposit,
            received_at: self.now(),
            state: NoticeState::Waiting,
        };
        let kind = JobKind::Notice {
            pg: record.pg.clone(),
            pg_merchant_id: merchant_id,
            event_id: notification.event_id,
        };
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&record)?;
        unit.insert(&JobRecord {
            id: kind.id(),
            queue: kind.queue(),
            lane: channel.record.key.to_string(),
            due_at: self.clock().process(),
            lease_until: None,
            tries: 0,
            kind,
        })?;
        match self.commit(unit).await {
            Ok(()) => self.wakers().resolve().notify_one(),
            // The same notice again: it is on disk.
            Err(CommitError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(notification.answer)
    }

    /// Looks into a notice: state moves only on what an inquiry says.
    pub(crate) async fn run_notice(
        &self,
        (pg, pg_merchant_id, event_id): (&str, &str, &str),
        tries: u32,
    ) -> Result<JobDone, Fault> {
        let key = vec![pg.into(), pg_merchant_id.into(), event_id.into()];
        let Some(found) = self.store().load::<NoticeRecord>(key).await? else {
            return Ok(JobDone::Finished);
        };
        if found.value.state != NoticeState::Waiting {
            return Ok(JobDone::Finished);
        }
        let state = match self.look_into(&found.value).await? {
            Some(state) => state,
            None if tries >= TRIES_MAX => NoticeState::Refuted,
            None => return Ok(JobDone::Again),
        };
        if state == NoticeState::Refuted {
            tracing::warn!(
                pg,
                order.id = found.value.order_id,
                "a notice was not confirmed"
            );
        }
        let mut unit = Commit::new(self.new_uuid());
        let value = NoticeRecord {
            state,
            ..found.value
        };
        unit.update(&Versioned {
            version: found.version,
            value,
        })?;
        match self.commit(unit).await {
            Ok(()) => Ok(JobDone::Finished),
            Err(CommitError::Conflict(_)) => Ok(JobDone::Again),
            Err(error) => Err(error.into()),
        }
    }

    async fn look_into(&self, notice: &NoticeRecord) -> Result<Option<NoticeState>, Fault> {
        let key = vec![notice.order_id.as_str().into()];
        let Some(attempt) = self.store().load::<AttemptRecord>(key).await? else {
            return Ok(Some(NoticeState::Refuted));
        };
        let AttemptRecord {
            attempt: id,
            store_id,
            subject_id,
            subject,
            ..
        } = attempt.value;
        if subject != Subject::Payment {
            return Ok(Some(NoticeState::Refuted));
        }
        let payment_id = naru_domain::PaymentId::new(subject_id);
        let Some(found) = self.load_payment(&store_id, &payment_id).await? else {
            return Ok(Some(NoticeState::Refuted));
        };
        let payment = found.value.0;
        let Some(attempt) = payment.attempt(id) else {
            return Ok(Some(NoticeState::Refuted));
        };
        match &attempt.state {
            // The issue's own answer comes first; the notice waits in the inbox.
            AttemptState::Sending | AttemptState::Unknown { .. } => return Ok(None),
            AttemptState::WaitingForDeposit { .. }
            | AttemptState::Failed { .. }
            | AttemptState::Captured { .. }
            | AttemptState::Reversing { .. }
            | AttemptState::Reversed { .. } => {}
        }
        let Some(pg_tx_id) = pg_tx_id(&attempt.state) else {
            return Ok(Some(NoticeState::Refuted));
        };
        let channel = self.attempt_channel(&attempt.channel.key).await?;
        let inquire = Inquire::ByTransaction {
            pg_tx_id: pg_tx_id.to_owned(),
        };
        let Outcome::Found(transaction) = self.inquire(&channel, inquire).await? else {
            return Ok(None);
        };
        let (TransactionState::Approved | TransactionState::Waiting, Some(deposit)) =
            (transaction.state, transaction.deposit)
        else {
            return Ok(None);
        };
        let capture = deposit_capture(transaction.approval, deposit);
        self.report_deposit(&store_id, &payment_id, id, capture)
            .await?;
        Ok(Some(NoticeState::Done))
    }
}

fn refuse(pg: &str, rejected: &naru_connector::Rejected) -> NoticeAnswer {
    tracing::warn!(pg, reason = rejected.reason, "a notice was refused");
    rejected.answer.clone()
}
