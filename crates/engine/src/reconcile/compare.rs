//! Comparing one payment with what its PGs answer to an inquiry (P4).
//!
//! Inquiries change nothing at a PG, and what is found changes no payment: money that has gone
//! astray is a person's to look into.

use naru_connector::{Inquire, Outcome, Transaction, TransactionState};
use naru_domain::payment::{Attempt, Payment};
use naru_domain::{
    ChannelSnapshot, Difference, DifferenceKind, PaymentId, PgBooks, PgState, StoreId,
    compare_books, reported_pg,
};
use naru_store::{Condition, Query, tables};

use super::CompareConfig;
use super::differences::Finding;
use crate::directory::OpenChannel;
use crate::payments::inquire::pg_tx_id;
use crate::records::StoreRecord;
use crate::{Engine, Fault};

/// What an inquiry can find. One that goes through also ends what said that none did.
const BY_INQUIRY: [DifferenceKind; 7] = [
    DifferenceKind::MissingAtPg,
    DifferenceKind::TakenAtPg,
    DifferenceKind::CapturedAmount,
    DifferenceKind::CancelledAmount,
    DifferenceKind::Currency,
    DifferenceKind::AccountState,
    DifferenceKind::NotAnswered,
];

/// What came of comparing a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// All its attempts were compared.
    Done {
        /// How many inquiries it took.
        inquiries: u32,
        /// How many of its differences are open.
        open: u32,
    },
    /// A PG could not be asked, or its answer was unclear.
    NotAnswered {
        /// How many inquiries it took.
        inquiries: u32,
    },
    /// Something of it is under way.
    UnderWay,
}

/// What a PG said of an attempt.
enum Said {
    Books(PgBooks),
    Unclear,
    /// There is no way to ask: no channel any more, or no inquiry by order id.
    CannotAsk,
}

impl Engine {
    /// Compares a payment now.
    pub async fn compare_payment(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
    ) -> Result<Compared, Fault> {
        let found = self.load_payment(store_id, payment_id).await?;
        let payment = found.ok_or(Fault::PaymentNotFound)?.value.0;
        self.compare_loaded(&payment).await
    }

    pub(super) async fn compare_loaded(&self, payment: &Payment) -> Result<Compared, Fault> {
        if !payment.is_at_rest() {
            return Ok(Compared::UnderWay);
        }
        let (mut inquiries, mut open) = (0, 0);
        for attempt in &payment.attempts {
            let Some(channel) = self.any_channel(&attempt.channel.key).await? else {
                continue;
            };
            let said = self.ask_pg(&channel, attempt).await?;
            match said {
                Said::Books(books) => {
                    inquiries += 1;
                    // What has changed since it was read was compared with an older answer.
                    if !self.is_still(payment).await? {
                        return Ok(Compared::UnderWay);
                    }
                    let found = compare_books(payment, attempt, &books);
                    let finding = finding(payment, attempt, (&channel, &BY_INQUIRY, &found));
                    open += self.record_differences(&finding).await?;
                }
                Said::Unclear => {
                    return Ok(Compared::NotAnswered {
                        inquiries: inquiries + 1,
                    });
                }
                Said::CannotAsk => {}
            }
        }
        let open = u32::try_from(open).unwrap_or(u32::MAX);
        Ok(Compared::Done { inquiries, open })
    }

    /// Whether a payment is still as it was read.
    async fn is_still(&self, payment: &Payment) -> Result<bool, Fault> {
        let now = self.load_payment(&payment.store_id, &payment.id).await?;
        Ok(now.is_some_and(|now| now.value.0 == *payment))
    }

    async fn ask_pg(&self, channel: &OpenChannel, attempt: &Attempt) -> Result<Said, Fault> {
        let inquire = match pg_tx_id(&attempt.state) {
            Some(pg_tx_id) => Inquire::ByTransaction {
                pg_tx_id: pg_tx_id.to_owned(),
            },
            None => Inquire::ByOrder {
                order_id: attempt.id.order_id(),
            },
        };
        let outcome = match self.inquire(channel, inquire).await {
            Ok(outcome) => outcome,
            Err(Fault::InvalidRequest { .. }) => return Ok(Said::CannotAsk),
            Err(fault) => return Err(fault),
        };
        Ok(match outcome {
            Outcome::Found(transaction) => Said::Books(books(&transaction)),
            Outcome::NotFound => Said::Books(PgBooks::NotFound),
            Outcome::Approved(_)
            | Outcome::AccountIssued(_)
            | Outcome::KeyIssued(_)
            | Outcome::KeyDeleted { .. }
            | Outcome::Identity(_)
            | Outcome::Acted(_)
            | Outcome::Receipt(_)
            | Outcome::Refunded(_)
            | Outcome::AccountClosed { .. }
            | Outcome::Declined(_)
            | Outcome::Unknown(_)
            | Outcome::NotSent { .. } => Said::Unclear,
        })
    }

