//! Notices from PGs: stored first, believed only after an inquiry (design 2a.8).

use naru_connector::{InboundRequest, Inquire, NoticeAnswer, Outcome, TransactionState};
use naru_domain::Timestamp;
use naru_domain::payment::AttemptState;
use naru_store::{Commit, CommitError, Condition, Query, Record as _, Versioned, tables};

use crate::jobs::JobDone;
use crate::payments::{deposit_capture, pg_tx_id};
use crate::records::{
    AttemptRecord, ChannelRecord, JobKind, JobRecord, NoticeRecord, NoticeState, Subject,
};
use crate::{Engine, Fault};

/// Looks at a notice, before the PG's word that there is no deposit counts.
const TRIES_MAX: u32 = 10;

/// What a look into a notice found.
enum Look {
    /// It has come to its end.
    Over(NoticeState),
    /// The PG's books have no such deposit, perhaps not yet.
    NoDeposit,
    /// The PG can't be asked, or the issue has no answer yet. However long that takes, the notice
    /// waits: it may be money.
    Unclear,
}

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
        // Notices are not signed: one that names another order must not pass for this one.
        let event_id = format!("{} {}", notification.order_id, notification.event_id);
        let record = NoticeRecord {
            pg: pg_provider.to_owned(),
            pg_merchant_id: merchant_id,
            event_id,
            order_id: notification.order_id,
            deposit: notification.deposit,
            received_at: self.now(),
            state: NoticeState::Waiting,
        };
        let job = notice_job(
            &record,
            channel.record.key.to_string(),
            self.clock().process(),
        );
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&record)?;
        unit.insert(&job)?;
        match self.commit(unit).await {
            Ok(()) => self.wakers().resolve().notify_one(),
            Err(CommitError::Conflict(_)) => self.take_again(record, &job).await?,
            Err(error) => return Err(error.into()),
        }
        Ok(notification.answer)
    }

    /// The same notice again: it is on disk. One that was refuted is looked into once more.
    async fn take_again(&self, again: NoticeRecord, job: &JobRecord) -> Result<(), Fault> {
        let stored = self.store().load::<NoticeRecord>(again.key()).await?;
        let Some(stored) = stored.filter(|found| found.value.state == NoticeState::Refuted) else {
            return Ok(());
        };
        let mut unit = Commit::new(self.new_uuid());
        unit.update(&Versioned {
            version: stored.version,
            value: again,
        })?;
        unit.upsert(job)?;
        match self.commit(unit).await {
            Ok(()) => self.wakers().resolve().notify_one(),
            // And again at the same time.
            Err(CommitError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
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
            Look::Over(state) => state,
            Look::NoDeposit if tries >= TRIES_MAX => NoticeState::Refuted,
            Look::NoDeposit | Look::Unclear => return Ok(JobDone::Again),
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

    async fn look_into(&self, notice: &NoticeRecord) -> Result<Look, Fault> {
        let key = vec![notice.order_id.as_str().into()];
        let Some(attempt) = self.store().load::<AttemptRecord>(key).await? else {
            return Ok(Look::Over(NoticeState::Refuted));
        };
        let AttemptRecord {
            attempt: id,
            store_id,
            subject_id,
            subject,
            ..
        } = attempt.value;
        if subject != Subject::Payment {
            return Ok(Look::Over(NoticeState::Refuted));
        }
        let payment_id = naru_domain::PaymentId::new(subject_id);
        let Some(found) = self.load_payment(&store_id, &payment_id).await? else {
            return Ok(Look::Over(NoticeState::Refuted));
        };
        let payment = found.value.0;
        let Some(attempt) = payment.attempt(id) else {
            return Ok(Look::Over(NoticeState::Refuted));
        };
        match &attempt.state {
            // The issue's own answer comes first; the notice waits in the inbox.
            AttemptState::Sending | AttemptState::Unknown { .. } => return Ok(Look::Unclear),
            AttemptState::WaitingForDeposit { .. }
            | AttemptState::Failed { .. }
            | AttemptState::Captured { .. }
            | AttemptState::Reversing { .. }
            | AttemptState::Reversed { .. } => {}
        }
        let channel = self.attempt_channel(&attempt.channel.key).await?;
        // An attempt that has failed for us may still have an account at the PG.
        let inquire = match pg_tx_id(&attempt.state) {
            Some(pg_tx_id) => Inquire::ByTransaction {
                pg_tx_id: pg_tx_id.to_owned(),
            },
            None => Inquire::ByOrder {
                order_id: id.order_id(),
            },
        };
        let transaction = match self.inquire(&channel, inquire).await? {
            Outcome::Found(transaction) => *transaction,
            Outcome::NotFound => return Ok(Look::NoDeposit),
            Outcome::Approved(_)
            | Outcome::AccountIssued(_)
            | Outcome::KeyIssued(_)
            | Outcome::Identity(_)
            | Outcome::KeyDeleted { .. }
            | Outcome::Refunded(_)
            | Outcome::AccountClosed { .. }
            | Outcome::Declined(_)
            | Outcome::Unknown(_)
            | Outcome::NotSent { .. } => return Ok(Look::Unclear),
        };
        let (TransactionState::Approved | TransactionState::Waiting, Some(deposit)) =
            (transaction.state, transaction.deposit)
        else {
            return Ok(Look::NoDeposit);
        };
        let capture = deposit_capture(transaction.approval, deposit);
        self.report_deposit(&store_id, &payment_id, id, capture)
            .await?;
        Ok(Look::Over(NoticeState::Done))
    }
}

/// Looking into a notice, at once.
fn notice_job(record: &NoticeRecord, lane: String, due_at: Timestamp) -> JobRecord {
    let kind = JobKind::Notice {
        pg: record.pg.clone(),
        pg_merchant_id: record.pg_merchant_id.clone(),
        event_id: record.event_id.clone(),
    };
    JobRecord {
        id: kind.id(),
        queue: kind.queue(),
        lane,
        due_at,
        lease_until: None,
        tries: 0,
        kind,
    }
}

fn refuse(pg: &str, rejected: &naru_connector::Rejected) -> NoticeAnswer {
    tracing::warn!(pg, reason = rejected.reason, "a notice was refused");
    rejected.answer.clone()
}
