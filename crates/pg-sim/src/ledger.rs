//! One transaction of the simulated PG and the moves it allows.
//!
//! Pure: no clock, no lock, no wire. The order of the checks is the order in which the PG's
//! code book can be told apart from outside (already cancelled before amounts, amounts before
//! the remaining check). Invariant: `cancelled <= amount`, and a refused move changes nothing.

mod escrow;

use serde::{Deserialize, Serialize};

pub(crate) use self::escrow::{ConfirmedBy, EscrowState, News};
use crate::inicis::codes::Reason;

/// A limit of ours: KG Inicis has a code for "too many partial cancels" but publishes no number.
pub(crate) const PARTIAL_CANCELS_MAX: usize = 100;

/// What was bought with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Kind {
    /// Card key-in.
    Card,
    /// A charge with a billing key.
    Billing,
    /// The issue of a billing key. It moves no money, but it takes an order id.
    BillingKey,
    /// A virtual account.
    VirtualAccount,
    /// A transfer from a bank.
    Transfer,
    /// The phone bill.
    Phone,
    /// Gift certificates.
    Gift,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Card => "CARD",
            Self::Billing => "BILLING",
            Self::BillingKey => "BILLING_KEY",
            Self::VirtualAccount => "VIRTUAL_ACCOUNT",
            Self::Transfer => "TRANSFER",
            Self::Phone => "PHONE",
            Self::Gift => "GIFT",
        }
    }

    /// The prefix of the PG's six-digit codes for this kind (Inicis error code book).
    pub(crate) fn module(self) -> &'static str {
        match self {
            Self::VirtualAccount => "504",
            Self::Card
            | Self::Billing
            | Self::BillingKey
            | Self::Transfer
            | Self::Phone
            | Self::Gift => "550",
        }
    }
}

/// Where a transaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum State {
    /// Money was taken. A partly cancelled transaction stays here with `cancelled > 0`.
    Approved,
    /// A billing key was issued.
    Issued,
    /// Refused by the card company.
    Declined,
    /// Everything was given back, or an account was closed before its deposit.
    Cancelled,
    /// An account that waits for its deposit.
    Waiting,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Approved => "APPROVED",
            Self::Issued => "ISSUED",
            Self::Declined => "DECLINED",
            Self::Cancelled => "CANCELLED",
            Self::Waiting => "WAITING",
        }
    }
}

/// The currencies of the PG.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Currency {
    /// Korean won; the PG writes `WON`.
    #[serde(rename = "KRW")]
    Krw,
    /// US dollars, counted in cents.
    #[serde(rename = "USD")]
    Usd,
}

impl Currency {
    /// As KG Inicis writes it.
    pub(crate) fn pg_name(self) -> &'static str {
        match self {
            Self::Krw => "WON",
            Self::Usd => "USD",
        }
    }

    /// As the controls write it.
    pub(crate) fn iso_name(self) -> &'static str {
        match self {
            Self::Krw => "KRW",
            Self::Usd => "USD",
        }
    }
}

/// Who buys.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Buyer {
    pub(crate) name: String,
    pub(crate) mail: String,
    pub(crate) tel: String,
}

/// What the PG tells about a card. The number is only here in its masked form.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CardFacts {
    pub(crate) code: String,
    pub(crate) masked: String,
}

/// The tax inside an amount, where the merchant told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Taxes {
    pub(crate) vat: u64,
    pub(crate) tax_free: u64,
}

/// The card part of a transaction.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CardPart {
    #[serde(flatten)]
    pub(crate) facts: CardFacts,
    pub(crate) quota: String,
    pub(crate) interest_free: bool,
    pub(crate) auth_code: String,
}

/// Money that a customer paid into an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Deposit {
    /// The id of the deposit event; it differs from the id of the issue.
    pub(crate) tid: String,
    pub(crate) amount: u64,
    pub(crate) at_ms: i64,
    /// Whether the merchant answered `OK` to its notice.
    pub(crate) notified: bool,
}

/// The account part of a transaction.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    pub(crate) number: String,
    pub(crate) bank_code: String,
    pub(crate) holder: String,
    pub(crate) valid_until_ms: i64,
    /// Whether a cash receipt is issued with the deposit (`flgCash` was not `0`).
    pub(crate) cash_receipt: bool,
    /// Whether that one is for a business (`flgCash` was `2`).
    #[serde(default)]
    pub(crate) corporate_receipt: bool,
    /// Where its deposits are told, if it is an account of the window for phones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) notice_url: Option<String>,
    pub(crate) deposits: Vec<Deposit>,
    /// Closed before an exact deposit.
    pub(crate) closed: bool,
}

impl Account {
    pub(crate) fn deposited(&self) -> u64 {
        self.deposits.iter().map(|deposit| deposit.amount).sum()
    }
}

