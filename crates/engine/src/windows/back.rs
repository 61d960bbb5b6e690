//! The customer's return from a window.

use std::sync::Arc;

use naru_connector::{InboundRequest, Returned};
use naru_domain::payment::{
    Attempt, AttemptState, Command, Failure, Payment, WindowApproval, WindowReturn,
};
use naru_domain::{AttemptId, PaymentId, Timestamp};
use naru_store::{Commit, Write};

use crate::directory::OpenChannel;
use crate::payments::{CALLERS_PATIENCE_MS, Intent, Running};
use crate::records::{AttemptRecord, AuthenticationRecord, StoreRecord, Subject};
use crate::{Answer, Engine, Fault};

/// What became of a window, as its page tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WindowEnd {
    /// Paid, or a virtual account was issued.
    Done {
        /// The PG's id.
        pg_tx_id: String,
        /// When.
        paid_at: Timestamp,
    },
    /// The merchant has to confirm.
    NeedsConfirmation {
        /// By this; of a window that issues a billing key besides, the token of that.
        payment_token: String,
    },
    /// It failed, or its outcome is not known yet.
    Failed(Failure),
}

/// A customer who came back from a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Back {
    /// The payment.
    pub payment_id: PaymentId,
    /// The attempt.
    pub attempt: AttemptId,
    /// What became of it.
    pub end: WindowEnd,
}

/// A payment whose attempt began in a window.
pub(super) struct Opened {
    pub(super) store: Arc<StoreRecord>,
    pub(super) payment: Payment,
    pub(super) attempt: Attempt,
    pub(super) channel: Arc<OpenChannel>,
}

impl Engine {
    /// Takes what a browser brought back from the window of an attempt. Brought again, it changes
    /// nothing, and the answer is what became of the attempt.
    pub async fn window_returned(
        &self,
        id: AttemptId,
        request: InboundRequest,
    ) -> Result<Back, Fault> {
        let opened = self.opened_window(id).await?;
        let (outcome, kept) = match opened.attempt.state {
            AttemptState::Ready => self.read_return(&opened, &request)?,
            AttemptState::AwaitingConfirm { .. }
            | AttemptState::Sending
            | AttemptState::Unknown { .. }
            | AttemptState::WaitingForDeposit { .. }
            | AttemptState::Captured { .. }
            | AttemptState::Failed { .. }
            | AttemptState::Reversing { .. }
            | AttemptState::Reversed { .. } => {
                return Ok(self.back_of(&opened.payment, &opened.attempt));
            }
        };
        let running = self.running(&opened);
        self.take_return(&running, (outcome, kept)).await?;
        let opened = self.opened_window(id).await?;
        let approval = opened.attempt.window.as_ref().map(|it| &it.approval);
        match (&opened.attempt.state, approval) {
            (AttemptState::Sending, _) => {
                let answer = self.approve_window(&running).await;
                ended(&opened, answer)
            }
            (AttemptState::AwaitingConfirm { .. }, Some(WindowApproval::ByUrl { url })) => {
                let answer = self.confirm_by_url(&running, &opened.attempt, url).await;
                ended(&opened, answer)
            }
            _ => Ok(self.back_of(&opened.payment, &opened.attempt)),
        }
    }

    /// Ends a window that the customer left. One that has come back already is not touched.
    pub(super) async fn leave_window(&self, opened: &Opened) -> Result<(), Fault> {
        self.take_return(&self.running(opened), (Err(super::left()), Vec::new()))
            .await
    }

    fn running(&self, opened: &Opened) -> Running {
        Running {
            store: Arc::clone(&opened.store),
            payment_id: opened.payment.id.clone(),
            attempt: opened.attempt.id,
            channel: Arc::clone(&opened.channel),
            ticket: None,
            started_at: self.clock().process(),
            patience_ms: CALLERS_PATIENCE_MS,
            intent: Intent::default(),
        }
    }

    pub(super) async fn opened_window(&self, id: AttemptId) -> Result<Opened, Fault> {
        let opened = self.opened_attempt(id).await?;
        if opened.attempt.window.is_none() {
            return Err(Fault::PaymentNotFound);
        }
        Ok(opened)
    }

    /// An attempt of a payment, and what belongs to it.
    pub(super) async fn opened_attempt(&self, id: AttemptId) -> Result<Opened, Fault> {
        let key = vec![id.order_id().into()];
        let found = self.store().load::<AttemptRecord>(key).await?;
        let found = found
            .map(|found| found.value)
            .filter(|record| record.subject == Subject::Payment)
            .ok_or(Fault::PaymentNotFound)?;
        let payment_id = PaymentId::new(found.subject_id);
        let payment = self.load_payment(&found.store_id, &payment_id).await?;
        let payment = payment.ok_or(Fault::PaymentNotFound)?.value.0;
        let attempt = payment.attempt(id).cloned().ok_or(Fault::PaymentNotFound)?;
        let store = self.store_record(&found.store_id).await?;
        Ok(Opened {
            store: store.ok_or(Fault::PaymentNotFound)?,
            channel: self.attempt_channel(&attempt.channel.key).await?,
            payment,
            attempt,
        })
    }

