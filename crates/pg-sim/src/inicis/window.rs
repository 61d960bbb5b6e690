//! Payment windows: what a page asks for, and what a customer authenticated, up to the approval.
//! The customer is a person at the pages (`pages`) or a test (the control `POST /windows`).
//!
//! In memory only, and for five minutes of the business clock, as the PG's documents say of
//! approvals. Invariant: no card number is kept; what is kept is what the books may hold.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::cards::Card;
use super::codes::Refusal;
use super::commands::{AccountAsked, Sale};
use super::fields::Fields;
use super::merchants::{self, Merchant, SIGN_KEY};
use super::ways::{self, Paid, Way};
use super::{banks, cards, crypto};
use crate::clock::{self, Stamp};
use crate::faults::{Target, Twist};
use crate::ledger::{Buyer, Currency};
use crate::pg::Pg;
use crate::simulator::Simulator;

/// More windows at once than any test opens.
const COUNT_MAX: usize = 100_000;
/// How long after the customer came back an approval is taken.
const APPROVE_WITHIN_MS: i64 = 5 * 60_000;
/// How long a deposit is taken where the window does not say: ten days.
const DEPOSIT_WITHIN_MS: i64 = 10 * 86_400_000;

/// In which kind of browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Device {
    Pc,
    Mobile,
    /// That of billing keys for phones.
    Key,
}

/// How the customer pays.
#[derive(Clone)]
pub(crate) enum Pays {
    Card(Card),
    /// A card that a billing key is issued for. No money moves.
    Key(Card),
    Account {
        bank_code: String,
        valid_until_ms: i64,
        /// Where deposits are told, on phones.
        notice_url: Option<String>,
    },
    /// Neither by card nor into an account.
    AtOnce(Paid),
}

/// What a customer authenticated.
#[derive(Clone)]
pub(crate) struct Authenticated {
    pub(crate) merchant: &'static Merchant,
    pub(crate) order_id: String,
    pub(crate) goods_name: String,
    pub(crate) amount: u64,
    pub(crate) currency: Currency,
    pub(crate) escrow: bool,
    pub(crate) pays: Pays,
    /// The letter of the easy-pay provider that keeps the card.
    pub(crate) provider: Option<&'static str>,
    /// Whether a transfer brings no cash receipt: the customer was not asked.
    pub(crate) hides_receipt: bool,
    /// The code with which the approval is refused.
    pub(crate) refused: Option<&'static str>,
    pub(crate) at_ms: i64,
    /// What became of it: the transaction of its approval.
    pub(crate) tid: Option<String>,
    /// Whether it was undone: then it is never approved.
    pub(crate) dead: bool,
}

/// What customers authenticated, by token.
#[derive(Default)]
pub(crate) struct Windows(Mutex<HashMap<String, Authenticated>>);

impl std::fmt::Debug for Windows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Windows({})", self.lock().len())
    }
}

impl Windows {
    pub(crate) fn lock(&self) -> MutexGuard<'_, HashMap<String, Authenticated>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what was authenticated; nothing if there are too many.
    pub(crate) fn keep(&self, token: &str, one: Authenticated) -> Option<()> {
        let mut all = self.lock();
        if all.len() >= COUNT_MAX {
            return None;
        }
        all.insert(token.to_owned(), one);
        Some(())
    }
}

/// A window as a page opens it, read and verified.
pub(crate) struct Opened {
    pub(crate) return_url: String,
    /// Where the frame goes if the customer closes it. Phones have none.
    pub(crate) close_url: Option<String>,
    pub(crate) way: Way,
    /// The card company whose own window it is, by the PG's code.
    company: Option<String>,
    authenticated: Authenticated,
}

impl Opened {
    /// Reads what a page sends. The error is what the window would show.
    pub(crate) fn read(device: Device, fields: &Fields, now_ms: i64) -> Result<Self, String> {
        match device {
            Device::Pc => Self::pc(fields, now_ms),
            Device::Mobile => Self::mobile(fields, now_ms),
            Device::Key => Self::key(fields, now_ms),
        }
    }