/// A partial cancel that was done.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PartCancel {
    pub(crate) tid: String,
    pub(crate) price: u64,
    pub(crate) at_ms: i64,
}

/// A partial cancel that is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PartAsked {
    pub(crate) price: u64,
    /// What the merchant expects to remain afterwards (`confirmPrice`).
    pub(crate) confirm: u64,
}

/// One transaction in the books.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Transaction {
    pub(crate) tid: String,
    pub(crate) order_id: String,
    pub(crate) mid: String,
    pub(crate) kind: Kind,
    pub(crate) state: State,
    pub(crate) amount: u64,
    pub(crate) cancelled: u64,
    pub(crate) currency: Currency,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) taxes: Option<Taxes>,
    pub(crate) at_ms: i64,
    pub(crate) goods_name: String,
    pub(crate) buyer: Buyer,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) card: Option<CardPart>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<Account>,
    /// The bank of a transfer, the phone's number, the gift certificate, or the letter of the
    /// easy-pay provider that keeps the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) with: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) partials: Vec<PartCancel>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cancelled_at_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) declined_code: Option<String>,
    /// Where the escrow stands, if the PG holds the money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) escrow: Option<EscrowState>,
    /// What the merchant is told of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) escrow_news: Vec<News>,
}

impl Transaction {
    pub(crate) fn remaining(&self) -> u64 {
        self.amount.saturating_sub(self.cancelled)
    }

    /// Whether money can be given back at all; says why not.
    fn refundable(&self) -> Result<(), Reason> {
        match self.state {
            State::Approved => self.escrow_allows_refund(),
            State::Cancelled => Err(Reason::AlreadyCancelled),
            State::Waiting => Err(Reason::NotCancellable),
            State::Declined | State::Issued => Err(Reason::NoTransaction),
        }
    }

    /// Gives everything back (INIAPI, full refund).
    pub(crate) fn refund_whole(&mut self, now_ms: i64) -> Result<(), Reason> {
        self.refundable()?;
        if !self.partials.is_empty() {
            return Err(Reason::UsePartialCancel);
        }
        self.state = State::Cancelled;
        self.cancelled = self.amount;
        self.cancelled_at_ms = Some(now_ms);
        self.end_escrow(now_ms);
        Ok(())
    }

    /// Whether `asked` may be given back.
    pub(crate) fn check_part(&self, asked: PartAsked) -> Result<(), Reason> {
        self.refundable()?;
        if asked.price == 0 {
            return Err(Reason::AmountNotPositive);
        }
        if asked.price > self.remaining() {
            return Err(Reason::MoreThanRemaining);
        }
        if self.partials.is_empty() && asked.price == self.amount {
            return Err(Reason::WholeAmount);
        }
        if asked.confirm != self.remaining() - asked.price {
            return Err(Reason::WrongRemaining);
        }
        if self.partials.len() >= PARTIAL_CANCELS_MAX {
            return Err(Reason::TooManyPartials);
        }
        Ok(())
    }

    /// Gives a part back (INIAPI, partial refund); the cancel gets the id `tid`.
    pub(crate) fn refund_part(
        &mut self,
        asked: PartAsked,
        tid: String,
        now_ms: i64,
    ) -> Result<(), Reason> {
        self.check_part(asked)?;
        self.cancelled += asked.price;
        self.partials.push(PartCancel {
            tid,
            price: asked.price,
            at_ms: now_ms,
        });
        self.cancelled_at_ms = Some(now_ms);
        if self.remaining() == 0 {
            self.state = State::Cancelled;
            self.end_escrow(now_ms);
        }
        Ok(())
    }

    /// Closes an account that nothing exact was paid into (INIAPI v1, `GVacct`).
    pub(crate) fn close_account(&mut self, now_ms: i64) -> Result<(), Reason> {
        match self.state {
            State::Waiting => {}
            State::Cancelled => return Err(Reason::AlreadyCancelled),
            _ => return Err(Reason::NotCancellable),
        }
        if let Some(account) = &mut self.account {
            account.closed = true;
        }
        self.state = State::Cancelled;
        self.cancelled = self.amount;
        self.cancelled_at_ms = Some(now_ms);
        Ok(())
    }

    /// Books a deposit, whatever its amount and time: money that arrived is there. Only an exact
    /// one completes the payment, also late and on a closed account; any other is recorded.
    /// Says whether it did.
    pub(crate) fn book_deposit(&mut self, deposit: Deposit) -> bool {
        let Some(account) = &mut self.account else {
            return false;
        };
        let completes =
            deposit.amount == self.amount && (self.state == State::Waiting || account.closed);
        if completes {
            account.closed = false;
            self.state = State::Approved;
            self.cancelled = 0;
            self.cancelled_at_ms = None;
        }
        account.deposits.push(deposit);
        completes
    }
}

#[cfg(test)]
mod tests;
