//! Promotions.

use naru_domain::promotion::{DiscountPolicy, PromotionStatus, Recovery, Scheme, Spare};
use naru_engine::{Fault, PromotionView};
use naru_wire_v2 as wire;

use super::known;

/// A promotion with what is spent of its budget.
pub(crate) fn promotion(view: &PromotionView) -> Result<wire::Promotion, Fault> {
    let promotion = &view.promotion;
    let company = wire::PromotionCardCompany::parse(&promotion.card_company);
    let currency = wire::Currency::parse(promotion.currency.as_str());
    Ok(wire::Promotion::Card(wire::CardPromotion {
        card_company: known("card company", company)?,
        created_at: promotion.created_at.to_string(),
        currency: known("currency", currency)?,
        discount_policy: policy(&promotion.policy),
        end_at: promotion.end_at.to_string(),
        id: promotion.id.to_string(),
        max_discount_amount: promotion.policy.max_discount,
        name: promotion.name.clone(),
        recover_option: recovery(promotion.recovery),
        spent_amount: view.spent,
        start_at: promotion.start_at.to_string(),
        status: status(view.status),
        store_id: promotion.store_id.to_string(),
        terminated_at: promotion.terminated_at.map(|at| at.to_string()),
        total_budget: promotion.total_budget,
    }))
}

fn policy(policy: &DiscountPolicy) -> wire::PromotionDiscountPolicy {
    let partitions = policy.partitions.iter();
    let partitions = partitions.map(|partition| wire::PromotionDiscountPartition {
        amount_from: partition.amount_from,
        scheme: match partition.scheme {
            Scheme::Amount { amount } => {
                wire::PromotionDiscountScheme::Amount(wire::PromotionAmountDiscountScheme {
                    amount,
                })
            }
            Scheme::Percent { percent } => {
                wire::PromotionDiscountScheme::Percent(wire::PromotionPercentDiscountScheme {
                    percent,
                })
            }
        },
    });
    wire::PromotionDiscountPolicy {
        partitions: partitions.collect(),
    }
}

fn recovery(recovery: Recovery) -> wire::PromotionRecoverOption {
    match recovery {
        Recovery::Recover => {
            wire::PromotionRecoverOption::Recover(wire::PromotionRecoverOptionRecover {})
        }
        Recovery::NoRecover { spare } => {
            let spare_budget = spare.map(|spare| match spare {
                Spare::Amount { amount } => {
                    wire::PromotionSpareBudget::Amount(wire::PromotionSpareBudgetAmount { amount })
                }
                Spare::Percent { percent } => {
                    wire::PromotionSpareBudget::Percent(wire::PromotionSpareBudgetPercent {
                        percent,
                    })
                }
            });
            wire::PromotionRecoverOption::NoRecover(wire::PromotionRecoverOptionNoRecover {
                spare_budget,
            })
        }
    }
}

const fn status(status: PromotionStatus) -> wire::PromotionStatus {
    match status {
        PromotionStatus::Scheduled => wire::PromotionStatus::Scheduled,
        PromotionStatus::InProgress => wire::PromotionStatus::InProgress,
        PromotionStatus::Paused => wire::PromotionStatus::Paused,
        PromotionStatus::BudgetExhausted => wire::PromotionStatus::BudgetExhausted,
        PromotionStatus::Terminated => wire::PromotionStatus::Terminated,
        PromotionStatus::Completed => wire::PromotionStatus::Completed,
    }
}
