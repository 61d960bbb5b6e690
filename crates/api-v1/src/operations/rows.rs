//! What lookups of payments find: attempts at payments, and issues of billing keys in windows,
//! which this face shows as payments.

use naru_domain::billing_key::{BillingKey, BillingKeyState};
use naru_domain::payment::{Attempt, Payment};
use naru_domain::{AttemptId, Timestamp};

use super::lookup;
use crate::call::Call;
use crate::check::page::SortBy;
use crate::refused::Refused;
use crate::view::payment::WirePayment;
use crate::view::{self, Status};

/// All that a `merchant_uid` names.
#[derive(Default)]
pub(super) struct Named {
    payment: Option<Payment>,
    issues: Vec<BillingKey>,
}

/// One of it.
#[derive(Clone, Copy)]
pub(super) enum Row<'a> {
    Attempt(&'a Payment, &'a Attempt),
    Issue(&'a BillingKey),
}

/// What a `merchant_uid` names; nothing of it where it names nothing.
pub(super) async fn of_merchant_uid(call: &Call, merchant_uid: &str) -> Result<Named, Refused> {
    for id in lookup::spellings(merchant_uid) {
        let named = Named {
            payment: lookup::payment(call, &id).await?,
            issues: call
                .engine
                .issues_of_merchant_uid(call.store_id(), &id)
                .await?,
        };
        if named.payment.is_some() || !named.issues.is_empty() {
            return Ok(named);
        }
    }
    Ok(Named::default())
}

impl Named {
    /// The rows of a status, sorted.
    pub(super) fn rows(
        &self,
        status: Option<Status>,
        (by, is_descending): (SortBy, bool),
    ) -> Vec<Row<'_>> {
        let attempts = self.payment.iter().flat_map(|payment| {
            let attempts = payment.attempts.iter();
            attempts.map(move |attempt| Row::Attempt(payment, attempt))
        });
        let issues = self.issues.iter().map(Row::Issue);
        let is_wanted = |row: &Row<'_>| status.is_none_or(|status| status == row.status());
        let mut found: Vec<Row<'_>> = issues.chain(attempts).filter(is_wanted).collect();
        // By place among those of one moment: the later one is the newer.
        found.sort_by_key(|row| row.time(by));
        if is_descending {
            found.reverse();
        }
        found
    }

    /// The one that counts: of a payment its attempt that does, else the latest issue.
    pub(super) fn shown(&self) -> Option<Row<'_>> {
        let of_payment = self
            .payment
            .as_ref()
            .and_then(|payment| Some(Row::Attempt(payment, payment.shown()?)));
        of_payment.or_else(|| self.issues.last().map(Row::Issue))
    }
}

impl Row<'_> {
    fn status(self) -> Status {
        match self {
            Self::Attempt(payment, attempt) => view::status_of(payment, attempt),
            Self::Issue(key) => view::status_of_issue(key),
        }
    }

    fn time(self, by: SortBy) -> Timestamp {
        match (self, by) {
            (Self::Attempt(_, attempt), SortBy::Started) => attempt.requested_at,
            (Self::Attempt(_, attempt), SortBy::Paid | SortBy::Updated) => {
                attempt.status_changed_at
            }
            (Self::Issue(key), SortBy::Started) => key.requested_at,
            (Self::Issue(key), SortBy::Paid | SortBy::Updated) => changed_at(key),
        }
    }

    /// The attempt that it is.
    pub(super) fn id(self) -> Result<AttemptId, Refused> {
        match self {
            Self::Attempt(_, attempt) => Ok(attempt.id),
            Self::Issue(key) => key
                .channels
                .first()
                .map(|issue| issue.attempt)
                .ok_or_else(|| Refused::internal("an issue without a channel")),
        }
    }

    pub(super) fn is_test(self) -> bool {
        match self {
            Self::Attempt(_, attempt) => attempt.channel.is_test,
            Self::Issue(key) => key.channels.iter().any(|issue| issue.channel.is_test),
        }
    }

    /// As it is shown.
    pub(super) fn view(self) -> Result<WirePayment, Refused> {
        match self {
            Self::Attempt(payment, attempt) => Ok(view::payment(payment, attempt)),
            Self::Issue(key) => view::issue(key),
        }
    }
}

/// When an issue came to its status.
const fn changed_at(key: &BillingKey) -> Timestamp {
    match key.state {
        BillingKeyState::Ready
        | BillingKeyState::AwaitingConfirm { .. }
        | BillingKeyState::Issuing => key.requested_at,
        BillingKeyState::Issued { at }
        | BillingKeyState::Failed { at }
        | BillingKeyState::Deleted { issued_at: at, .. } => at,
    }
}
