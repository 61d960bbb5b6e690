//! Figures of lines and their sums.
//!
//! settlement amount = approvals − cancellations − fee − VAT on the fee; the whole table of
//! formulas stands in `docs/operating/reconcile.md`. Sums stop at the ends of the range.

use serde::{Deserialize, Serialize};

use super::{Action, LineKind, MatchStatus, Ours, SettlementLine, Taxation};
use crate::vat_of;

/// What a line adds to sums: signed, cancellations are negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineFigures {
    /// What the line is about, after its discount.
    pub total: i64,
    /// What is neither tax-free nor VAT.
    pub supply: i64,
    /// VAT.
    pub vat: i64,
    /// The tax-free part.
    pub tax_free: i64,
    /// The amount before its discount.
    pub amount: i64,
    /// The PG's fee.
    pub fee: i64,
    /// VAT on the fee.
    pub fee_vat: i64,
}

/// A tenth, rounded to the nearest unit, halves away from zero: VAT on a fee that is not told.
const fn tenth(fee: i64) -> i64 {
    let (tenth, rest) = (fee / 10, fee % 10);
    if rest >= 5 {
        tenth + 1
    } else if rest <= -5 {
        tenth - 1
    } else {
        tenth
    }
}

/// The figures of a line. `ours` fills in what the PG's file does not tell.
pub fn figures(line: &SettlementLine, taxation: Taxation, ours: Option<&Ours>) -> LineFigures {
    let gross = line.amount.saturating_abs();
    let total = gross.saturating_sub(line.discount).max(0);
    let ours = ours.filter(|ours| ours.amount.total == gross);
    let tax_free = match taxation {
        Taxation::Taxable => 0,
        Taxation::Exempt => total,
        Taxation::PerPayment => line
            .tax_free
            .or(ours.map(|ours| ours.amount.tax_free))
            .unwrap_or(0),
    }
    .clamp(0, total);
    let told = match taxation {
        Taxation::PerPayment => line.vat.or(ours
            .filter(|_| line.tax_free.is_none())
            .map(|ours| ours.amount.vat)),
        Taxation::Taxable => line.vat,
        Taxation::Exempt => Some(0),
    };
    let vat = told
        .unwrap_or_else(|| vat_of(gross - tax_free))
        .clamp(0, total - tax_free);
    let sign = match line.kind {
        LineKind::Approval => 1,
        LineKind::Cancellation => -1,
        LineKind::Correction => line.amount.signum(),
    };
    LineFigures {
        total: sign * total,
        supply: sign * (total - tax_free - vat),
        vat: sign * vat,
        tax_free: sign * tax_free,
        amount: sign * gross,
        fee: line.fee,
        fee_vat: line.fee_vat.unwrap_or_else(|| tenth(line.fee)),
    }
}

/// The four sums of a VAT report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VatSums {
    /// Supply, VAT and tax-free part together.
    pub total: i64,
    /// What is neither tax-free nor VAT.
    pub supply: i64,
    /// VAT.
    pub vat: i64,
    /// The tax-free part.
    pub tax_free: i64,
}

impl VatSums {
    /// Adds figures: cancellations, being negative, are subtracted.
    pub const fn add(&mut self, figures: &LineFigures) {
        self.supply = self.supply.saturating_add(figures.supply);
        self.vat = self.vat.saturating_add(figures.vat);
        self.tax_free = self.tax_free.saturating_add(figures.tax_free);
        self.total = self
            .supply
            .saturating_add(self.vat)
            .saturating_add(self.tax_free);
    }
}

/// How many, and how much.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many lines.
    pub count: i64,
    /// Their amounts, without sign but for corrections and lines that were not collected.
    pub amount: i64,
}

impl Tally {
    const fn add(&mut self, count: i64, amount: i64) {
        self.count = self.count.saturating_add(count);
        self.amount = self.amount.saturating_add(amount);
    }
}

/// Sums of a settlement report, of one currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Approvals.
    pub approvals: Tally,
    /// Cancellations of all that was paid.
    pub full_cancels: Tally,
    /// Cancellations of a part.
    pub partial_cancels: Tally,
    /// Cancellations that could be tied to none of ours.
    pub unclassified_cancels: Tally,
    /// Corrections, signed.
    pub corrections: Tally,
    /// Lines of transactions before collection began, signed.
    pub not_collected: Tally,
    /// The PG's fees.
    pub fee: i64,
    /// VAT on them.
    pub fee_vat: i64,
    /// Lines that differ from our books, and by how much in all.
    pub not_matched: Tally,
    /// Lines that have no counterpart, and how much they are about.
    pub incomparable: Tally,
}

impl Summary {
    /// Adds `count` lines alike, whose figures are summed; `difference` is by how much those
    /// that are not matched differ.
    pub const fn add(
        &mut self,
        (action, status): (Action, MatchStatus),
        count: i64,
        figures: &LineFigures,
        difference: i64,
    ) {
        let amount = figures.total.saturating_abs();
        match (status, action) {
            (MatchStatus::NotCollected, _) => self.not_collected.add(count, figures.total),
            (_, Action::Approval) => self.approvals.add(count, amount),
            (_, Action::FullCancel) => self.full_cancels.add(count, amount),
            (_, Action::PartialCancel) => self.partial_cancels.add(count, amount),
            (_, Action::UnclassifiedCancel) => self.unclassified_cancels.add(count, amount),
            (_, Action::Correction) => self.corrections.add(count, figures.total),
        }
        self.fee = self.fee.saturating_add(figures.fee);
        self.fee_vat = self.fee_vat.saturating_add(figures.fee_vat);
        match status {
            MatchStatus::NotMatched => self.not_matched.add(count, difference.saturating_abs()),
            MatchStatus::Incomparable => self.incomparable.add(count, amount),
            MatchStatus::Matched | MatchStatus::NotCollected => {}
        }
    }

    /// Approvals less cancellations, and lines that were not collected.
    pub const fn settlement_count(&self) -> i64 {
        self.approvals.count - self.full_cancels.count - self.partial_cancels.count
            + self.not_collected.count
    }

    /// What the PG pays out: cancellations, fees and VAT on fees subtracted.
    pub const fn settlement_amount(&self) -> i64 {
        self.approvals
            .amount
            .saturating_sub(self.cancel_amount())
            .saturating_add(self.corrections.amount)
            .saturating_add(self.not_collected.amount)
            .saturating_sub(self.fee)
            .saturating_sub(self.fee_vat)
    }

    /// Full, partial and unclassified cancellations.
    pub const fn cancel_count(&self) -> i64 {
        self.full_cancels.count + self.partial_cancels.count + self.unclassified_cancels.count
    }

    /// The amount of full, partial and unclassified cancellations.
    pub const fn cancel_amount(&self) -> i64 {
        self.full_cancels
            .amount
            .saturating_add(self.partial_cancels.amount)
            .saturating_add(self.unclassified_cancels.amount)
    }

    /// By how much lines differ, and the amount of those that can't be compared.
    pub const fn anomaly_amount(&self) -> i64 {
        self.not_matched
            .amount
            .saturating_add(self.incomparable.amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_is_rounded_halves_away_from_zero() {
        let seen = [
            (275, 28),
            (-275, -28),
            (274, 27),
            (0, 0),
            (5, 1),
            (4, 0),
            (-4, 0),
        ];
        for (fee, vat) in seen {
            assert_eq!(tenth(fee), vat, "{fee}");
        }
    }
}
