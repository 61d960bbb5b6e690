//! A line against what our books say of the same approval or cancellation.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{LineKind, SettlementLine};
use crate::payment::{Attempt, Cancellation, CancellationState, Capture, Payment};
use crate::{Amount, CancellationId, Currency, Day, Method};

/// What became of comparing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MatchStatus {
    /// Both sides have it, and all that is compared is equal.
    Matched,
    /// Both sides have it, and something differs.
    NotMatched,
    /// One side has it not.
    Incomparable,
    /// It was transacted before collection began.
    NotCollected,
}

impl MatchStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Matched,
        Self::NotMatched,
        Self::Incomparable,
        Self::NotCollected,
    ];

    /// Its name in the contract and in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Matched => "MATCHED",
            Self::NotMatched => "NOT_MATCHED",
            Self::Incomparable => "INCOMPARABLE",
            Self::NotCollected => "NOT_COLLECTED",
        }
    }

    /// The status of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// What differs. Several may apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// The amount, or its currency.
    PaymentAmount,
    /// The tax-free part.
    TaxFreeAmount,
    /// The VAT.
    VatAmount,
    /// Whether it is in escrow.
    Escrow,
    /// Months of the instalment plan.
    InstallmentMonths,
    /// The calendar day.
    PaymentDate,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::PaymentAmount,
        Self::TaxFreeAmount,
        Self::VatAmount,
        Self::Escrow,
        Self::InstallmentMonths,
        Self::PaymentDate,
    ];

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PaymentAmount => "PAYMENT_AMOUNT",
            Self::TaxFreeAmount => "TAX_FREE_AMOUNT",
            Self::VatAmount => "VAT_AMOUNT",
            Self::Escrow => "ESCROW",
            Self::InstallmentMonths => "INSTALLMENT_MONTHS",
            Self::PaymentDate => "PAYMENT_DATE",
        }
    }

    /// The reason of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// What was done, by both sides' knowledge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// Money was taken.
    Approval,
    /// All of it was given back at once.
    FullCancel,
    /// A part was given back.
    PartialCancel,
    /// Money was given back that none of our cancellations is about.
    UnclassifiedCancel,
    /// The PG mended an earlier settlement.
    Correction,
}

impl Action {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approval => "APPROVAL",
            Self::FullCancel => "FULL_CANCEL",
            Self::PartialCancel => "PARTIAL_CANCEL",
            Self::UnclassifiedCancel => "UNCLASSIFIED_CANCEL",
            Self::Correction => "CORRECTION",
        }
    }
}

/// Our side of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ours {
    /// What was done.
    pub action: Action,
    /// How much.
    pub amount: Amount,
    /// In which currency.
    pub currency: Currency,
    /// On which of the PG's days.
    pub day: Day,
    /// Whether in escrow.
    pub is_escrow: bool,
    /// Months of the instalment plan.
    pub installment_months: u16,
    /// Which cancellation it is.
    pub cancellation: Option<CancellationId>,
}

/// Our side of an approval.
pub fn our_approval(attempt: &Attempt, capture: &Capture, pg_zone: &TimeZone) -> Ours {
    let parts = attempt.charged();
    Ours {
        action: Action::Approval,
        amount: Amount {
            total: capture.amount,
            ..parts
        },
        currency: attempt.order.currency.clone(),
        day: Day::of(capture.paid_at, pg_zone),
        is_escrow: attempt.order.is_escrow,
        installment_months: months_of(&capture.method),
        cancellation: None,
    }
}

fn months_of(method: &Method) -> u16 {
    method.card().map_or(0, |card| card.installment_months)
}

/// Our side of a cancellation; nothing if it has not succeeded.
pub fn our_cancellation(
    (attempt, capture): (&Attempt, &Capture),
    cancellation: &Cancellation,
    pg_zone: &TimeZone,
) -> Option<Ours> {
    let CancellationState::Succeeded { at, .. } = &cancellation.state else {
        return None;
    };
    let action = if cancellation.money().total == capture.amount {
        Action::FullCancel
    } else {
        Action::PartialCancel
    };
    Some(Ours {
        action,
        amount: cancellation.money(),
        day: Day::of(*at, pg_zone),
        cancellation: Some(cancellation.id),
        ..our_approval(attempt, capture, pg_zone)
    })
}

