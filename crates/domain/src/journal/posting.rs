//! One posting.

use serde::{Deserialize, Serialize};

use super::BookAccount;
use crate::{Currency, Timestamp};

/// What a posting is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PostingKind {
    /// Money that was taken and kept.
    Capture,
    /// What a promotion took off the order.
    Discount,
    /// Money that was given back because the merchant asked.
    Cancellation,
    /// What a cancellation changed of the discount.
    DiscountBack,
    /// Money that was taken and has to go back.
    Undue,
    /// That money, gone back.
    Reversal,
    /// What a PG paid out.
    Settlement,
    /// What of it somebody else paid.
    PaidElsewhere,
    /// What the PG kept.
    Fee,
    /// VAT on that.
    FeeVat,
    /// A settlement that another import took the place of.
    SettlementBack,
    /// What of it somebody else had paid.
    PaidElsewhereBack,
    /// Its fee.
    FeeBack,
    /// VAT on that.
    FeeVatBack,
}

impl PostingKind {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Capture,
        Self::Discount,
        Self::Cancellation,
        Self::DiscountBack,
        Self::Undue,
        Self::Reversal,
        Self::Settlement,
        Self::PaidElsewhere,
        Self::Fee,
        Self::FeeVat,
        Self::SettlementBack,
        Self::PaidElsewhereBack,
        Self::FeeBack,
        Self::FeeVatBack,
    ];

    /// Its name in the store and in findings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Discount => "discount",
            Self::Cancellation => "cancellation",
            Self::DiscountBack => "discount-back",
            Self::Undue => "undue",
            Self::Reversal => "reversal",
            Self::Settlement => "settlement",
            Self::PaidElsewhere => "paid-elsewhere",
            Self::Fee => "fee",
            Self::FeeVat => "fee-vat",
            Self::SettlementBack => "settlement-back",
            Self::PaidElsewhereBack => "paid-elsewhere-back",
            Self::FeeBack => "fee-back",
            Self::FeeVatBack => "fee-vat-back",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// An amount that moved between two accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// What it is of.
    pub kind: PostingKind,
    /// The id of the attempt or the cancellation; for a settlement the currency and the batch.
    pub about: String,
    /// The account that it comes to.
    pub debit: BookAccount,
    /// The account that it comes from; another one.
    pub credit: BookAccount,
    /// Minor units, more than nothing.
    pub amount: i64,
    /// In which currency.
    pub currency: Currency,
    /// When the money moved, as the PG says. Of a reversal: not before the money was taken, nor
    /// before the attempt failed. Of a settlement: the beginning of its day.
    pub at: Timestamp,
}

impl Posting {
    /// What tells it from the other postings of its payment or settlement. The same thing that
    /// happened always has the same id.
    pub fn id(&self) -> String {
        format!("{}:{}", self.kind.name(), self.about)
    }

    /// The kind and what it is about, of an id.
    pub fn parse_id(id: &str) -> Option<(PostingKind, &str)> {
        let (kind, about) = id.split_once(':')?;
        Some((PostingKind::parse(kind)?, about))
    }
}

/// A posting in the making: all but its accounts and amount.
pub(super) struct Moved<'a> {
    pub(super) kind: PostingKind,
    pub(super) about: &'a str,
    pub(super) currency: &'a Currency,
    pub(super) at: Timestamp,
}

impl Moved<'_> {
    /// The posting of an amount; of less than nothing it goes the other way. Nothing of nothing.
    pub(super) fn posting(
        self,
        (debit, credit): (BookAccount, BookAccount),
        amount: i64,
    ) -> Option<Posting> {
        let (debit, credit) = match amount.signum() {
            0 => return None,
            1 => (debit, credit),
            _ => (credit, debit),
        };
        Some(Posting {
            kind: self.kind,
            about: self.about.to_owned(),
            debit,
            credit,
            amount: amount.saturating_abs(),
            currency: self.currency.clone(),
            at: self.at,
        })
    }
}
