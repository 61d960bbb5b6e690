//! The rules: answers of channels, deletion, what can be charged.

use super::{
    BillingKey, BillingKeyEvent, BillingKeyRefusal, BillingKeyState, ChannelDeletion, ChannelIssue,
    Deletion, IssueOutcome, NamedIssue,
};
use crate::payment::Failure;
use crate::{AttemptId, Card, ChannelSnapshot, Sealed, Timestamp};

impl BillingKey {
    /// Records a channel's answer; ends the issue when every channel has answered.
    pub fn answered(
        &self,
        attempt: AttemptId,
        outcome: IssueOutcome,
        at: Timestamp,
    ) -> Result<Vec<BillingKeyEvent>, BillingKeyRefusal> {
        if outcome == IssueOutcome::Pending {
            return Err(BillingKeyRefusal::NotIssued);
        }
        let pending = |issue: &ChannelIssue| issue.outcome == IssueOutcome::Pending;
        if !self
            .channels
            .iter()
            .any(|issue| issue.attempt == attempt && pending(issue))
        {
            return Err(BillingKeyRefusal::NotFound);
        }
        let is_last = !self
            .channels
            .iter()
            .any(|one| one.attempt != attempt && pending(one));
        let is_issued = |outcome: &IssueOutcome| matches!(outcome, IssueOutcome::Issued { .. });
        let succeeded =
            is_issued(&outcome) || self.channels.iter().any(|issue| is_issued(&issue.outcome));
        let mut events = vec![BillingKeyEvent::ChannelAnswered { attempt, outcome }];
        if is_last {
            events.push(if succeeded {
                BillingKeyEvent::Issued { at }
            } else {
                BillingKeyEvent::Failed { at }
            });
        }
        Ok(events)
    }

    /// The key that an issue has become, in place of the one that had its id before. `reseal`
    /// moves a PG's key to where the key under the new id has its own.
    pub fn saved<E>(
        &self,
        before: Option<&Self>,
        reseal: impl Fn(&Sealed) -> Result<Sealed, E>,
    ) -> Result<Option<BillingKeyEvent>, E> {
        let (Some(id), BillingKeyState::Issued { .. }) = (&self.saves_as, self.state) else {
            return Ok(None);
        };
        let mut key = Self {
            id: id.clone(),
            saves_as: None,
            first_issued_at: before.and_then(Self::issued_first_at),
            event_count: 0,
            ..self.clone()
        };
        for issue in &mut key.channels {
            if let IssueOutcome::Issued { pg_billing_key, .. } = &mut issue.outcome {
                *pg_billing_key = reseal(pg_billing_key)?;
            }
        }
        Ok(Some(BillingKeyEvent::Saved { key: Box::new(key) }))
    }