    fn pc(fields: &Fields, now_ms: i64) -> Result<Self, String> {
        let needed = [
            "version",
            "mid",
            "oid",
            "price",
            "currency",
            "goodname",
            "buyername",
            "buyertel",
            "buyeremail",
            "timestamp",
            "signature",
            "verification",
            "mKey",
            "returnUrl",
            "closeUrl",
        ];
        require(fields, &needed)?;
        let signed = [
            ("oid", fields.text("oid")),
            ("price", fields.text("price")),
            ("timestamp", fields.text("timestamp")),
        ];
        let keyed = [signed.as_slice(), &[("signKey", SIGN_KEY)]].concat();
        for (name, expected) in [
            ("signature", crypto::sorted_pairs(&signed)),
            ("verification", crypto::sorted_pairs(&keyed)),
            ("mKey", crypto::sha256_hex(SIGN_KEY)),
        ] {
            if fields.text(name) != expected {
                return Err(format!("`{name}` does not match"));
            }
        }
        let accept = fields.text("acceptmethod");
        if !accept.split(':').any(|token| token == "centerCd(Y)") {
            return Err("`acceptmethod` has no `centerCd(Y)`: no `idc_name` would come".to_owned());
        }
        let until = accept
            .split(':')
            .find_map(|token| token.strip_prefix("vbank(")?.strip_suffix(')'));
        let until = until
            .and_then(|text| clock::read_stamp(text.get(..8)?, &format!("{}00", text.get(8..12)?)));
        let way = ways::on_computers(fields.text("gopaymethod"), accept)?;
        Ok(Self {
            return_url: fields.text("returnUrl").to_owned(),
            close_url: Some(fields.text("closeUrl").to_owned()),
            authenticated: authenticated(
                fields,
                ["mid", "oid", "goodname", "price"],
                currency(fields.text("currency"))?,
                (
                    accept.split(':').any(|token| token == "useescrow"),
                    accept.split(':').any(|token| token == "BILLAUTH(Card)"),
                ),
                (&way, until, now_ms),
            )?,
            way,
            company: Some(fields.text("ini_cardcode").to_owned()).filter(|code| !code.is_empty()),
        })
    }

    fn mobile(fields: &Fields, now_ms: i64) -> Result<Self, String> {
        let needed = [
            "P_INI_PAYMENT",
            "P_MID",
            "P_OID",
            "P_AMT",
            "P_GOODS",
            "P_UNAME",
            "P_NEXT_URL",
        ];
        require(fields, &needed)?;
        let merchant = merchants::find(fields.text("P_MID")).ok_or("`P_MID` is not known")?;
        let reserved = fields.text("P_RESERVED");
        let has = |option: &str| reserved.split('&').any(|one| one == option);
        if !has("centerCd=Y") {
            return Err("`P_RESERVED` has no `centerCd=Y`: no `idc_name` would come".to_owned());
        }
        if let (true, Some(key)) = (has("amt_hash=Y"), merchant.mobile_key) {
            let [amount, order, at] = ["P_AMT", "P_OID", "P_TIMESTAMP"].map(|n| fields.text(n));
            if fields.text("P_CHKFAKE") != crypto::check_fake([amount, order, at, key]) {
                return Err("`P_CHKFAKE` does not match".to_owned());
            }
        }
        let way = ways::on_phones(
            fields.text("P_INI_PAYMENT"),
            reserved,
            fields.text("P_HPP_METHOD"),
        )?;
        if way == Way::Account {
            require(fields, &["P_NOTI_URL"])?;
        }
        let time = format!("{}00", fields.text("P_VBANK_TM"));
        let until = clock::read_stamp(fields.text("P_VBANK_DT"), &time);
        Ok(Self {
            return_url: fields.text("P_NEXT_URL").to_owned(),
            close_url: None,
            authenticated: authenticated(
                fields,
                ["P_MID", "P_OID", "P_GOODS", "P_AMT"],
                Currency::Krw,
                (has("useescrow=Y"), false),
                (&way, until, now_ms),
            )?,
            way,
            company: reserved
                .split('&')
                .find_map(|option| option.strip_prefix("d_card="))
                .map(str::to_owned),
        })
    }

