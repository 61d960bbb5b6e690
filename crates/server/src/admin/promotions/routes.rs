//! The admin routes of promotions: from [`super::types`] to the engine and back.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use naru_domain::promotion::{self, DiscountPolicy, Scheme, Spare};
use naru_domain::{Currency, PromotionId, StoreId};
use naru_engine::admin::{self, PromotionAct};
use naru_engine::records::CardBinRecord;
use naru_engine::{Engine, Fault, PromotionView};

use super::types::{
    CardCompany, Imported, NewCardBins, NewPromotion, Partition, Promotion, PromotionChange,
    Recovery,
};
use crate::admin::routes::{Answer, existing, json, moment, read, refused};
use crate::admin::types::Items;

/// Under `/admin/v1`, behind the guard.
pub(in crate::admin) fn routes() -> Router<Engine> {
    Router::new()
        .route("/stores/{store}/promotions", get(list).post(create))
        .route("/promotions/{promotion}", get(show).post(change))
        .route("/promotions/{promotion}/{act}", post(act))
        .route("/card-bins", post(put_card_bins))
        .route("/card-bins/{digits}", get(company_of_card))
}

async fn list(State(engine): State<Engine>, Path(store): Path<String>) -> Answer {
    let store = existing(&engine, store).await?;
    let found = engine.promotions(&store).await.map_err(refused)?;
    Ok(json(&Items {
        items: found.iter().map(view).collect(),
    }))
}

async fn create(State(engine): State<Engine>, Path(store): Path<String>, body: Bytes) -> Answer {
    let new: NewPromotion = read(&body).map_err(refused)?;
    let new = new_promotion(store, new).map_err(refused)?;
    let made = engine.create_promotion(new).await.map_err(refused)?;
    Ok(json(&view(&made)))
}

async fn show(State(engine): State<Engine>, Path(promotion): Path<String>) -> Answer {
    let id = PromotionId::new(promotion);
    let found = engine.existing_promotion(&id).await.map_err(refused)?;
    Ok(json(&view(&found)))
}

async fn change(
    State(engine): State<Engine>,
    Path(promotion): Path<String>,
    body: Bytes,
) -> Answer {
    let change: PromotionChange = read(&body).map_err(refused)?;
    let change = change_of(change).map_err(refused)?;
    done(&engine, promotion, PromotionAct::Change(Box::new(change))).await
}

async fn act(
    State(engine): State<Engine>,
    Path((promotion, act)): Path<(String, String)>,
) -> Answer {
    let act = match act.as_str() {
        "pause" => PromotionAct::Pause,
        "resume" => PromotionAct::Resume,
        "terminate" => PromotionAct::Terminate,
        other => {
            let message = format!("`{other}` is nothing that a promotion does");
            return Err(refused(Fault::invalid(message)));
        }
    };
    done(&engine, promotion, act).await
}

async fn done(engine: &Engine, promotion: String, act: PromotionAct) -> Answer {
    let id = PromotionId::new(promotion);
    let changed = engine.act_on_promotion(&id, act).await.map_err(refused)?;
    Ok(json(&view(&changed)))
}

async fn put_card_bins(State(engine): State<Engine>, body: Bytes) -> Answer {
    let NewCardBins { bins } = read(&body).map_err(refused)?;
    let bins = bins.into_iter();
    let bins = bins.map(|(bin, company)| CardBinRecord { bin, company });
    let count = engine
        .put_card_bins(bins.collect())
        .await
        .map_err(refused)?;
    Ok(json(&Imported { count }))
}

async fn company_of_card(State(engine): State<Engine>, Path(digits): Path<String>) -> Answer {
    let company = engine.company_of_card(&digits).await.map_err(refused)?;
    Ok(json(&CardCompany { company }))
}

fn new_promotion(store: String, new: NewPromotion) -> Result<admin::NewPromotion, Fault> {
    Ok(admin::NewPromotion {
        store_id: StoreId::new(store),
        name: new.name,
        card_company: new.card_company,
        currency: Currency::new(currency(&new.currency)?),
        policy: policy(new.partitions, new.max_discount_amount)?,
        total_budget: new.total_budget,
        recovery: recovery(new.recovery)?,
        start_at: new.start_at.as_deref().map(moment).transpose()?,
        end_at: moment(&new.end_at)?,
    })
}

