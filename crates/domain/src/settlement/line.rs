//! One line of a PG's settlement.

use serde::{Deserialize, Serialize};

use crate::{Currency, Day, Timestamp};

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LineKind {
    /// Money that was taken.
    Approval,
    /// Money that was given back.
    Cancellation,
    /// The PG mends an earlier settlement.
    Correction,
}

impl LineKind {
    /// Its name in files and in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approval => "APPROVAL",
            Self::Cancellation => "CANCEL",
            Self::Correction => "CORRECTION",
        }
    }
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident = $wire:literal;)*) => {
        /// The seven kinds of method that the VAT reports tell apart.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum LineMethod {
            $($(#[$doc])* $name,)*
        }

        impl LineMethod {
            /// All of them, in the contract's order.
            pub const ALL: [Self; 7] = [$(Self::$name),*];

            /// Its name in the contract, in files and in the store.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $wire,)*
                }
            }
        }
    };
}

methods! {
    /// Cards, and cards within an easy pay.
    Card = "CARD";
    /// Virtual accounts.
    VirtualAccount = "VIRTUAL_ACCOUNT";
    /// Transfers.
    Transfer = "TRANSFER";
    /// Stored money, also within an easy pay.
    Charge = "CHARGE";
    /// Mobile phones.
    Mobile = "MOBILE";
    /// Points, also within an easy pay.
    Point = "POINT";
    /// Everything else.
    Etc = "ETC";
}

impl LineMethod {
    /// The method of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

/// How a channel's sales are taxed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Taxation {
    /// As the PG's file says of each, else as our payment says.
    #[default]
    PerPayment,
    /// Nothing is tax-free.
    Taxable,
    /// Everything is tax-free.
    Exempt,
}

impl Taxation {
    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PerPayment => "per-payment",
            Self::Taxable => "taxable",
            Self::Exempt => "exempt",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::PerPayment, Self::Taxable, Self::Exempt]
            .into_iter()
            .find(|taxation| taxation.name() == name)
    }
}

/// A line, as the PG reports it. Dates follow the PG, not the payment's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementLine {
    /// What it is about.
    pub kind: LineKind,
    /// The PG's id of the approval.
    pub pg_tx_id: String,
    /// The order id that the PG saw.
    pub order_id: Option<String>,
    /// The PG's id of the cancellation.
    pub pg_cancellation_id: Option<String>,
    /// The PG's day of the approval or cancellation.
    pub transacted_on: Day,
    /// Its moment, where the PG tells it.
    pub transacted_at: Option<Timestamp>,
    /// The day on which the PG pays out.
    pub settled_on: Day,
    /// How it was paid.
    pub method: LineMethod,
    /// In which currency.
    pub currency: Currency,
    /// How much, never negative but for a correction.
    pub amount: i64,
    /// What of it somebody else than the customer paid as a discount.
    #[serde(default)]
    pub discount: i64,
    /// The tax-free part, where the PG tells it.
    pub tax_free: Option<i64>,
    /// The VAT, where the PG tells it.
    pub vat: Option<i64>,
    /// The PG's fee; negative where it is given back.
    pub fee: i64,
    /// VAT on the fee, where the PG tells it.
    pub fee_vat: Option<i64>,
    /// Whether it was paid in escrow, where the PG tells it.
    pub is_escrow: Option<bool>,
    /// Months of an instalment plan, where the PG tells it; 0 is a lump sum.
    pub installment_months: Option<u16>,
    /// What was bought, where the PG tells it.
    pub order_name: Option<String>,
}

impl SettlementLine {
    /// What tells a line from others of its day: what it is about, and of which transaction.
    pub fn identity(&self) -> String {
        let cancellation = self.pg_cancellation_id.as_deref().unwrap_or_default();
        format!("{}:{}:{cancellation}", self.kind.name(), self.pg_tx_id)
    }
}
