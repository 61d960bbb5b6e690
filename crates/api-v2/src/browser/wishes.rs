//! What a page wishes of the PG's window, read from the SDK's request. Values are passed on as they
//! are: which of them a PG takes is its connector's to say.

use naru_domain::{CardWishes, FreeInstallment, OfferPeriod, WindowWishes};
use naru_engine::Fault;
use serde::Deserialize;
use serde_json::Value;

use crate::check;
use crate::limits::{BYPASS_BYTES_MAX, SHORT_TEXT_MAX, WISHES_MAX};

/// Instalments go no further.
const MONTHS_MAX: u16 = 99;

/// `card`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ByCard {
    card_company: Option<String>,
    available_cards: Option<Vec<String>>,
    installment: Option<Installment>,
    use_card_point: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Installment {
    free_installment_plans: Option<Vec<Plan>>,
    month_option: Option<MonthOption>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plan {
    card_company: String,
    months: Vec<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MonthOption {
    fixed_month: Option<u64>,
    available_month_list: Option<Vec<u64>>,
}

/// `offerPeriod`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Period {
    range: Option<Range>,
    interval: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Range {
    from: Option<String>,
    to: Option<String>,
}

/// `mobile`. The package misspells its list, and may mend that.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Mobile {
    avaliable_carriers: Option<Vec<String>>,
    available_carriers: Option<Vec<String>>,
}

impl ByCard {
    pub(super) fn read(self) -> Result<CardWishes, Fault> {
        let installment = self.installment.unwrap_or_default();
        let option = installment.month_option.unwrap_or_default();
        let plans = installment.free_installment_plans.unwrap_or_default();
        few("card.installment.freeInstallmentPlans", &plans)?;
        Ok(CardWishes {
            company: short("card.cardCompany", self.card_company)?,
            offered: names("card.availableCards", self.available_cards)?,
            fixed_months: option
                .fixed_month
                .map(|months| month("card.installment.monthOption.fixedMonth", months))
                .transpose()?,
            months: months(
                "card.installment.monthOption.availableMonthList",
                &option.available_month_list.unwrap_or_default(),
            )?,
            free: plans
                .into_iter()
                .map(|plan| {
                    let field = "card.installment.freeInstallmentPlans";
                    Ok(FreeInstallment {
                        company: short(field, Some(plan.card_company))?.unwrap_or_default(),
                        months: months(field, &plan.months)?,
                    })
                })
                .collect::<Result<_, Fault>>()?,
            points: self.use_card_point.unwrap_or(false),
        })
    }
}

impl Period {
    pub(super) fn read(self) -> Result<OfferPeriod, Fault> {
        let time = |field: &str, text: Option<String>| {
            text.map(|text| check::time(field, &text)).transpose()
        };
        match (self.range, self.interval) {
            (Some(range), None) => Ok(OfferPeriod::Range {
                from: time("offerPeriod.range.from", range.from)?,
                to: time("offerPeriod.range.to", range.to)?,
            }),
            (None, Some(interval)) => {
                let text = short("offerPeriod.interval", Some(interval))?;
                Ok(OfferPeriod::Interval(text.unwrap_or_default()))
            }
            _ => Err(check::bad(
                "offerPeriod",
                "exactly one of `range` and `interval`",
            )),
        }
    }
}

impl Mobile {
    pub(super) fn read(self) -> Result<Vec<String>, Fault> {
        let carriers = self.avaliable_carriers.or(self.available_carriers);
        names("mobile.avaliableCarriers", carriers)
    }
}

/// What a page means for its PG alone.
pub(super) fn bypass(value: Option<Value>) -> Result<Option<String>, Fault> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value @ Value::Object(_)) => {
            let text = value.to_string();
            if text.len() > BYPASS_BYTES_MAX || text.contains("\\u0000") {
                let expected = format!("at most {BYPASS_BYTES_MAX} bytes of JSON without NUL");
                return Err(check::bad("bypass", &expected));
            }
            Ok(Some(text))
        }
        Some(_) => Err(check::bad("bypass", "an object")),
    }
}

pub(super) fn short(field: &str, value: Option<String>) -> Result<Option<String>, Fault> {
    check::optional(field, value, SHORT_TEXT_MAX)
}

pub(super) fn names(field: &str, names: Option<Vec<String>>) -> Result<Vec<String>, Fault> {
    let names = names.unwrap_or_default();
    few(field, &names)?;
    let read = |name: String| Ok(short(field, Some(name))?.unwrap_or_default());
    names.into_iter().map(read).collect()
}

fn months(field: &str, values: &[u64]) -> Result<Vec<u16>, Fault> {
    few(field, values)?;
    values.iter().map(|months| month(field, *months)).collect()
}

fn month(field: &str, months: u64) -> Result<u16, Fault> {
    u16::try_from(months)
        .ok()
        .filter(|months| *months <= MONTHS_MAX)
        .ok_or_else(|| check::bad(field, &format!("months, at most {MONTHS_MAX}")))
}

fn few<T>(field: &str, items: &[T]) -> Result<(), Fault> {
    if items.len() > WISHES_MAX {
        return Err(check::bad(field, &format!("at most {WISHES_MAX} items")));
    }
    Ok(())
}

/// An empty wish is none.
pub(super) fn unless_empty(wishes: WindowWishes) -> WindowWishes {
    let card = wishes.card.filter(|card| *card != CardWishes::default());
    WindowWishes { card, ..wishes }
}