    fn key(fields: &Fields, now_ms: i64) -> Result<Self, String> {
        let needed = [
            "mid",
            "authtype",
            "orderid",
            "price",
            "goodname",
            "returnurl",
            "timestamp",
            "period",
            "hashdata",
        ];
        require(fields, &needed)?;
        let merchant = merchants::find(fields.text("mid")).ok_or("`mid` is not known")?;
        let key = merchant.lite_key.ok_or("`mid` issues no billing keys")?;
        let signed = ["mid", "orderid", "timestamp"].map(|name| fields.text(name));
        if fields.text("hashdata") != crypto::sha256_hex(&[signed.concat().as_str(), key].concat())
        {
            return Err("`hashdata` does not match".to_owned());
        }
        let period = fields.text("period");
        let is_range = period.len() == 16 && period.bytes().all(|byte| byte.is_ascii_digit());
        if !matches!(period, "M2" | "Y2") && !is_range {
            return Err("`period` is neither `M2`, `Y2` nor a range of days".to_owned());
        }
        let way = Way::Card(None);
        Ok(Self {
            return_url: fields.text("returnurl").to_owned(),
            close_url: None,
            authenticated: authenticated(
                fields,
                ["mid", "orderid", "goodname", "price"],
                Currency::Krw,
                (false, true),
                (&way, None, now_ms),
            )?,
            way,
            company: None,
        })
    }

    /// What the window is about.
    pub(crate) const fn asked(&self) -> &Authenticated {
        &self.authenticated
    }

    /// The customer authenticates with a card, a bank, or whatever the window asks for.
    pub(crate) fn authenticate(mut self, choice: &str) -> Result<Authenticated, String> {
        let is_account = self.way == Way::Account;
        let pays = match (&self.authenticated.pays, &self.way) {
            (Pays::Key(_), _) => Pays::Key(card(choice)?),
            (_, Way::Card(letter)) => {
                self.authenticated.provider = *letter;
                let money = letter.filter(|_| choice == ways::MONEY);
                let bought = money.and_then(ways::money).map(|facts| Card {
                    facts,
                    issue_declined: None,
                    at_charge: None,
                });
                let mut card = bought.map_or_else(|| card(choice), Ok)?;
                if let (None, Some(company)) = (letter, self.company) {
                    // At a company's own window one has a card of that company.
                    card.facts.code = company;
                }
                Pays::Card(card)
            }
            (
                Pays::Account {
                    valid_until_ms,
                    notice_url,
                    ..
                },
                _,
            ) if is_account => {
                if banks::name(choice).is_none() {
                    let error = "`bank` is no bank that this PG issues accounts at";
                    return Err(error.to_owned());
                }
                Pays::Account {
                    bank_code: choice.to_owned(),
                    valid_until_ms: *valid_until_ms,
                    notice_url: notice_url.clone(),
                }
            }
            (_, way) => {
                let fails = choice == ways::FAILS;
                self.authenticated.refused = fails.then_some(ways::NO_MONEY);
                let choice = if fails {
                    ways::usual_choice(way)
                } else {
                    choice
                };
                Pays::AtOnce(ways::paid(way, choice)?)
            }
        };
        self.authenticated.pays = pays;
        Ok(self.authenticated)
    }
}

fn hides_receipt(fields: &Fields) -> bool {
    let mut pc = fields.text("acceptmethod").split(':');
    let mut phone = fields.text("P_RESERVED").split('&');
    pc.any(|token| token == "no_receipt") || phone.any(|option| option == "bank_receipt=N")
}

fn card(number: &str) -> Result<Card, String> {
    cards::read(number).map_err(|_| "`card` is no card number".to_owned())
}

fn require(fields: &Fields, names: &[&str]) -> Result<(), String> {
    match names
        .iter()
        .find(|name| fields.text(name).trim().is_empty())
    {
        Some(name) => Err(format!("`{name}` is missing")),
        None => Ok(()),
    }
}

fn currency(name: &str) -> Result<Currency, String> {
    match name {
        "WON" => Ok(Currency::Krw),
        "USD" => Ok(Currency::Usd),
        _ => Err("`currency` is not known".to_owned()),
    }
}

