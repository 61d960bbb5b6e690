//! Money: integers in the currency's minor unit, and the rules of its parts (P5).

use serde::{Deserialize, Serialize};

/// An ISO 4217 code, such as `KRW`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Currency(String);

impl Currency {
    /// Takes a code that the contract's list has been checked for.
    pub fn new(code: impl Into<String>) -> Self {
        Self(code.into())
    }

    /// The Korean won.
    pub fn krw() -> Self {
        Self::new("KRW")
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An amount with its parts, nothing negative. `tax_free + vat <= total` in all that is stored;
/// what is only asked for may fail that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// All of it.
    pub total: i64,
    /// The part free of tax.
    pub tax_free: i64,
    /// Value added tax inside the taxable part.
    pub vat: i64,
}

/// Why an amount is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountRefusal {
    /// The named part is zero or negative where it must not be.
    OutOfRange(&'static str),
    /// Tax-free part and VAT together exceed the total.
    PartsExceedTotal,
}

impl Amount {
    /// Checks the parts and computes the VAT where it is not given.
    pub fn new(total: i64, tax_free: Option<i64>, vat: Option<i64>) -> Result<Self, AmountRefusal> {
        let amount = Self::asked(total, tax_free, vat)?;
        if amount.parts_hold() {
            Ok(amount)
        } else {
            Err(AmountRefusal::PartsExceedTotal)
        }
    }

    /// An amount as somebody asks for it, whether or not its parts hold: a payment's state is
    /// said before that. VAT that is not given is one eleventh of the taxable part, rounded to
    /// the nearest unit.
    pub fn asked(
        total: i64,
        tax_free: Option<i64>,
        vat: Option<i64>,
    ) -> Result<Self, AmountRefusal> {
        if total <= 0 {
            return Err(AmountRefusal::OutOfRange("amount.total"));
        }
        let tax_free = tax_free.unwrap_or(0);
        if tax_free < 0 {
            return Err(AmountRefusal::OutOfRange("amount.taxFree"));
        }
        if vat.is_some_and(|vat| vat < 0) {
            return Err(AmountRefusal::OutOfRange("amount.vat"));
        }
        let vat = vat.unwrap_or_else(|| vat_of((total - tax_free).max(0)));
        Ok(Self {
            total,
            tax_free,
            vat,
        })
    }

    /// Whether tax-free part and VAT fit into the total.
    pub const fn parts_hold(self) -> bool {
        self.vat <= self.taxable()
    }

    /// The same order for less money: every part gets smaller by the same rate, rounded down; VAT
    /// that is an eleventh stays one. Parts that hold still hold.
    #[must_use]
    pub fn reduced_to(self, total: i64) -> Self {
        if total == self.total {
            return self;
        }
        let share = |part| crate::promotion::share(part, total, self.total);
        let tax_free = share(self.tax_free);
        let taxable = total.saturating_sub(tax_free);
        let vat = if self.vat == vat_of(self.taxable()) {
            vat_of(taxable)
        } else {
            share(self.vat)
        };
        Self {
            total,
            tax_free,
            vat,
        }
    }

    /// Nothing.
    pub const ZERO: Self = Self {
        total: 0,
        tax_free: 0,
        vat: 0,
    };

    /// What is neither tax-free nor VAT.
    pub const fn supply(self) -> i64 {
        self.total
            .saturating_sub(self.tax_free)
            .saturating_sub(self.vat)
    }

    /// What is not tax-free, VAT included.
    pub const fn taxable(self) -> i64 {
        self.total.saturating_sub(self.tax_free)
    }

    /// The sum, part by part; stops at the ends of the range, which no checked amount reaches.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            total: self.total.saturating_add(other.total),
            tax_free: self.tax_free.saturating_add(other.tax_free),
            vat: self.vat.saturating_add(other.vat),
        }
    }

    /// The difference, part by part; stops at the ends of the range.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self {
            total: self.total.saturating_sub(other.total),
            tax_free: self.tax_free.saturating_sub(other.tax_free),
            vat: self.vat.saturating_sub(other.vat),
        }
    }
}

/// One eleventh, rounded to the nearest unit (halves up; an eleventh is never exactly a half).
///
/// 1000 → 91, 4000 → 364, 50000 → 4545: seen in real payloads, where cutting gives other figures.
pub const fn vat_of(taxable: i64) -> i64 {
    taxable / 11 + (taxable % 11 >= 6) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vat_is_rounded_to_the_nearest_unit() {
        let seen = [
            (1000, 91),
            (2000, 182),
            (4000, 364),
            (10_000, 909),
            (12_000, 1091),
            (50_000, 4545),
            (0, 0),
        ];
        for (taxable, vat) in seen {
            assert_eq!(vat_of(taxable), vat, "{taxable}");
        }
        assert_eq!(
            vat_of(i64::MAX),
            i64::MAX / 11 + i64::from(i64::MAX % 11 >= 6)
        );
    }

    #[test]
    fn parts_never_exceed_the_total() {
        assert_eq!(
            Amount::new(0, None, None),
            Err(AmountRefusal::OutOfRange("amount.total"))
        );
        assert_eq!(
            Amount::new(10, Some(-1), None),
            Err(AmountRefusal::OutOfRange("amount.taxFree"))
        );
        assert_eq!(
            Amount::new(10, None, Some(-1)),
            Err(AmountRefusal::OutOfRange("amount.vat"))
        );
        assert_eq!(
            Amount::new(10, Some(11), None),
            Err(AmountRefusal::PartsExceedTotal)
        );
        assert_eq!(
            Amount::new(10, Some(5), Some(6)),
            Err(AmountRefusal::PartsExceedTotal)
        );
        assert_eq!(
            Amount::new(10, Some(i64::MAX), Some(i64::MAX)),
            Err(AmountRefusal::PartsExceedTotal)
        );
        let amount = Amount::new(1000, Some(100), None).unwrap();
        assert_eq!((amount.vat, amount.supply()), (82, 818));
    }
}