/// A promotion in a currency that no order has would only look like one.
fn currency(code: &str) -> Result<&str, Fault> {
    if naru_api_v2::names::is_currency(code) {
        return Ok(code);
    }
    Err(Fault::invalid(format!(
        "`{code}` is no currency; write `KRW`"
    )))
}

fn change_of(change: PromotionChange) -> Result<promotion::PromotionChange, Fault> {
    if change.max_discount_amount.is_some() && change.partitions.is_none() {
        return Err(Fault::invalid(
            "the greatest discount is changed together with the partitions; name them all",
        ));
    }
    let most = change.max_discount_amount;
    Ok(promotion::PromotionChange {
        name: change.name,
        start_at: change.start_at.as_deref().map(moment).transpose()?,
        end_at: change.end_at.as_deref().map(moment).transpose()?,
        card_company: change.card_company,
        total_budget: change.total_budget,
        policy: change
            .partitions
            .map(|partitions| policy(partitions, most))
            .transpose()?,
        recovery: change.recovery.map(recovery).transpose()?,
    })
}

fn policy(partitions: Vec<Partition>, most: Option<i64>) -> Result<DiscountPolicy, Fault> {
    let one = |partition: Partition| {
        let scheme = match (partition.percent, partition.amount) {
            (Some(percent), None) => Scheme::Percent { percent },
            (None, Some(amount)) => Scheme::Amount { amount },
            (Some(_), Some(_)) | (None, None) => {
                return Err(Fault::invalid("a partition has a percent or an amount"));
            }
        };
        Ok(promotion::Partition {
            amount_from: partition.amount_from,
            scheme,
        })
    };
    Ok(DiscountPolicy {
        partitions: partitions.into_iter().map(one).collect::<Result<_, _>>()?,
        max_discount: most,
    })
}

fn recovery(recovery: Recovery) -> Result<promotion::Recovery, Fault> {
    let spare = match (recovery.spare_amount, recovery.spare_percent) {
        (None, None) => None,
        (Some(amount), None) => Some(Spare::Amount { amount }),
        (None, Some(percent)) => Some(Spare::Percent { percent }),
        (Some(_), Some(_)) => {
            return Err(Fault::invalid("a spare budget is an amount or a percent"));
        }
    };
    match (recovery.recovers, spare) {
        (true, None) => Ok(promotion::Recovery::Recover),
        (false, spare) => Ok(promotion::Recovery::NoRecover { spare }),
        (true, Some(_)) => Err(Fault::invalid(
            "a spare budget is for promotions to which cancellations give nothing back",
        )),
    }
}

fn view(view: &PromotionView) -> Promotion {
    let from = &view.promotion;
    let partition = |one: &promotion::Partition| {
        let (percent, amount) = match one.scheme {
            Scheme::Percent { percent } => (Some(percent), None),
            Scheme::Amount { amount } => (None, Some(amount)),
        };
        Partition {
            amount_from: one.amount_from,
            percent,
            amount,
        }
    };
    let (recovers, spare) = match from.recovery {
        promotion::Recovery::Recover => (true, None),
        promotion::Recovery::NoRecover { spare } => (false, spare),
    };
    let (spare_amount, spare_percent) = match spare {
        None => (None, None),
        Some(Spare::Amount { amount }) => (Some(amount), None),
        Some(Spare::Percent { percent }) => (None, Some(percent)),
    };
    Promotion {
        id: from.id.to_string(),
        store_id: from.store_id.to_string(),
        name: from.name.clone(),
        status: view.status.name().to_owned(),
        card_company: from.card_company.clone(),
        currency: from.currency.as_str().to_owned(),
        partitions: from.policy.partitions.iter().map(partition).collect(),
        max_discount_amount: from.policy.max_discount,
        total_budget: from.total_budget,
        spent_amount: view.spent,
        recovery: Recovery {
            recovers,
            spare_amount,
            spare_percent,
        },
        start_at: from.start_at.to_string(),
        end_at: from.end_at.to_string(),
        created_at: from.created_at.to_string(),
        terminated_at: from.terminated_at.map(|at| at.to_string()),
    }
}