    /// What the browser says, and what of it is to be kept.
    fn read_return(
        &self,
        opened: &Opened,
        request: &InboundRequest,
    ) -> Result<(Result<(), Failure>, Vec<Write>), Fault> {
        let call = self.call_at(&opened.channel);
        let connector = self.connector_of(&opened.channel)?;
        // What can't be read changes nothing: the right one may still come.
        let returned = connector
            .read_return(request, &call)
            .map_err(|rejected| Fault::invalid(rejected.reason))?;
        let attempt = &opened.attempt;
        match returned {
            Returned::Refused(decline) => {
                let failure = Failure {
                    pg_code: decline.code,
                    pg_message: decline.message,
                };
                Ok((Err(failure), Vec::new()))
            }
            Returned::Authenticated {
                order_id: Some(order_id),
                ..
            } if order_id != attempt.id.order_id() => Err(Fault::invalid(
                "what the browser brought back is about another order",
            )),
            Returned::Authenticated { authentication, .. } => {
                let record = AuthenticationRecord {
                    attempt: attempt.id,
                    store_id: opened.store.id.clone(),
                    sealed: self.keys().seal(
                        self.entropy(),
                        &super::place(attempt.id),
                        authentication.expose(),
                    ),
                    at: self.now(),
                };
                let mut kept = Commit::new(self.new_uuid());
                kept.upsert(&record)?;
                Ok((Ok(()), kept.writes))
            }
        }
    }

    /// Commits the return: with the intent to approve, where nobody is asked.
    async fn take_return(
        &self,
        running: &Running,
        (mut outcome, kept): (Result<(), Failure>, Vec<Write>),
    ) -> Result<(), Fault> {
        loop {
            let now = self.store().now().await?;
            let found = self
                .load_payment(&running.store.id, &running.payment_id)
                .await?;
            let attempt = found
                .as_ref()
                .and_then(|found| found.value.0.attempt(running.attempt));
            let window = attempt.and_then(|attempt| attempt.window.as_ref());
            let is_ready = attempt.is_some_and(|one| matches!(one.state, AttemptState::Ready));
            if !is_ready {
                // Another return of the same window was first.
                return Ok(());
            }
            if let (Some(attempt), Ok(())) = (attempt, &outcome)
                && window.is_some_and(|window| window.approval == WindowApproval::AtOnce)
                && let Some(failure) = self.spent_meanwhile(attempt).await?
            {
                outcome = Err(failure);
            }
            // What comes too late is not kept.
            let is_late = window.is_none_or(|window| now > window.expires_at);
            let also: &[Write] = if is_late { &[] } else { &kept };
            let command = Command::Return(Box::new(WindowReturn {
                attempt: running.attempt,
                outcome: outcome.clone(),
                now,
                confirm_by: now.plus_millis(self.confirm_ms(attempt)),
                send_by: self.send_by(),
            }));
            if self.try_begin_with(running, command, also).await? {
                return Ok(());
            }
        }
    }

    /// How long somebody may take to confirm. A server that is asked has answered long before; what
    /// the process did not live to hear ends soon.
    fn confirm_ms(&self, attempt: Option<&Attempt>) -> i64 {
        let window = attempt.and_then(|attempt| attempt.window.as_ref());
        match window.map(|window| &window.approval) {
            Some(WindowApproval::ByUrl { .. }) => super::ask::GIVEN_UP_MS,
            Some(WindowApproval::ByMerchant | WindowApproval::AtOnce) | None => {
                self.config().confirm_ms
            }
        }
    }

    pub(super) fn back_of(&self, payment: &Payment, attempt: &Attempt) -> Back {
        let unknown = || Failure::own(Failure::OUTCOME_UNKNOWN, "the payment is not over yet");
        let end = match &attempt.state {
            AttemptState::AwaitingConfirm { .. } => {
                let issues_key = attempt.window.as_ref().is_some_and(|it| it.issues_key);
                match attempt.window.as_ref().map(|it| &it.approval) {
                    Some(WindowApproval::ByMerchant) if issues_key => {
                        WindowEnd::NeedsConfirmation {
                            payment_token: self.issue_token(attempt.id),
                        }
                    }
                    Some(WindowApproval::ByMerchant) => WindowEnd::NeedsConfirmation {
                        payment_token: self.payment_token(attempt.id),
                    },
                    Some(WindowApproval::AtOnce | WindowApproval::ByUrl { .. }) | None => {
                        WindowEnd::Failed(unknown())
                    }
                }
            }
            AttemptState::Ready | AttemptState::Sending | AttemptState::Unknown { .. } => {
                WindowEnd::Failed(unknown())
            }
            AttemptState::WaitingForDeposit { issued, .. } => WindowEnd::Done {
                pg_tx_id: issued.pg_tx_id.clone(),
                paid_at: issued.at,
            },
            AttemptState::Captured { capture } => WindowEnd::Done {
                pg_tx_id: capture.pg_tx_id.clone(),
                paid_at: capture.paid_at,
            },
            AttemptState::Failed { failure, .. }
            | AttemptState::Reversing { failure, .. }
            | AttemptState::Reversed { failure, .. } => WindowEnd::Failed(failure.clone()),
        };
        Back {
            payment_id: payment.id.clone(),
            attempt: attempt.id,
            end,
        }
    }
}

/// What an answer, or a failure, is for the window's page.
fn ended(opened: &Opened, answer: Result<Answer, Fault>) -> Result<Back, Fault> {
    let end = match answer {
        Ok(
            Answer::PaymentConfirmed { pg_tx_id, paid_at }
            | Answer::KeyIssuedAndPaid {
                pg_tx_id, paid_at, ..
            },
        ) => WindowEnd::Done { pg_tx_id, paid_at },
        Err(Fault::PgProvider {
            pg_code,
            pg_message,
        }) => WindowEnd::Failed(Failure {
            pg_code,
            pg_message,
        }),
        Ok(_) => return Err(Fault::internal("not the answer of a window")),
        Err(fault) => return Err(fault),
    };
    Ok(Back {
        payment_id: opened.payment.id.clone(),
        attempt: opened.attempt.id,
        end,
    })
}
