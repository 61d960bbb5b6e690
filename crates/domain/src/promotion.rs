//! Promotions: a store's discount for the cards of one company, paid from a budget.
//!
//! What a promotion is, who may change what of it when, and how much it takes off an order. What
//! of its budget is spent comes in from outside: a counter that many payments change at once.
//! Nothing here knows a payment; what a payment keeps of a promotion is
//! [`AppliedPromotion`](crate::payment::AppliedPromotion).
//!
//! Invariant: a status is derived, never stored, so time alone can change it.

mod policy;

pub(crate) use policy::share;
pub use policy::{BrokenPolicy, DiscountPolicy, PARTITIONS_MAX, Partition, Scheme};

use serde::{Deserialize, Serialize};

use crate::payment::AppliedPromotion;
use crate::{Currency, PromotionId, StoreId, Timestamp};

/// The companies whose cards promotions are for, by the contract's names.
pub const CARD_COMPANIES: [&str; 9] = [
    "WOORI_CARD",
    "BC_CARD",
    "SAMSUNG_CARD",
    "SHINHAN_CARD",
    "HYUNDAI_CARD",
    "LOTTE_CARD",
    "NH_CARD",
    "HANA_CARD",
    "KOOKMIN_CARD",
];

/// A promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// Its id.
    pub id: PromotionId,
    /// Whose it is.
    pub store_id: StoreId,
    /// For people.
    pub name: String,
    /// The contract's name of the card company, such as `SAMSUNG_CARD`.
    pub card_company: String,
    /// The currency of orders and of the budget.
    pub currency: Currency,
    /// What it takes off.
    pub policy: DiscountPolicy,
    /// What all discounts together may come to, before the spare budget.
    pub total_budget: i64,
    /// Whether cancellations give back to the budget.
    pub recovery: Recovery,
    /// From when.
    pub start_at: Timestamp,
    /// Until when.
    pub end_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it is paused.
    pub paused_at: Option<Timestamp>,
    /// When it was ended by hand.
    pub terminated_at: Option<Timestamp>,
    /// What was spent when a discount no longer fitted into the budget. It is exhausted for as
    /// long as no less is spent.
    pub exhausted_from: Option<i64>,
}

/// Whether cancellations give back to the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Recovery {
    /// They do.
    Recover,
    /// They don't.
    NoRecover {
        /// A further budget, for the refunds that are expected.
        spare: Option<Spare>,
    },
}

/// A further budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Spare {
    /// So much.
    Amount {
        /// In minor units.
        amount: i64,
    },
    /// So much of the total budget.
    Percent {
        /// Whole percents.
        percent: i32,
    },
}

/// Where a promotion stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromotionStatus {
    /// It has not started.
    Scheduled,
    /// It gives discounts.
    InProgress,
    /// It gives none until it is resumed.
    Paused,
    /// Its budget is spent, until a cancellation gives back.
    BudgetExhausted,
    /// It was ended by hand.
    Terminated,
    /// Its end was reached.
    Completed,
}

impl PromotionStatus {
    /// The name on the V2 wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::InProgress => "IN_PROGRESS",
            Self::Paused => "PAUSED",
            Self::BudgetExhausted => "BUDGET_EXHAUSTED",
            Self::Terminated => "TERMINATED",
            Self::Completed => "COMPLETED",
        }
    }
}

/// How an order is paid, as far as a promotion asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payer<'a> {
    /// By a card of this company; nothing if the company is not known.
    Card(Option<&'a str>),
    /// By something else.
    Other,
}

/// What a promotion offers an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// Nothing: the order is paid as it is.
    Nothing,
    /// Nothing, since the rest of the budget is too small; from now on it is exhausted.
    Exhausted,
    /// A discount.
    Discount(AppliedPromotion),
}

/// Why an order with a promotion is refused, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromotionRefusal {
    /// It is not paid by a card of the promotion's company.
    PayMethodDoesNotMatch,
    /// Nothing would be left to pay.
    DiscountExceedsTotal,
}

/// A change that an administrator asks for. What is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PromotionChange {
    /// A name.
    pub name: Option<String>,
    /// A start.
    pub start_at: Option<Timestamp>,
    /// An end.
    pub end_at: Option<Timestamp>,
    /// A card company.
    pub card_company: Option<String>,
    /// A budget.
    pub total_budget: Option<i64>,
    /// What is taken off.
    pub policy: Option<DiscountPolicy>,
    /// Whether cancellations give back to the budget.
    pub recovery: Option<Recovery>,
}