    /// What the V1 face names the issue by. Only what begins in a window of that face is one that
    /// it shows; the key that it becomes is none.
    pub fn named_issue(&self) -> Option<NamedIssue<'_>> {
        let (Some(_), Some(window)) = (&self.saves_as, &self.window) else {
            return None;
        };
        Some(NamedIssue {
            imp_uid: window.imp_uid.as_ref()?,
            merchant_uid: window.wishes.issue_id.as_deref()?,
        })
    }

    /// When a key of this id was issued first. A key that was deleted begins anew.
    pub fn issued_first_at(&self) -> Option<Timestamp> {
        match self.state {
            BillingKeyState::Issued { at } => Some(self.first_issued_at.unwrap_or(at)),
            BillingKeyState::Ready
            | BillingKeyState::AwaitingConfirm { .. }
            | BillingKeyState::Issuing
            | BillingKeyState::Failed { .. }
            | BillingKeyState::Deleted { .. } => None,
        }
    }

    /// The customer came back from the window, once: with what they authenticated, or not.
    pub fn returned(
        &self,
        outcome: Result<(), Failure>,
        (now, confirm_by): (Timestamp, Timestamp),
        at: Timestamp,
    ) -> Result<Vec<BillingKeyEvent>, BillingKeyRefusal> {
        let (BillingKeyState::Ready, Some(window)) = (&self.state, &self.window) else {
            return Err(BillingKeyRefusal::NothingToDo);
        };
        if now > window.expires_at {
            let message = "the customer came back too late; no billing key was issued";
            return self.give_up(Failure::own(Failure::WINDOW_EXPIRED, message), at);
        }
        if let Err(failure) = outcome {
            return self.give_up(failure, at);
        }
        Ok(vec![if window.by_merchant {
            BillingKeyEvent::Authenticated { until: confirm_by }
        } else {
            BillingKeyEvent::IssueBegan {
                skip_webhook: false,
            }
        }])
    }

    /// The merchant's word that the PG may issue what was authenticated, in order of precedence:
    /// what is issued already, what waits for no word, what the caller believes.
    pub fn confirm(
        &self,
        is_test: Option<bool>,
        skip_webhook: bool,
        now: Timestamp,
    ) -> Result<Vec<BillingKeyEvent>, BillingKeyRefusal> {
        match self.state {
            BillingKeyState::Issued { .. } | BillingKeyState::Deleted { .. } => {
                return Err(BillingKeyRefusal::AlreadyIssued);
            }
            BillingKeyState::AwaitingConfirm { until } if now <= until => {}
            BillingKeyState::Issuing => {}
            BillingKeyState::Ready
            | BillingKeyState::AwaitingConfirm { .. }
            | BillingKeyState::Failed { .. } => return Err(BillingKeyRefusal::NotFound),
        }
        let differs = |issue: &ChannelIssue| is_test.is_some_and(|it| it != issue.channel.is_test);
        if self.channels.iter().any(differs) {
            return Err(BillingKeyRefusal::InformationMismatch("isTest"));
        }
        if self.state == BillingKeyState::Issuing {
            return Err(BillingKeyRefusal::IssueInFlight);
        }
        Ok(vec![BillingKeyEvent::IssueBegan { skip_webhook }])
    }

    /// Ends an issue that nobody confirms any more.
    pub fn unconfirmed(
        &self,
        failure: Failure,
        at: Timestamp,
    ) -> Result<Vec<BillingKeyEvent>, BillingKeyRefusal> {
        match self.state {
            BillingKeyState::AwaitingConfirm { .. } => self.give_up(failure, at),
            BillingKeyState::Ready
            | BillingKeyState::Issuing
            | BillingKeyState::Issued { .. }
            | BillingKeyState::Failed { .. }
            | BillingKeyState::Deleted { .. } => Err(BillingKeyRefusal::NothingToDo),
        }
    }

    /// A window has one channel.
    fn give_up(
        &self,
        failure: Failure,
        at: Timestamp,
    ) -> Result<Vec<BillingKeyEvent>, BillingKeyRefusal> {
        let issue = self.channels.first().ok_or(BillingKeyRefusal::NotFound)?;
        self.answered(issue.attempt, IssueOutcome::Failed { failure }, at)
    }

    /// The channels that hold it: issued there and not deleted since.
    pub fn held(&self) -> impl Iterator<Item = &ChannelIssue> {
        self.channels.iter().filter(|issue| {
            let is_issued = matches!(issue.outcome, IssueOutcome::Issued { .. });
            is_issued && !matches!(issue.deletion, Some(ChannelDeletion::Deleted { .. }))
        })
    }

    /// Deletes the key. `has_call` says of a channel whether its PG has to be told; where none
    /// has, the key is gone at once.
    pub fn delete(
        &self,
        deletion: Deletion,
        has_call: impl Fn(&ChannelSnapshot) -> bool,
        at: Timestamp,
    ) -> Result<Vec<BillingKeyEvent>, BillingKeyRefusal> {
        match self.state {
            _ if self.saves_as.is_some() => return Err(BillingKeyRefusal::NotFound),
            BillingKeyState::Ready
            | BillingKeyState::AwaitingConfirm { .. }
            | BillingKeyState::Issuing
            | BillingKeyState::Failed { .. } => {
                return Err(BillingKeyRefusal::NotIssued);
            }
            BillingKeyState::Deleted { .. } => return Err(BillingKeyRefusal::AlreadyDeleted),
            BillingKeyState::Issued { .. } => {}
        }
        if self.pending_deletions().next().is_some() {
            return Err(BillingKeyRefusal::DeletionInFlight);
        }
        let told = self
            .held()
            .filter(|issue| has_call(&issue.channel))
            .map(|issue| issue.attempt)
            .collect::<Vec<_>>();
        if told.is_empty() {
            return Ok(vec![BillingKeyEvent::Deleted {
                reason: deletion.reason,
                requester: deletion.requester,
                at,
            }]);
        }
        Ok(vec![BillingKeyEvent::DeletionBegan { deletion, told, at }])
    }

    /// The channels whose PGs are being told.
    pub fn pending_deletions(&self) -> impl Iterator<Item = &ChannelIssue> {
        let is_pending = |issue: &&ChannelIssue| issue.deletion == Some(ChannelDeletion::Pending);
        self.channels.iter().filter(is_pending)
    }

    /// Records that a PG deleted it, or did not. After the last answer the key is deleted if it is
    /// gone everywhere; else it stays as it is, for the deletion to be asked for again.
    pub fn deletion_answered(
        &self,
        attempt: AttemptId,
        outcome: Result<Timestamp, Failure>,
        at: Timestamp,
    ) -> Result<Vec<BillingKeyEvent>, BillingKeyRefusal> {
        let is_pending = |issue: &ChannelIssue| issue.attempt == attempt;
        if !self.pending_deletions().any(is_pending) {
            return Err(BillingKeyRefusal::NotFound);
        }
        let is_gone = outcome.is_ok() && self.held().all(is_pending);
        let deletion = match outcome {
            Ok(at) => ChannelDeletion::Deleted { at },
            Err(failure) => ChannelDeletion::Failed { failure },
        };
        let mut events = vec![BillingKeyEvent::ChannelDeletionAnswered { attempt, deletion }];
        if is_gone {
            let asked = self.deletion.clone();
            events.push(BillingKeyEvent::Deleted {
                reason: asked.as_ref().and_then(|asked| asked.reason.clone()),
                requester: asked.and_then(|asked| asked.requester),
                at,
            });
        }
        Ok(events)
    }

    /// Its card as the PGs have described it: one that names the card company goes first.
    pub fn card(&self) -> Option<&Card> {
        let cards = || {
            self.channels
                .iter()
                .filter_map(|issue| match &issue.outcome {
                    IssueOutcome::Issued { card, .. } => card.as_deref(),
                    IssueOutcome::Pending
                    | IssueOutcome::Failed { .. }
                    | IssueOutcome::Refused { .. } => None,
                })
        };
        cards()
            .find(|card| card.issuer.is_some())
            .or_else(|| cards().next())
    }

    /// Whether it is a phone bill, not a card.
    pub fn is_phone_bill(&self) -> bool {
        let mut outcomes = self.channels.iter().map(|issue| &issue.outcome);
        outcomes.any(|outcome| matches!(outcome, IssueOutcome::Issued { card: None, .. }))
    }

    /// The channels at which it can be charged.
    pub fn chargeable(
        &self,
    ) -> Result<impl Iterator<Item = (&ChannelSnapshot, &Sealed)>, BillingKeyRefusal> {
        match self.state {
            _ if self.saves_as.is_some() => return Err(BillingKeyRefusal::NotFound),
            BillingKeyState::Ready
            | BillingKeyState::AwaitingConfirm { .. }
            | BillingKeyState::Issuing
            | BillingKeyState::Failed { .. } => {
                return Err(BillingKeyRefusal::NotFound);
            }
            BillingKeyState::Deleted { .. } => return Err(BillingKeyRefusal::AlreadyDeleted),
            BillingKeyState::Issued { .. } => {}
        }
        // Where it is being deleted, nobody wants a charge any more.
        let stands = |issue: &&ChannelIssue| issue.deletion != Some(ChannelDeletion::Pending);
        let held = self.held().filter(stands);
        Ok(held.filter_map(|issue| match &issue.outcome {
            IssueOutcome::Issued { pg_billing_key, .. } => Some((&issue.channel, pg_billing_key)),
            IssueOutcome::Pending | IssueOutcome::Failed { .. } | IssueOutcome::Refused { .. } => {
                None
            }
        }))
    }
}

