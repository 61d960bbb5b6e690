//! How much a promotion takes off an order.

use serde::{Deserialize, Serialize};

/// Partitions of a policy at most.
pub const PARTITIONS_MAX: usize = 5;

/// Discounts by the size of the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscountPolicy {
    /// By rising amounts.
    pub partitions: Vec<Partition>,
    /// What a discount in percents comes to at most.
    pub max_discount: Option<i64>,
}

/// What is taken off orders from an amount up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    /// From which order total up.
    pub amount_from: i64,
    /// How much.
    pub scheme: Scheme,
}

/// How much is taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Scheme {
    /// A part of the order.
    Percent {
        /// Whole percents.
        percent: i32,
    },
    /// A fixed amount.
    Amount {
        /// In minor units.
        amount: i64,
    },
}

impl Scheme {
    /// Its rate at the partition's own amount, as a fraction.
    const fn rate(self, amount_from: i64) -> (i64, i64) {
        match self {
            Self::Percent { percent } => (percent as i64, 100),
            Self::Amount { amount } => (amount, amount_from),
        }
    }
}

/// What is wrong with a policy: the field and what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrokenPolicy(pub &'static str, pub &'static str);

/// `whole × numerator / denominator`, rounded down. Wide inside, so no product overflows.
pub(crate) fn share(whole: i64, numerator: i64, denominator: i64) -> i64 {
    if denominator == 0 {
        return 0;
    }
    let part = i128::from(whole) * i128::from(numerator) / i128::from(denominator);
    i64::try_from(part).unwrap_or(i64::MAX)
}

impl DiscountPolicy {
    /// Whether its partitions make sense: one kind, rising amounts, rising rates, no rate above
    /// the whole order.
    pub fn check(&self) -> Result<(), BrokenPolicy> {
        if self.partitions.is_empty() || self.partitions.len() > PARTITIONS_MAX {
            return Err(BrokenPolicy("partitions", "one to five of them"));
        }
        for partition in &self.partitions {
            partition.check()?;
        }
        for pair in self.partitions.windows(2) {
            if let [low, high] = pair {
                check_pair(*low, *high)?;
            }
        }
        let is_percent = matches!(
            self.partitions.first().map(|first| first.scheme),
            Some(Scheme::Percent { .. })
        );
        match self.max_discount {
            Some(_) if !is_percent => Err(BrokenPolicy(
                "maxDiscountAmount",
                "nothing: it is for discounts in percents",
            )),
            Some(..=0) => Err(BrokenPolicy(
                "maxDiscountAmount",
                "an amount of more than zero",
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// The discount of an order of this total: that of the partition with the greatest amount
    /// that the total reaches, percents rounded down.
    pub fn discount(&self, total: i64) -> i64 {
        let reached = self
            .partitions
            .iter()
            .filter(|partition| partition.amount_from <= total)
            .max_by_key(|partition| partition.amount_from);
        match reached.map(|partition| partition.scheme) {
            None => 0,
            Some(Scheme::Amount { amount }) => amount,
            Some(Scheme::Percent { percent }) => {
                let part = share(total, percent.into(), 100);
                self.max_discount.map_or(part, |most| part.min(most))
            }
        }
    }

    /// The percents that made this discount of this total; nothing if it is a fixed amount, or
    /// was cut at the greatest discount.
    pub(crate) fn percents_of(&self, total: i64, discount: i64) -> Option<i64> {
        self.partitions.iter().find_map(|one| match one.scheme {
            Scheme::Percent { percent }
                if one.amount_from <= total
                    && share(total, percent.into(), 100) == discount
                    && self.discount(total) == discount =>
            {
                Some(percent.into())
            }
            Scheme::Percent { .. } | Scheme::Amount { .. } => None,
        })
    }

    /// Whether it takes off fixed amounts.
    pub(crate) fn is_fixed(&self) -> bool {
        self.partitions
            .iter()
            .any(|one| matches!(one.scheme, Scheme::Amount { .. }))
    }
}

impl Partition {
    fn check(self) -> Result<(), BrokenPolicy> {
        if self.amount_from <= 0 {
            return Err(BrokenPolicy("amountFrom", "an amount of more than zero"));
        }
        match self.scheme {
            Scheme::Percent { percent } if !(1..=100).contains(&percent) => {
                Err(BrokenPolicy("percent", "a number from 1 to 100"))
            }
            Scheme::Amount { amount } if !(1..=self.amount_from).contains(&amount) => Err(
                BrokenPolicy("amount", "an amount from 1 to the partition's `amountFrom`"),
            ),
            Scheme::Percent { .. } | Scheme::Amount { .. } => Ok(()),
        }
    }
}

fn check_pair(low: Partition, high: Partition) -> Result<(), BrokenPolicy> {
    let is_alike = matches!(
        (low.scheme, high.scheme),
        (Scheme::Percent { .. }, Scheme::Percent { .. })
            | (Scheme::Amount { .. }, Scheme::Amount { .. })
    );
    if !is_alike {
        return Err(BrokenPolicy(
            "partitions",
            "percents in all of them or amounts in all of them",
        ));
    }
    if high.amount_from <= low.amount_from {
        return Err(BrokenPolicy("amountFrom", "more than in the one before"));
    }
    let (low_part, low_whole) = low.scheme.rate(low.amount_from);
    let (high_part, high_whole) = high.scheme.rate(high.amount_from);
    if i128::from(high_part) * i128::from(low_whole)
        <= i128::from(low_part) * i128::from(high_whole)
    {
        return Err(BrokenPolicy(
            "partitions",
            "a greater rate in each than in the one before",
        ));
    }
    Ok(())
}