/// Why a promotion can't be made or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrokenPromotion {
    /// A field is not as it must be.
    #[error("`{0}`: expected {1}")]
    Field(&'static str, &'static str),
    /// It can't be done in this status.
    #[error("the promotion is {status}, {why}")]
    Status {
        /// The wire's name of the status.
        status: &'static str,
        /// What that rules out.
        why: &'static str,
    },
}

impl From<BrokenPolicy> for BrokenPromotion {
    fn from(BrokenPolicy(field, expected): BrokenPolicy) -> Self {
        Self::Field(field, expected)
    }
}

impl Promotion {
    /// What all discounts together may come to, spare budget included.
    pub fn budget(&self) -> i64 {
        let spare = match self.recovery {
            Recovery::Recover | Recovery::NoRecover { spare: None } => 0,
            Recovery::NoRecover {
                spare: Some(Spare::Amount { amount }),
            } => amount,
            Recovery::NoRecover {
                spare: Some(Spare::Percent { percent }),
            } => share(self.total_budget, percent.into(), 100),
        };
        self.total_budget.saturating_add(spare)
    }

    /// Where it stands when so much of its budget is spent.
    pub fn status(&self, spent: i64, now: Timestamp) -> PromotionStatus {
        let is_exhausted =
            spent >= self.budget() || self.exhausted_from.is_some_and(|from| spent >= from);
        if self.terminated_at.is_some() {
            PromotionStatus::Terminated
        } else if now >= self.end_at {
            PromotionStatus::Completed
        } else if self.paused_at.is_some() {
            PromotionStatus::Paused
        } else if now < self.start_at {
            PromotionStatus::Scheduled
        } else if is_exhausted {
            PromotionStatus::BudgetExhausted
        } else {
            PromotionStatus::InProgress
        }
    }

    /// What it offers an order of this total. Of a promotion that is not in progress nobody asks
    /// whose card it is: the order is paid as it is.
    pub fn offer(
        &self,
        total: i64,
        payer: Payer<'_>,
        (spent, now): (i64, Timestamp),
    ) -> Result<Offer, PromotionRefusal> {
        match self.status(spent, now) {
            PromotionStatus::InProgress => {}
            PromotionStatus::Scheduled
            | PromotionStatus::Paused
            | PromotionStatus::BudgetExhausted
            | PromotionStatus::Terminated
            | PromotionStatus::Completed => return Ok(Offer::Nothing),
        }
        if payer != Payer::Card(Some(&self.card_company)) {
            return Err(PromotionRefusal::PayMethodDoesNotMatch);
        }
        let discount = self.policy.discount(total);
        if discount <= 0 {
            return Ok(Offer::Nothing);
        }
        if discount >= total {
            return Err(PromotionRefusal::DiscountExceedsTotal);
        }
        if spent.saturating_add(discount) > self.budget() {
            return Ok(Offer::Exhausted);
        }
        Ok(Offer::Discount(AppliedPromotion {
            id: self.id.clone(),
            discount,
            policy: self.policy.clone(),
            recovers: self.recovery == Recovery::Recover,
            budget: self.budget(),
            company: Some(self.card_company.clone()),
        }))
    }

    /// Whether it may be made at this moment.
    pub fn check(&self, now: Timestamp) -> Result<(), BrokenPromotion> {
        let field = |field, expected| Err(BrokenPromotion::Field(field, expected));
        if self.name.trim().is_empty() {
            return field("name", "a name");
        }
        if !CARD_COMPANIES.contains(&self.card_company.as_str()) {
            return field("cardCompany", "a card company that has promotions");
        }
        self.policy.check()?;
        if self.total_budget <= 0 {
            return field("totalBudget", "an amount of more than zero");
        }
        if self.end_at <= self.start_at {
            return field("endAt", "a time after the start");
        }
        if self.end_at <= now {
            return field("endAt", "a time to come");
        }
        match self.recovery {
            Recovery::NoRecover {
                spare: Some(Spare::Amount { amount: ..=0 }),
            } => field("spareBudget.amount", "an amount of more than zero"),
            Recovery::NoRecover {
                spare: Some(Spare::Percent { percent }),
            } if !(1..=100).contains(&percent) => {
                field("spareBudget.percent", "a number from 1 to 100")
            }
            Recovery::Recover | Recovery::NoRecover { .. } => Ok(()),
        }
    }

