//! How many payments came to which status, and for how much: by the status that they have now, in
//! the period in which they got it.

use std::collections::BTreeMap;

use naru_store::{Condition, Query, Value, tables};

use super::money::ratio;
use super::{Period, Sum};
use crate::records::ProfileRecord;
use crate::{Engine, Fault};

/// Profiles of one store, more than there should ever be.
const PROFILES_MAX: u32 = 10_000;

/// What a chart divides by besides the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusKey {
    /// The kind of method.
    Method,
    /// The company of the PG.
    PgCompany,
    /// The kind of client.
    Client,
}

impl StatusKey {
    fn of(self, profile: &ProfileRecord) -> Option<String> {
        match self {
            Self::Method => profile.text("method").map(str::to_owned),
            Self::PgCompany => profile
                .text("pg_provider")
                .and_then(naru_domain::pg_company)
                .map(str::to_owned),
            Self::Client => profile.text("platform_type").map(str::to_owned),
        }
    }
}

/// A status of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusSum {
    /// The value, by its wire name.
    pub key: Option<String>,
    /// The status, by its wire name.
    pub status: String,
    /// Amount and count of payments.
    pub sum: Sum,
}

/// A status of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusFigures {
    /// The status, by its wire name.
    pub status: String,
    /// Amount and count of payments.
    pub sum: Sum,
    /// Its part of the payments, in per cent.
    pub percent: i64,
    /// The amounts below which a quarter, a half and three quarters of the payments are, each the
    /// amount of one of them.
    pub quartiles: [i64; 3],
}

impl Engine {
    /// The profiles that count for a period.
    async fn counted_profiles(&self, period: &Period) -> Result<Vec<ProfileRecord>, Fault> {
        let mut found = Vec::new();
        for store in &period.stores {
            let query = Query::of(&tables::PAYMENT_PROFILES, PROFILES_MAX)
                .and(Condition::Is("store_id", store.as_str().into()))
                .and(Condition::Is("currency", period.currency.as_str().into()));
            let profiles = self.store().list::<ProfileRecord>(self.live(query)).await?;
            found.extend(profiles.into_iter().map(|one| one.value));
        }
        Ok(found)
    }

    /// Hands the amount of every payment of the period to `take`, with its profile.
    async fn each_payment(
        &self,
        period: &Period,
        mut take: impl FnMut(&ProfileRecord, i64),
    ) -> Result<(), Fault> {
        period.check()?;
        let mut read = 0;
        for profile in self.counted_profiles(period).await? {
            let query = period
                .query(
                    &tables::PAYMENT_FACTS,
                    &profile.store_id,
                    "status_changed_at",
                )
                .and(Condition::Is("profile", profile.profile.as_str().into()));
            let order = ("status_changed_at", "payment_id");
            self.each_row(query, order, &mut read, |row| {
                if let Some(Value::Int(amount)) = tables::PAYMENT_FACTS.value_of(row, "amount") {
                    take(&profile, *amount);
                }
            })
            .await?;
        }
        Ok(())
    }

    /// Amount and count of each status of each value, in the order of both.
    pub async fn statuses_by(
        &self,
        period: &Period,
        key: StatusKey,
    ) -> Result<Vec<StatusSum>, Fault> {
        let mut sums: BTreeMap<(Option<String>, String), Sum> = BTreeMap::new();
        self.each_payment(period, |profile, amount| {
            let status = profile.text("status").unwrap_or_default().to_owned();
            let sum = sums.entry((key.of(profile), status)).or_default();
            sum.amount = sum.amount.saturating_add(amount);
            sum.count += 1;
        })
        .await?;
        let sums = sums.into_iter();
        Ok(sums
            .map(|((key, status), sum)| StatusSum { key, status, sum })
            .collect())
    }

    /// Each status: amount, count, part of all, quartiles.
    pub async fn statuses(&self, period: &Period) -> Result<Vec<StatusFigures>, Fault> {
        let mut amounts: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        self.each_payment(period, |profile, amount| {
            let status = profile.text("status").unwrap_or_default().to_owned();
            amounts.entry(status).or_default().push(amount);
        })
        .await?;
        let all: usize = amounts.values().map(Vec::len).sum();
        let figures = amounts.into_iter().map(|(status, mut amounts)| {
            amounts.sort_unstable();
            let count = amounts.len();
            StatusFigures {
                status,
                sum: Sum {
                    amount: amounts
                        .iter()
                        .fold(0_i64, |sum, one| sum.saturating_add(*one)),
                    count: i64::try_from(count).unwrap_or(i64::MAX),
                },
                percent: ratio(count as i128 * 100, all as i128),
                quartiles: [1, 2, 3].map(|quarter| quantile(&amounts, quarter)),
            }
        });
        Ok(figures.collect())
    }

    /// Whether the merchant has taken money in a currency other than the won.
    pub async fn uses_overseas_payments(
        &self,
        stores: &[naru_domain::StoreId],
    ) -> Result<bool, Fault> {
        for store in stores {
            let query = Query::of(&tables::PAYMENT_PROFILES, PROFILES_MAX)
                .and(Condition::Is("store_id", store.as_str().into()))
                .and(Condition::In(
                    "status",
                    ["PAID", "PARTIAL_CANCELLED", "CANCELLED"]
                        .map(Value::from)
                        .to_vec(),
                ));
            let profiles = self.store().list::<ProfileRecord>(self.live(query)).await?;
            let overseas = profiles.iter().map(|one| &one.value).any(|profile| {
                profile.payments > 0 && profile.text("currency").is_some_and(|one| one != "KRW")
            });
            if overseas {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The smallest amount that so many quarters of the amounts do not exceed; of sorted amounts.
fn quantile(sorted: &[i64], quarter: usize) -> i64 {
    let rank = (sorted.len() * quarter).div_ceil(4).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_amounts_that_occurred() {
        let of = |sorted: &[i64]| [1, 2, 3].map(|quarter| quantile(sorted, quarter));
        assert_eq!(of(&[]), [0, 0, 0]);
        assert_eq!(of(&[7]), [7, 7, 7]);
        assert_eq!(of(&[1, 2]), [1, 1, 2]);
        assert_eq!(of(&[1, 2, 3, 4]), [1, 2, 3]);
        assert_eq!(of(&[1, 2, 3, 4, 5]), [2, 3, 4]);
        assert_eq!(of(&[10, 10, 10, 10, 90, 90, 90, 90]), [10, 10, 90]);
    }
}
