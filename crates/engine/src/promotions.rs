//! Promotions at work: what one offers an order, and whose card pays it.

use naru_connector::Operation;
use naru_domain::payment::{AppliedPromotion, Attempt, Failure, OrderDetails};
use naru_domain::promotion::{Offer, Payer, Promotion, PromotionRefusal, PromotionStatus};
use naru_domain::{Amount, Card, MethodKind, PromotionId, WindowWishes};
use naru_store::{Commit, Value, Versioned, Write, tables};

use crate::records::{CardBinRecord, PromotionRecord, StoreRecord};
use crate::{Caller, Engine, Fault};

/// First digits of a card by which its company may be known, longest first.
const BIN_LENGTHS: [usize; 3] = [8, 7, 6];

/// A promotion as readers see it.
#[derive(Debug, Clone)]
pub struct PromotionView {
    /// The promotion.
    pub promotion: Promotion,
    /// What is reserved and spent of its budget.
    pub spent: i64,
    /// Where it stands.
    pub status: PromotionStatus,
}

/// What of a payment's method a promotion asks about.
#[derive(Debug, Clone)]
pub(crate) enum PaidBy {
    /// A card with these first digits; the PG has named its company, where it has.
    Card {
        company: Option<String>,
        bin: Option<String>,
    },
    /// Something else.
    Other,
}

impl PaidBy {
    /// A typed-in card: all that is looked at is its first digits (P8).
    pub(crate) fn number(number: &naru_connector::Secret) -> Self {
        let bin: String = number.expose().chars().take(8).collect();
        Self::Card {
            company: None,
            bin: Some(bin),
        }
    }

    /// A window: who opens it at one company's cards lets no other pay.
    pub(crate) fn window(method: MethodKind, wishes: &WindowWishes, issues_key: bool) -> Self {
        if method != MethodKind::Card || issues_key {
            return Self::Other;
        }
        let card = wishes.card.as_ref();
        Self::Card {
            company: card.and_then(|card| card.company.clone()),
            bin: None,
        }
    }

    /// A card that a PG has described.
    pub(crate) fn card(card: &Card) -> Self {
        Self::Card {
            company: card.issuer.clone(),
            bin: card.bin.clone(),
        }
    }
}

/// What came of asking for a promotion.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) applied: Option<AppliedPromotion>,
    pub(crate) refusal: Option<PromotionRefusal>,
    /// What else is to be written with the intent.
    pub(crate) also: Vec<Write>,
}

impl Engine {
    /// What an order's promotion makes of it at this moment.
    pub(crate) async fn ask_promotion(
        &self,
        store: &StoreRecord,
        order: &OrderDetails,
        paid_by: &PaidBy,
    ) -> Result<Asked, Fault> {
        let Some(id) = &order.promotion_id else {
            return Ok(Asked::default());
        };
        let found = self.load_promotion(&PromotionId::new(id)).await?;
        let Some(found) = found.filter(|found| found.value.0.store_id == store.id) else {
            return Err(Fault::invalid(
                "`promotionId`: expected a promotion of the store",
            ));
        };
        let promotion = &found.value.0;
        if promotion.currency != order.currency {
            return Err(Fault::invalid(format!(
                "`promotionId`: expected a promotion in the currency of the order; it is in {}",
                promotion.currency.as_str()
            )));
        }
        let company = match paid_by {
            PaidBy::Card { company, bin } => match (company, bin) {
                (Some(company), _) => Some(company.clone()),
                (None, Some(bin)) => self.card_company(bin).await?,
                (None, None) => None,
            },
            PaidBy::Other => None,
        };
        let payer = match paid_by {
            PaidBy::Card { .. } => Payer::Card(company.as_deref()),
            PaidBy::Other => Payer::Other,
        };
        let spent = self.budget_spent(&promotion.id).await?;
        let mut asked = Asked::default();
        match promotion.offer(order.amount.total, payer, (spent, self.now())) {
            Ok(Offer::Nothing) => {}
            Ok(Offer::Discount(applied)) => asked.applied = Some(applied),
            Ok(Offer::Exhausted) => {
                let mut unit = Commit::new(self.new_uuid());
                unit.update(&Versioned {
                    version: found.version,
                    value: PromotionRecord(promotion.exhausted(spent)),
                })?;
                asked.also = unit.writes;
            }
            Err(refusal) => asked.refusal = Some(refusal),
        }
        Ok(asked)
    }