/// Which of our cancellations a line is about: the one of its id, else the first of its amount
/// and day that no other line is about.
pub fn tie_cancellation<'a>(
    payment: &'a Payment,
    line: &SettlementLine,
    taken: &[CancellationId],
    pg_zone: &TimeZone,
) -> Option<&'a Cancellation> {
    let free = || {
        payment
            .cancellations
            .iter()
            .filter(|one| !taken.contains(&one.id))
    };
    let by_id = line.pg_cancellation_id.as_deref().and_then(|id| {
        free().find(|one| match &one.state {
            CancellationState::Succeeded {
                pg_cancellation_id, ..
            } => pg_cancellation_id.as_deref() == Some(id),
            CancellationState::Sending
            | CancellationState::Requested
            | CancellationState::Failed { .. } => false,
        })
    });
    by_id.or_else(|| {
        free().find(|one| match &one.state {
            CancellationState::Succeeded {
                at,
                pg_cancellation_id,
            } => {
                // Two ids that differ are two cancellations, however alike.
                let may_be = pg_cancellation_id.is_none() || line.pg_cancellation_id.is_none();
                may_be
                    && one.money().total == line.amount
                    && Day::of(*at, pg_zone) == line.transacted_on
            }
            CancellationState::Sending
            | CancellationState::Requested
            | CancellationState::Failed { .. } => false,
        })
    })
}

/// What comparing a line came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Its status.
    pub status: MatchStatus,
    /// What differs.
    pub reasons: Vec<Reason>,
    /// What was done.
    pub action: Action,
    /// The line's amount less ours, where both sides have it.
    pub difference: i64,
}

/// Compares a line with our side of it. What the PG's file does not tell is not compared.
pub fn compare(line: &SettlementLine, ours: Option<&Ours>, collected_from: Option<Day>) -> Verdict {
    let action = match (line.kind, ours) {
        (LineKind::Approval, _) => Action::Approval,
        (LineKind::Cancellation, Some(ours)) => ours.action,
        (LineKind::Cancellation, None) => Action::UnclassifiedCancel,
        (LineKind::Correction, _) => Action::Correction,
    };
    let alone = |status| Verdict {
        status,
        reasons: Vec::new(),
        action,
        difference: 0,
    };
    if collected_from.is_some_and(|from| line.transacted_on < from) {
        return alone(MatchStatus::NotCollected);
    }
    // A correction mends a settlement, which our books do not have.
    let Some(ours) = ours.filter(|_| line.kind != LineKind::Correction) else {
        return alone(MatchStatus::Incomparable);
    };
    let is_approval = line.kind == LineKind::Approval;
    let differs = |theirs: Option<i64>, ours: i64| theirs.is_some_and(|theirs| theirs != ours);
    let differing = [
        (
            Reason::PaymentAmount,
            line.amount != ours.amount.total || line.currency != ours.currency,
        ),
        (
            Reason::TaxFreeAmount,
            differs(line.tax_free, ours.amount.tax_free),
        ),
        (Reason::VatAmount, differs(line.vat, ours.amount.vat)),
        (
            Reason::Escrow,
            is_approval && line.is_escrow.is_some_and(|told| told != ours.is_escrow),
        ),
        (
            Reason::InstallmentMonths,
            is_approval
                && line
                    .installment_months
                    .is_some_and(|told| told != ours.installment_months),
        ),
        (Reason::PaymentDate, line.transacted_on != ours.day),
    ];
    let reasons: Vec<Reason> = differing
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(reason, _)| reason)
        .collect();
    Verdict {
        status: if reasons.is_empty() {
            MatchStatus::Matched
        } else {
            MatchStatus::NotMatched
        },
        reasons,
        action,
        difference: line.amount.saturating_sub(ours.amount.total),
    }
}