    /// A change: all of it before the start, name and schedule while it runs, name and end while
    /// it is paused, nothing afterwards.
    pub fn change(
        &self,
        change: PromotionChange,
        (spent, now): (i64, Timestamp),
    ) -> Result<Self, BrokenPromotion> {
        let status = self.status(spent, now);
        let refuse = |why| {
            let status = status.name();
            Err(BrokenPromotion::Status { status, why })
        };
        let is_deep = change.card_company.is_some()
            || change.total_budget.is_some()
            || change.policy.is_some()
            || change.recovery.is_some();
        match status {
            PromotionStatus::InProgress | PromotionStatus::BudgetExhausted if is_deep => {
                return refuse("only its name and its schedule can be changed");
            }
            PromotionStatus::Paused if is_deep || change.start_at.is_some() => {
                return refuse("only its name and its end can be changed");
            }
            PromotionStatus::Scheduled
            | PromotionStatus::InProgress
            | PromotionStatus::BudgetExhausted
            | PromotionStatus::Paused => {}
            PromotionStatus::Terminated | PromotionStatus::Completed => {
                return refuse("nothing can be changed");
            }
        }
        let changed = Self {
            name: change.name.unwrap_or_else(|| self.name.clone()),
            start_at: change.start_at.unwrap_or(self.start_at),
            end_at: change.end_at.unwrap_or(self.end_at),
            card_company: change
                .card_company
                .unwrap_or_else(|| self.card_company.clone()),
            total_budget: change.total_budget.unwrap_or(self.total_budget),
            policy: change.policy.unwrap_or_else(|| self.policy.clone()),
            recovery: change.recovery.unwrap_or(self.recovery),
            ..self.clone()
        };
        changed.check(now)?;
        Ok(changed)
    }

    /// Gives no discounts until it is resumed.
    pub fn pause(&self, (spent, now): (i64, Timestamp)) -> Result<Self, BrokenPromotion> {
        match self.status(spent, now) {
            PromotionStatus::Scheduled
            | PromotionStatus::InProgress
            | PromotionStatus::BudgetExhausted => Ok(Self {
                paused_at: Some(now),
                ..self.clone()
            }),
            status @ (PromotionStatus::Paused
            | PromotionStatus::Terminated
            | PromotionStatus::Completed) => Err(BrokenPromotion::Status {
                status: status.name(),
                why: "there is nothing to pause",
            }),
        }
    }

    /// Goes back to whatever fits now.
    pub fn resume(&self, (spent, now): (i64, Timestamp)) -> Result<Self, BrokenPromotion> {
        match self.status(spent, now) {
            PromotionStatus::Paused => Ok(Self {
                paused_at: None,
                ..self.clone()
            }),
            status @ (PromotionStatus::Scheduled
            | PromotionStatus::InProgress
            | PromotionStatus::BudgetExhausted
            | PromotionStatus::Terminated
            | PromotionStatus::Completed) => Err(BrokenPromotion::Status {
                status: status.name(),
                why: "there is nothing to resume",
            }),
        }
    }

    /// Ends it for good.
    pub fn terminate(&self, (spent, now): (i64, Timestamp)) -> Result<Self, BrokenPromotion> {
        match self.status(spent, now) {
            PromotionStatus::Scheduled
            | PromotionStatus::InProgress
            | PromotionStatus::Paused
            | PromotionStatus::BudgetExhausted => Ok(Self {
                terminated_at: Some(now),
                ..self.clone()
            }),
            status @ (PromotionStatus::Terminated | PromotionStatus::Completed) => {
                Err(BrokenPromotion::Status {
                    status: status.name(),
                    why: "it has ended already",
                })
            }
        }
    }

    /// Marks that a discount no longer fits when so much is spent.
    #[must_use]
    pub fn exhausted(&self, spent: i64) -> Self {
        Self {
            exhausted_from: Some(spent),
            ..self.clone()
        }
    }
}
