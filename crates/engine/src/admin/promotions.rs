//! Promotions as an administrator makes and changes them, and the card prefixes that they need.

use naru_domain::promotion::{DiscountPolicy, Promotion, PromotionChange, Recovery};
use naru_domain::{Currency, PromotionId, StoreId, Timestamp};
use naru_store::{Commit, Condition, Direction, Query, Versioned, tables};

use crate::promotions::PromotionView;
use crate::records::{CardBinRecord, PromotionBudgetRecord, PromotionRecord};
use crate::{Engine, Fault};

/// Promotions in a list.
const PROMOTIONS_MAX: u32 = 1_000;
/// Card prefixes in one import.
const CARD_BINS_MAX: usize = 20_000;
/// Card prefixes in one unit.
const CARD_BINS_STEP: usize = 500;

/// A promotion to create.
#[derive(Debug, Clone)]
pub struct NewPromotion {
    /// Whose.
    pub store_id: StoreId,
    /// For people.
    pub name: String,
    /// The contract's name of the card company.
    pub card_company: String,
    /// The currency of orders and of the budget.
    pub currency: Currency,
    /// What it takes off.
    pub policy: DiscountPolicy,
    /// What all discounts together may come to.
    pub total_budget: i64,
    /// Whether cancellations give back to the budget.
    pub recovery: Recovery,
    /// From when; at once if not given.
    pub start_at: Option<Timestamp>,
    /// Until when.
    pub end_at: Timestamp,
}

/// What an administrator does to a promotion.
#[derive(Debug, Clone)]
pub enum PromotionAct {
    /// Gives no discounts until it is resumed.
    Pause,
    /// Goes on.
    Resume,
    /// Ends for good.
    Terminate,
    /// Changes what it is.
    Change(Box<PromotionChange>),
}

impl Engine {
    /// Creates a promotion with its budget.
    pub async fn create_promotion(&self, new: NewPromotion) -> Result<PromotionView, Fault> {
        let store = self.existing_store(&new.store_id).await?;
        let now = self.now();
        let promotion = Promotion {
            id: PromotionId::new(format!("promotion-id-{}", self.random_uuid())),
            store_id: store.id,
            name: new.name,
            card_company: new.card_company,
            currency: new.currency,
            policy: new.policy,
            total_budget: new.total_budget,
            recovery: new.recovery,
            start_at: new.start_at.unwrap_or(now),
            end_at: new.end_at,
            created_at: now,
            paused_at: None,
            terminated_at: None,
            exhausted_from: None,
        };
        promotion.check(now)?;
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&PromotionRecord(promotion.clone()))?;
        unit.insert(&PromotionBudgetRecord {
            promotion_id: promotion.id.as_str().to_owned(),
        })?;
        self.commit(unit).await?;
        self.view_promotion(promotion).await
    }

    /// The promotions of a store, the newest first.
    pub async fn promotions(&self, store_id: &StoreId) -> Result<Vec<PromotionView>, Fault> {
        let query = Query::of(&tables::PROMOTIONS, PROMOTIONS_MAX)
            .and(Condition::Is("store_id", store_id.as_str().into()))
            .by("created_at", Direction::Descending);
        let mut views = Vec::new();
        for found in self.store().list::<PromotionRecord>(query).await? {
            views.push(self.view_promotion(found.value.0).await?);
        }
        Ok(views)
    }

    /// A promotion that must exist.
    pub async fn existing_promotion(&self, id: &PromotionId) -> Result<PromotionView, Fault> {
        let found = self.promotion_row(id).await?;
        self.view_promotion(found.value.0).await
    }

    async fn promotion_row(&self, id: &PromotionId) -> Result<Versioned<PromotionRecord>, Fault> {
        self.load_promotion(id).await?.ok_or_else(|| {
            Fault::invalid(format!(
                "`{id}` is no promotion; see `naru promotions list`"
            ))
        })
    }

    /// Changes a promotion, if its status allows it.
    pub async fn act_on_promotion(
        &self,
        id: &PromotionId,
        act: PromotionAct,
    ) -> Result<PromotionView, Fault> {
        let found = self.promotion_row(id).await?;
        let promotion = &found.value.0;
        let at = (self.budget_spent(id).await?, self.now());
        let value = match act {
            PromotionAct::Pause => promotion.pause(at)?,
            PromotionAct::Resume => promotion.resume(at)?,
            PromotionAct::Terminate => promotion.terminate(at)?,
            PromotionAct::Change(change) => promotion.change(*change, at)?,
        };
        let changed = Versioned {
            version: found.version,
            value: PromotionRecord(value),
        };
        let changed = self.change(changed).await?;
        self.view_promotion(changed.0).await
    }

    /// Says whose cards begin with which digits; what is known already is replaced.
    pub async fn put_card_bins(&self, bins: Vec<CardBinRecord>) -> Result<usize, Fault> {
        if bins.len() > CARD_BINS_MAX {
            return Err(Fault::invalid(format!(
                "`bins`: expected at most {CARD_BINS_MAX} at a time"
            )));
        }
        if let Some(broken) = bins.iter().find(|one| !is_card_bin(one)) {
            return Err(Fault::invalid(format!(
                "`{}` and `{}`: expected six to eight digits and a company such as `SAMSUNG_CARD`",
                broken.bin, broken.company
            )));
        }
        for some in bins.chunks(CARD_BINS_STEP) {
            let mut unit = Commit::new(self.new_uuid());
            for one in some {
                unit.upsert(one)?;
            }
            self.commit(unit).await?;
        }
        Ok(bins.len())
    }

    /// The company that a card's first digits stand for.
    pub async fn company_of_card(&self, digits: &str) -> Result<Option<String>, Fault> {
        self.card_company(digits).await
    }
}

fn is_card_bin(one: &CardBinRecord) -> bool {
    let is_bin = (6..=8).contains(&one.bin.len()) && one.bin.bytes().all(|b| b.is_ascii_digit());
    let is_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    is_bin && (1..=50).contains(&one.company.len()) && one.company.bytes().all(is_name)
}
