//! Notices from PGs: stored first, believed only after an inquiry (design 2a.8).

use naru_connector::{
    DepositNotice, EscrowNotice, InboundRequest, Inquire, NoticeAnswer, NoticeContent, Outcome,
    Transaction, TransactionState,
};
use naru_domain::payment::{Attempt, AttemptState, Command, Discrepancy, Payment};
use naru_domain::{PaymentId, StoreId, Timestamp};
use naru_store::{Commit, CommitError, Condition, Query, Record as _, Versioned, tables};

use crate::jobs::JobDone;
use crate::payments::{deposit_capture, pg_tx_id};
use crate::records::{
    AttemptRecord, ChannelRecord, JobKind, JobRecord, NoticeRecord, NoticeState, Subject,
};
use crate::{Engine, Fault};

/// Looks at a notice, before the PG's word that there is no deposit counts.
const TRIES_MAX: u32 = 10;

/// Notices of one order that are looked through: one is enough to know.
const NOTICES_MAX: u32 = 100;

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
        let (deposit, escrow) = match notification.content {
            NoticeContent::Deposit(deposit) => (Some(deposit), None),
            NoticeContent::Escrow(escrow) => (None, Some(escrow)),
            NoticeContent::Nothing => return Ok(notification.answer),
        };
        let record = NoticeRecord {
            pg: pg_provider.to_owned(),
            pg_merchant_id: merchant_id,
            event_id,
            order_id: notification.order_id,
            deposit,
            escrow,
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
        let payment_id = PaymentId::new(subject_id);
        let Some(found) = self.load_payment(&store_id, &payment_id).await? else {
            return Ok(Look::Over(NoticeState::Refuted));
        };
        let payment = found.value.0;
        let Some(attempt) = payment.attempt(id) else {
            return Ok(Look::Over(NoticeState::Refuted));
        };
        match &attempt.state {
            // The issue's own answer comes first; the notice waits in the inbox.
            AttemptState::Ready
            | AttemptState::AwaitingConfirm { .. }
            | AttemptState::Sending
            | AttemptState::Unknown { .. } => return Ok(Look::Unclear),
            AttemptState::WaitingForDeposit { .. }
            | AttemptState::Failed { .. }
            | AttemptState::Captured { .. }
            | AttemptState::Reversing { .. }
            | AttemptState::Reversed { .. } => {}
        }
        let about = About {
            store_id: &store_id,
            payment_id: &payment_id,
            attempt,
        };
        if let Some(escrow) = &notice.escrow {
            return self.look_into_escrow(&about, (notice, escrow)).await;
        }
        let Some(deposit) = &notice.deposit else {
            return Ok(Look::Over(NoticeState::Refuted));
        };
        self.look_into_deposit(&about, (notice, deposit)).await
    }

    async fn look_into_deposit(
        &self,
        about: &About<'_>,
        (notice, said): (&NoticeRecord, &DepositNotice),
    ) -> Result<Look, Fault> {
        let attempt = about.attempt;
        let channel = self.attempt_channel(&attempt.channel.key).await?;
        // An attempt that has failed for us may still have an account at the PG.
        let inquire = match pg_tx_id(&attempt.state) {
            Some(pg_tx_id) => Inquire::ByTransaction {
                pg_tx_id: pg_tx_id.to_owned(),
            },
            None => Inquire::ByOrder {
                order_id: attempt.id.order_id(),
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
            | Outcome::Acted(_)
            | Outcome::Receipt(_)
            | Outcome::Refunded(_)
            | Outcome::AccountClosed { .. }
            | Outcome::Declined(_)
            | Outcome::Unknown(_)
            | Outcome::NotSent { .. } => return Ok(Look::Unclear),
        };
        self.take_deposit(about, (notice, said), transaction).await
    }

    /// What the PG's books show of a deposit counts; what the notice says besides is kept.
    async fn take_deposit(
        &self,
        about: &About<'_>,
        (notice, said): (&NoticeRecord, &DepositNotice),
        transaction: Transaction,
    ) -> Result<Look, Fault> {
        let (state, refunded) = (transaction.state, transaction.cancelled_total);
        let Some(mut deposit) = transaction.deposit else {
            return Ok(Look::NoDeposit);
        };
        let (store_id, payment_id, id) = (about.store_id, about.payment_id, about.attempt.id);
        let (amount, at) = (deposit.amount, deposit.at);
        if deposit.cash_receipt.is_none() && said.amount == amount {
            deposit.cash_receipt = said.cash_receipt.clone();
        }
        let receipt = deposit.cash_receipt.clone();
        match state {
            TransactionState::Approved | TransactionState::Waiting => {
                let capture = deposit_capture(transaction.approval, deposit);
                self.report_deposit(store_id, payment_id, id, capture)
                    .await?;
            }
            // Money on an account that was closed: the PG's books don't count it as paid.
            TransactionState::Cancelled if refunded == 0 => {
                let due = about.attempt.charged().total;
                let discrepancy = Discrepancy::WrongDeposit { due, paid: amount };
                self.note(about, discrepancy).await?;
            }
            // It came and went back since.
            TransactionState::Cancelled => {}
            TransactionState::Declined => return Ok(Look::NoDeposit),
        }
        if let Some(issued) = receipt {
            let found = |_: &Payment| Command::ReceiptFound {
                attempt: id,
                issued: issued.clone(),
            };
            self.commit_news(store_id, payment_id, found).await?;
        }
        if !self.is_same_deposit(notice, said, (amount, at)).await? {
            let discrepancy = Discrepancy::SecondDeposit {
                amount: said.amount,
                pg_deposit_id: said.pg_deposit_id.clone(),
            };
            self.note(about, discrepancy).await?;
        }
        Ok(Look::Over(NoticeState::Done))
    }

    /// Whether a notice is about the deposit that the PG's books show: they show one. Where time
    /// tells nothing, the only notice of an order is about its only deposit.
    async fn is_same_deposit(
        &self,
        notice: &NoticeRecord,
        said: &DepositNotice,
        (amount, at): (i64, Timestamp),
    ) -> Result<bool, Fault> {
        if said.amount != amount {
            return Ok(false);
        }
        if said.at == at {
            return Ok(true);
        }
        let query = Query::of(&tables::NOTICES, NOTICES_MAX)
            .and(Condition::Is("order_id", notice.order_id.as_str().into()))
            .and(Condition::In(
                "state",
                vec!["WAITING".into(), "DONE".into()],
            ));
        let others = self.store().list::<NoticeRecord>(query).await?;
        Ok(!others.iter().any(|other| {
            let other = &other.value;
            other.deposit.is_some() && other.event_id != notice.event_id
        }))
    }

    async fn note(&self, about: &About<'_>, discrepancy: Discrepancy) -> Result<bool, Fault> {
        let note = |_: &Payment| Command::Note {
            attempt: about.attempt.id,
            discrepancy: discrepancy.clone(),
        };
        self.commit_news(about.store_id, about.payment_id, note)
            .await
    }

    /// No inquiry tells an escrow's state. The notice is taken at its word if it knows what only
    /// the PG and we know of the payment, and its connector has looked at the sender.
    async fn look_into_escrow(
        &self,
        about: &About<'_>,
        (record, notice): (&NoticeRecord, &EscrowNotice),
    ) -> Result<Look, Fault> {
        let attempt = about.attempt;
        // Whose addresses were looked at is the merchant id's: it must be the payment's.
        let is_ours = attempt.channel.pg_merchant_id == record.pg_merchant_id
            && pg_tx_id(&attempt.state) == Some(notice.pg_tx_id.as_str())
            && notice
                .amount
                .is_none_or(|amount| amount == attempt.charged().total);
        let is_captured = matches!(attempt.state, AttemptState::Captured { .. });
        if !is_ours || !is_captured {
            return Ok(Look::Over(NoticeState::Refuted));
        }
        let news = |_: &Payment| Command::EscrowNews {
            attempt: attempt.id,
            state: notice.state,
        };
        self.commit_news(about.store_id, about.payment_id, news)
            .await?;
        Ok(Look::Over(NoticeState::Done))
    }
}

/// What a notice is about.
struct About<'a> {
    store_id: &'a StoreId,
    payment_id: &'a PaymentId,
    attempt: &'a Attempt,
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
        refusals: 0,
        kind,
    }
}

fn refuse(pg: &str, rejected: &naru_connector::Rejected) -> NoticeAnswer {
    tracing::warn!(pg, reason = rejected.reason, "a notice was refused");
    rejected.answer.clone()
}