    /// Writes down that a PG could not be asked about a payment.
    pub(super) async fn record_not_answered(&self, payment: &Payment) -> Result<(), Fault> {
        let Some(attempt) = payment.shown() else {
            return Ok(());
        };
        let Some(channel) = self.any_channel(&attempt.channel.key).await? else {
            return Ok(());
        };
        let kind = DifferenceKind::NotAnswered;
        let ours = attempt.charged().total;
        let found = [Difference {
            kind,
            ours,
            theirs: 0,
        }];
        let looked_for = [kind];
        let finding = finding(payment, attempt, (&channel, &looked_for, &found));
        self.record_differences(&finding).await?;
        Ok(())
    }

    /// Whether what was paid long ago is in a settlement, where those are collected.
    pub(super) async fn compare_settled(
        &self,
        store: &StoreRecord,
        payment: &Payment,
        config: &CompareConfig,
    ) -> Result<(), Fault> {
        let Some(enrolment) = self.enrolment(store).await? else {
            return Ok(());
        };
        let Some((attempt, capture)) = payment.captured() else {
            return Ok(());
        };
        let age_s = i64::from(config.settled_within_days) * 86_400;
        let paid_on = naru_domain::Day::of(capture.paid_at, &super::korea());
        let is_due = capture.paid_at.plus_seconds(age_s) <= self.now();
        let Some(channel) = self.any_channel(&attempt.channel.key).await? else {
            return Ok(());
        };
        if !is_due || paid_on < enrolment.collected_from {
            return Ok(());
        }
        let kind = DifferenceKind::NotSettled;
        let owner = &channel.record.store_id;
        let is_settled = self
            .has_line(owner, (&attempt.channel, &capture.pg_tx_id))
            .await?;
        let found = [Difference {
            kind,
            ours: capture.amount,
            theirs: 0,
        }];
        let found = if is_settled { &[][..] } else { &found[..] };
        let looked_for = [kind];
        let finding = finding(payment, attempt, (&channel, &looked_for, found));
        self.record_differences(&finding).await?;
        Ok(())
    }

    /// In the settlement of the contract that took it: a line in another's is a mistake.
    async fn has_line(
        &self,
        owner: &StoreId,
        (channel, pg_tx_id): (&ChannelSnapshot, &str),
    ) -> Result<bool, Fault> {
        let query = Query::of(&tables::SETTLEMENT_LINES, 1)
            .and(Condition::Is("owner_id", owner.as_str().into()))
            .and(Condition::Is(
                "pg",
                reported_pg(&channel.pg_provider).into(),
            ))
            .and(Condition::Is(
                "pg_merchant_id",
                channel.pg_merchant_id.as_str().into(),
            ))
            .and(Condition::Is("pg_tx_id", pg_tx_id.into()))
            .and(Condition::Exists {
                table: &tables::SETTLEMENT_DAYS,
                on: &[("batch_id", "batch_id")],
                filter: Vec::new(),
            });
        Ok(self.store().count(query, 1).await? > 0)
    }
}

fn finding<'a>(
    payment: &'a Payment,
    attempt: &'a Attempt,
    (channel, looked_for, found): (&OpenChannel, &'a [DifferenceKind], &'a [Difference]),
) -> Finding<'a> {
    Finding {
        store_id: &payment.store_id,
        payment_id: &payment.id,
        attempt,
        // By the attempt's own copy: what it was when money moved.
        is_nightly: attempt.channel.is_test && !channel.record.is_simulated,
        looked_for,
        found,
    }
}

fn books(transaction: &Transaction) -> PgBooks {
    PgBooks::Found {
        state: match transaction.state {
            TransactionState::Waiting => PgState::Waiting,
            TransactionState::Approved => PgState::Approved,
            TransactionState::Cancelled => PgState::Cancelled,
            TransactionState::Declined => PgState::Declined,
        },
        amount: transaction.approval.amount,
        cancelled: transaction.cancelled_total,
        currency: transaction.approval.currency.clone(),
    }
}
