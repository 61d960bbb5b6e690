//! Undoing an approval whose answer was lost, where the PG can't be asked by order id: a net cancel
//! says what the approval said, and undoes it whether or not it arrived.

use naru_connector::{Operation, Outcome};
use naru_domain::payment::{AttemptOutcome, Command, Discrepancy, Failure, Payment};

use crate::directory::OpenChannel;
use crate::payments::{SECOND_LOOK_MS, Subject};
use crate::{Engine, Fault};

/// What a net cancel came to.
enum Net {
    /// There is nothing any more.
    Undone,
    /// The PG refused.
    Refused(Failure),
    /// Nobody knows.
    Unclear,
}

impl Engine {
    /// What became of the attempt of a window by undoing it; nothing if that is still unclear. A
    /// refusal is believed only once the approval can't arrive any more, and asked twice. What it
    /// means no document says: it is recorded for a person to look at the PG's books.
    pub(crate) async fn net_cancel_attempt(
        &self,
        channel: &OpenChannel,
        subject: &Subject<'_>,
    ) -> Result<Option<AttemptOutcome>, Fault> {
        let found = self
            .load_payment(subject.store_id, subject.payment_id)
            .await?;
        let Some(payment) = found.map(|found| found.value.0) else {
            return Ok(None);
        };
        let send_by = payment
            .attempt(subject.attempt)
            .map(|attempt| attempt.send_by)
            .unwrap_or_default();
        let first = match self.net_cancel(channel, &payment, subject).await? {
            Net::Refused(failure) => failure,
            Net::Undone => return Ok(Some(undone())),
            Net::Unclear => return Ok(None),
        };
        if !self.is_final(channel, send_by).await? {
            return Ok(None);
        }
        self.clock().sleep_ms(SECOND_LOOK_MS).await;
        match self.net_cancel(channel, &payment, subject).await? {
            Net::Undone => Ok(Some(undone())),
            Net::Unclear => Ok(None),
            Net::Refused(_) => {
                let charged = payment.attempt(subject.attempt);
                let discrepancy = Discrepancy::UnclearApproval {
                    amount: charged.map_or(0, |attempt| attempt.charged().total),
                    problem: first.reason(),
                };
                let note = |_: &Payment| Command::Note {
                    attempt: subject.attempt,
                    discrepancy: discrepancy.clone(),
                };
                // Noted before the end is recorded: rather twice than never.
                self.commit_news(subject.store_id, subject.payment_id, note)
                    .await?;
                Ok(Some(AttemptOutcome::Declined(first)))
            }
        }
    }

    async fn net_cancel(
        &self,
        channel: &OpenChannel,
        payment: &Payment,
        subject: &Subject<'_>,
    ) -> Result<Net, Fault> {
        let Some(window) = self.authenticated(payment, subject.attempt).await? else {
            return Ok(Net::Unclear);
        };
        let mut exchange = self.begin(channel, &Operation::NetCancel(Box::new(window)))?;
        exchange.answer_by = subject.answer_by;
        Ok(match self.drive(exchange, None).await {
            Outcome::Refunded(_) => Net::Undone,
            Outcome::Declined(decline) => Net::Refused(Failure {
                pg_code: decline.code,
                pg_message: decline.message,
            }),
            Outcome::Approved(_)
            | Outcome::AccountIssued(_)
            | Outcome::KeyIssued(_)
            | Outcome::Identity(_)
            | Outcome::KeyDeleted { .. }
            | Outcome::Acted(_)
            | Outcome::Receipt(_)
            | Outcome::AccountClosed { .. }
            | Outcome::Found(_)
            | Outcome::NotFound
            | Outcome::Unknown(_)
            | Outcome::NotSent { .. } => Net::Unclear,
        })
    }
}

fn undone() -> AttemptOutcome {
    AttemptOutcome::Declined(Failure::own(
        Failure::NET_CANCELLED,
        "the payment gateway's answer was lost, and the approval undone; no money was taken",
    ))
}
