//! Sums of money in and out, by slot of time and by what a chart divides by.

use std::collections::{BTreeMap, BTreeSet};

use naru_domain::Timestamp;
use naru_store::{Condition, Row, Value, tables};

use super::{Granularity, Period};
use crate::{Engine, Fault};

/// Money and how many captures it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// Minor units.
    pub amount: i64,
    /// Captures, those that were cancelled included.
    pub count: i64,
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.amount = self.amount.saturating_add(other.amount);
        self.count = self.count.saturating_add(other.count);
    }
}

/// What a chart divides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyKey {
    /// The kind of method.
    Method,
    /// The company of the PG.
    PgCompany,
    /// The issuer of the card; of payments by card only.
    CardCompany,
    /// The wallet; of easy pay only.
    EasyPayProvider,
}

/// The figure of each slot of a period.
pub type Series = BTreeMap<Timestamp, Sum>;

/// The figure of a value in a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedSum {
    /// The slot; nothing where the chart has none.
    pub slot: Option<Timestamp>,
    /// The value, by its wire name; nothing where the PG did not say.
    pub key: Option<String>,
    /// The figure.
    pub sum: Sum,
}

/// A chart of some values, and of the others together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The values that were asked for.
    pub named: Vec<KeyedSum>,
    /// The others.
    pub others: Series,
    /// Both together.
    pub total: Sum,
}

/// Average amounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Averages {
    /// Of a payment.
    pub payment: i64,
    /// Of a customer.
    pub customer: i64,
}

/// An entry of the ledger, as much of it as sums need.
pub(super) struct Money<'r> {
    pub(super) at: Timestamp,
    pub(super) amount: i64,
    method: &'r str,
    card_company: Option<&'r str>,
    easy_pay_provider: Option<&'r str>,
    pg_company: Option<&'r str>,
    customer: Option<i64>,
}

impl<'r> Money<'r> {
    /// From a row, in the order of the table's columns.
    fn of(row: &'r Row) -> Option<Self> {
        let text = |at: usize| match row.columns.get(at) {
            Some(Value::Text(text)) => Some(text.as_str()),
            Some(Value::Null | Value::Int(_)) | None => None,
        };
        let int = |at: usize| match row.columns.get(at) {
            Some(Value::Int(int)) => Some(*int),
            Some(Value::Null | Value::Text(_)) | None => None,
        };
        Some(Self {
            at: Timestamp::from_micros(int(3)?),
            amount: int(5)?,
            method: text(7)?,
            card_company: text(8),
            easy_pay_provider: text(9),
            pg_company: text(10),
            customer: int(11),
        })
    }

    const fn is_capture(&self) -> bool {
        self.amount >= 0
    }

    /// What it adds: to gross, only money that came in.
    pub(super) fn sum(&self, is_net: bool) -> Sum {
        Sum {
            amount: if self.is_capture() || is_net {
                self.amount
            } else {
                0
            },
            count: i64::from(self.is_capture()),
        }
    }

    fn key(&self, key: MoneyKey) -> Option<&'r str> {
        match key {
            MoneyKey::Method => Some(self.method),
            MoneyKey::PgCompany => self.pg_company,
            MoneyKey::CardCompany => self.card_company,
            MoneyKey::EasyPayProvider => self.easy_pay_provider,
        }
    }
}

impl MoneyKey {
    /// The method that it is about, if it is about one.
    const fn method(self) -> Option<&'static str> {
        match self {
            Self::Method | Self::PgCompany => None,
            Self::CardCompany => Some("CARD"),
            Self::EasyPayProvider => Some("EASY_PAY"),
        }
    }
}