/// Folds an event into a billing key. Total: an event is a fact.
pub fn apply(key: Option<BillingKey>, event: &BillingKeyEvent) -> Option<BillingKey> {
    let mut key = match (key, event) {
        (Some(key), _) => key,
        (None, BillingKeyEvent::Requested { key } | BillingKeyEvent::Saved { key }) => {
            BillingKey::clone(key)
        }
        (None, _) => return None,
    };
    key.event_count += 1;
    match event {
        BillingKeyEvent::Requested { .. } => {}
        BillingKeyEvent::Saved { key: saved } => {
            let event_count = key.event_count;
            key = BillingKey {
                event_count,
                ..BillingKey::clone(saved)
            };
        }
        BillingKeyEvent::Authenticated { until } => {
            key.state = BillingKeyState::AwaitingConfirm { until: *until };
        }
        BillingKeyEvent::IssueBegan { skip_webhook } => {
            key.state = BillingKeyState::Issuing;
            key.skip_webhook = *skip_webhook;
        }
        BillingKeyEvent::ChannelAnswered { attempt, outcome } => {
            if let Some(issue) = key.channels.iter_mut().find(|one| one.attempt == *attempt) {
                issue.outcome = outcome.clone();
            }
        }
        BillingKeyEvent::Issued { at } => key.state = BillingKeyState::Issued { at: *at },
        BillingKeyEvent::Failed { at } => key.state = BillingKeyState::Failed { at: *at },
        BillingKeyEvent::DeletionBegan { deletion, told, at } => {
            key.deletion = Some(deletion.clone());
            for issue in &mut key.channels {
                begin_deletion(issue, told, *at);
            }
        }
        BillingKeyEvent::ChannelDeletionAnswered { attempt, deletion } => {
            if let Some(issue) = key.channels.iter_mut().find(|one| one.attempt == *attempt) {
                issue.deletion = Some(deletion.clone());
            }
        }
        BillingKeyEvent::Deleted { at, .. } => {
            if let BillingKeyState::Issued { at: issued_at } = key.state {
                key.state = BillingKeyState::Deleted { issued_at, at: *at };
            }
        }
    }
    Some(key)
}

fn begin_deletion(issue: &mut ChannelIssue, told: &[AttemptId], at: Timestamp) {
    let is_issued = matches!(issue.outcome, IssueOutcome::Issued { .. });
    if told.contains(&issue.attempt) {
        issue.deletion = Some(ChannelDeletion::Pending);
    } else if is_issued && !matches!(issue.deletion, Some(ChannelDeletion::Deleted { .. })) {
        issue.deletion = Some(ChannelDeletion::Deleted { at });
    }
}