fn authenticated(
    fields: &Fields,
    [mid, oid, goods, price]: [&str; 4],
    currency: Currency,
    (escrow, issues_key): (bool, bool),
    (way, until, now_ms): (&Way, Option<i64>, i64),
) -> Result<Authenticated, String> {
    let merchant = merchants::find(fields.text(mid)).ok_or("the merchant is not known")?;
    let amount = fields
        .amount(price)
        .ok()
        // A billing key costs nothing.
        .filter(|amount| *amount > 0 || issues_key)
        .ok_or("the price is no amount")?;
    // A card that no customer has typed in yet.
    let blank = || cards::read("0000000000000000").map_err(|_| "no card".to_owned());
    Ok(Authenticated {
        merchant,
        order_id: fields.text(oid).to_owned(),
        goods_name: fields.text(goods).to_owned(),
        amount,
        currency,
        escrow,
        pays: if issues_key {
            Pays::Key(blank()?)
        } else if *way != Way::Account {
            Pays::Card(blank()?)
        } else {
            Pays::Account {
                bank_code: String::new(),
                valid_until_ms: until.unwrap_or(now_ms + DEPOSIT_WITHIN_MS),
                notice_url: Some(fields.text("P_NOTI_URL").to_owned())
                    .filter(|url| !url.is_empty()),
            }
        },
        provider: None,
        hides_receipt: hides_receipt(fields),
        refused: None,
        at_ms: now_ms,
        tid: None,
        dead: false,
    })
}

/// Why an approval is refused. The windows' own codes are not public: these are ours.
pub(crate) fn refuse(code: &str) -> Refusal {
    Refusal::by_code(code)
}

impl Authenticated {
    /// The sale that an approval enters into the books.
    pub(crate) fn sale(&self) -> Sale {
        Sale {
            order_id: self.order_id.clone(),
            goods_name: self.goods_name.clone(),
            buyer: Buyer::default(),
            amount: self.amount,
            currency: self.currency,
            taxes: None,
            quota: "00".to_owned(),
            interest_free: false,
            escrow: self.escrow,
        }
    }

    /// The account that it issues.
    pub(crate) fn account(&self) -> Option<AccountAsked> {
        match &self.pays {
            Pays::Card(_) | Pays::Key(_) | Pays::AtOnce(_) => None,
            Pays::Account {
                bank_code,
                valid_until_ms,
                notice_url,
            } => Some(AccountAsked {
                bank_code: bank_code.clone(),
                holder: "이니시스".to_owned(),
                valid_until_ms: *valid_until_ms,
                cash_receipt: false,
                corporate_receipt: false,
                number: None,
                notice_url: notice_url.clone(),
            }),
        }
    }

    /// Whether it is too old, or undone.
    pub(crate) fn is_over(&self, now_ms: i64) -> bool {
        self.dead || now_ms - self.at_ms > APPROVE_WITHIN_MS
    }

    pub(crate) fn target(&self) -> Target {
        Target {
            pg: Pg::Inicis,
            order_id: Some(self.order_id.clone()),
            mid: self.merchant.mid.to_owned(),
            amount: Some(self.amount),
        }
    }

    /// What the card does when it is charged.
    pub(crate) fn magic(&self) -> Option<Twist> {
        match &self.pays {
            Pays::Card(card) => card.at_charge.as_ref().map(cards::Magic::twist),
            Pays::Key(card) => card.issue_declined.clone().map(Twist::Decline),
            Pays::Account { .. } => None,
            Pays::AtOnce(_) => self.refused.map(|code| Twist::Decline(code.to_owned())),
        }
    }
}

/// What was authenticated under a token.
pub(crate) fn find(sim: &Simulator, token: &str) -> Option<Authenticated> {
    sim.windows.lock().get(token).cloned()
}

/// Undoes what was approved under a token, and lets nothing be approved under it any more. Undoing
/// again does no harm. Nothing if the token is not known or its money was given back otherwise.
pub(crate) fn undo(sim: &Simulator, token: &str) -> Option<Stamp> {
    let mut books = sim.books();
    let now_ms = sim.clock.now_ms();
    let mut all = sim.windows.lock();
    let one = all.get_mut(token)?;
    if !one.dead
        && let Some(tid) = &one.tid
    {
        let undone = books.change(tid, |found| {
            if found.account.is_some() {
                found.close_account(now_ms)
            } else {
                found.refund_whole(now_ms)
            }
        });
        undone?.ok()?;
    }
    one.dead = true;
    Some(Stamp::of(now_ms))
}