impl Engine {
    /// Hands every entry of the period to `take`.
    pub(super) async fn each_money(
        &self,
        period: &Period,
        mut take: impl FnMut(Money<'_>),
    ) -> Result<(), Fault> {
        period.check()?;
        let mut read = 0;
        for store in &period.stores {
            let query = period
                .query(&tables::LEDGER, store, "money_at")
                .and(Condition::Is("currency", period.currency.as_str().into()));
            let query = self.live(query);
            self.each_row(query, ("money_at", "position"), &mut read, |row| {
                if let Some(money) = Money::of(row) {
                    take(money);
                }
            })
            .await?;
        }
        Ok(())
    }

    /// Amount and count of each slot; with a method, of payments by that one only.
    pub async fn money_series(
        &self,
        period: &Period,
        granularity: Granularity,
        (method, is_net): (Option<&str>, bool),
    ) -> Result<Series, Fault> {
        period.check()?;
        let slots = period.slots(granularity)?;
        let all = slots.all(period)?;
        let mut series: Series = all.into_iter().map(|slot| (slot, Sum::default())).collect();
        self.each_money(period, |money| {
            if method.is_none_or(|method| method == money.method) {
                let slot = series.entry(slots.of(money.at)).or_default();
                slot.add(money.sum(is_net));
            }
        })
        .await?;
        Ok(series)
    }

    /// Amount and count by value, and by slot if there is a granularity: of values and slots in
    /// which something happened, in the order of both.
    pub async fn money_by(
        &self,
        period: &Period,
        (key, granularity): (MoneyKey, Option<Granularity>),
        is_net: bool,
    ) -> Result<Vec<KeyedSum>, Fault> {
        period.check()?;
        let slots = granularity
            .map(|granularity| period.slots(granularity))
            .transpose()?;
        if let Some(slots) = &slots {
            slots.all(period)?;
        }
        let mut sums: BTreeMap<(Option<Timestamp>, Option<String>), Sum> = BTreeMap::new();
        self.each_money(period, |money| {
            if key.method().is_some_and(|method| method != money.method) {
                return;
            }
            let slot = slots.as_ref().map(|slots| slots.of(money.at));
            let value = money.key(key).map(str::to_owned);
            sums.entry((slot, value))
                .or_default()
                .add(money.sum(is_net));
        })
        .await?;
        let sums = sums.into_iter();
        Ok(sums
            .map(|((slot, key), sum)| KeyedSum { slot, key, sum })
            .collect())
    }

    /// The values named, and the others together but for those left out.
    pub async fn money_split(
        &self,
        period: &Period,
        (key, granularity, is_net): (MoneyKey, Granularity, bool),
        (named, left_out): (&[&str], &[&str]),
    ) -> Result<Split, Fault> {
        let all = self
            .money_by(period, (key, Some(granularity)), is_net)
            .await?;
        let mut split = Split {
            named: Vec::new(),
            others: Series::new(),
            total: Sum::default(),
        };
        for one in all {
            let is = |values: &[&str]| one.key.as_deref().is_some_and(|key| values.contains(&key));
            if is(named) {
                split.total.add(one.sum);
                split.named.push(one);
            } else if !is(left_out) {
                split.total.add(one.sum);
                let slot = one.slot.unwrap_or(period.from);
                split.others.entry(slot).or_default().add(one.sum);
            }
        }
        Ok(split)
    }

    /// Average amounts of payments and customers: of each slot, then of the whole period.
    /// Payments without a phone number are nobody's.
    pub async fn average_amounts(
        &self,
        period: &Period,
        granularity: Granularity,
        is_net: bool,
    ) -> Result<(BTreeMap<Timestamp, Averages>, Averages), Fault> {
        period.check()?;
        let slots = period.slots(granularity)?;
        let all = slots.all(period)?.into_iter();
        let mut tallies: BTreeMap<Timestamp, Tally> =
            all.map(|slot| (slot, Tally::default())).collect();
        let mut whole = Tally::default();
        self.each_money(period, |money| {
            let slot = tallies.entry(slots.of(money.at)).or_default();
            slot.add(&money, is_net);
            whole.add(&money, is_net);
        })
        .await?;
        let averages = tallies
            .iter()
            .map(|(slot, tally)| (*slot, tally.averages()));
        Ok((averages.collect(), whole.averages()))
    }

    /// Which part of what was taken was given back, in millionths.
    pub async fn cancelled_millionths(&self, period: &Period) -> Result<i64, Fault> {
        let (mut gross, mut net) = (Sum::default(), Sum::default());
        self.each_money(period, |money| {
            gross.add(money.sum(false));
            net.add(money.sum(true));
        })
        .await?;
        let back = i128::from(gross.amount) - i128::from(net.amount);
        Ok(ratio(back * 1_000_000, gross.amount.into()))
    }
}

#[derive(Default)]
struct Tally {
    all: Sum,
    of_customers: i64,
    customers: BTreeSet<i64>,
}

impl Tally {
    fn add(&mut self, money: &Money<'_>, is_net: bool) {
        let sum = money.sum(is_net);
        self.all.add(sum);
        if let Some(customer) = money.customer {
            self.of_customers = self.of_customers.saturating_add(sum.amount);
            if money.is_capture() {
                self.customers.insert(customer);
            }
        }
    }

    fn averages(&self) -> Averages {
        let customers = i64::try_from(self.customers.len()).unwrap_or(i64::MAX);
        Averages {
            payment: ratio(self.all.amount.into(), self.all.count.into()),
            customer: ratio(self.of_customers.into(), customers.into()),
        }
    }
}

/// Divided and rounded to the nearest, halves away from zero; nothing divided by nothing is
/// nothing.
pub(super) fn ratio(amount: i128, by: i128) -> i64 {
    if by <= 0 {
        return 0;
    }
    let half = by / 2 * amount.signum();
    i64::try_from((amount + half) / by).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_rounded_to_the_nearest() {
        for (amount, by, want) in [
            (10, 4, 3),
            (-10, 4, -3),
            (9, 4, 2),
            (11, 3, 4),
            (10, 3, 3),
            (0, 5, 0),
            (5, 0, 0),
            (7, 1, 7),
        ] {
            assert_eq!(ratio(amount, by), want, "{amount} / {by}");
        }
    }
}