    /// Why a window's promotion can't be had any more at its approval. Nothing is reserved
    /// before: the customer may never come back from the window (decision 0018).
    pub(crate) async fn spent_meanwhile(
        &self,
        attempt: &Attempt,
    ) -> Result<Option<Failure>, Fault> {
        let Some(applied) = &attempt.promotion else {
            return Ok(None);
        };
        let spent = self.budget_spent(&applied.id).await?;
        let is_spent = spent.saturating_add(applied.discount) > applied.budget;
        Ok(is_spent.then(|| {
            Failure::own(
                Failure::PROMOTION_SPENT,
                "the promotion's budget was spent meanwhile; no money was taken",
            )
        }))
    }

    /// The company of cards that begin so; nothing if the operator has not said.
    pub(crate) async fn card_company(&self, digits: &str) -> Result<Option<String>, Fault> {
        for length in BIN_LENGTHS {
            let Some(bin) = digits.get(..length) else {
                continue;
            };
            let found = self.store().load::<CardBinRecord>(vec![bin.into()]).await?;
            if let Some(found) = found {
                return Ok(Some(found.value.company));
            }
        }
        Ok(None)
    }

    pub(crate) async fn load_promotion(
        &self,
        id: &PromotionId,
    ) -> Result<Option<Versioned<PromotionRecord>>, Fault> {
        Ok(self.store().load(vec![id.as_str().into()]).await?)
    }

    /// What is reserved and spent of a promotion's budget.
    pub(crate) async fn budget_spent(&self, id: &PromotionId) -> Result<i64, Fault> {
        let key = vec![id.as_str().into()];
        let row = self.store().get(&tables::PROMOTION_BUDGETS, key).await?;
        match row.and_then(|row| row.columns.into_iter().next()) {
            Some(Value::Int(spent)) => Ok(spent),
            Some(Value::Null | Value::Text(_)) | None => {
                Err(Fault::internal(format!("promotion {id} has no budget")))
            }
        }
    }

    pub(crate) async fn view_promotion(
        &self,
        promotion: Promotion,
    ) -> Result<PromotionView, Fault> {
        let spent = self.budget_spent(&promotion.id).await?;
        Ok(PromotionView {
            status: promotion.status(spent, self.now()),
            promotion,
            spent,
        })
    }

    /// `GET /promotions/{promotionId}`: one of the caller's stores.
    pub async fn promotion_for(
        &self,
        caller: &Caller,
        id: &PromotionId,
    ) -> Result<PromotionView, Fault> {
        let found = self
            .load_promotion(id)
            .await?
            .ok_or(Fault::PromotionNotFound)?;
        let promotion = found.value.0;
        // What a caller may not see, it can't tell from what doesn't exist (P9).
        match self
            .store_for(caller, Some(promotion.store_id.as_str()))
            .await
        {
            Ok(_) => self.view_promotion(promotion).await,
            Err(Fault::Forbidden) => Err(Fault::PromotionNotFound),
            Err(fault) => Err(fault),
        }
    }
}

/// Has an operation ask for another amount.
pub(crate) fn reprice(operation: &mut Operation, amount: Amount) {
    match operation {
        Operation::PayCard(pay) => pay.order.amount = amount,
        Operation::IssueVirtualAccount(issue) => issue.order.amount = amount,
        Operation::ChargeBillingKey(charge) => charge.order.amount = amount,
        // Promotions are not used in windows.
        Operation::ApproveWindow(_)
        | Operation::NetCancel(_)
        | Operation::IssueBillingKey(_)
        | Operation::CapturePayment(_)
        | Operation::Refund(_)
        | Operation::CloseVirtualAccount(_)
        | Operation::DeleteBillingKey(_)
        | Operation::RegisterShipment(_)
        | Operation::AcceptRejection(_)
        | Operation::RegisterStoreSales(_)
        | Operation::IssueCashReceipt(_)
        | Operation::CancelCashReceipt(_)
        | Operation::Identity(_)
        | Operation::Inquire(_) => {}
    }
}
