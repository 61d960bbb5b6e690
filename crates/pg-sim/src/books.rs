//! The books of the simulated PGs: transactions, billing keys, identity verifications,
//! registrations, the clock offset.
//!
//! Everything is in memory behind one mutex; every change is one whole entity written to the
//! journal under the same lock, so that replaying the lines in order gives the same books.
//! Must not be held across an await. Invariant: no card number, card password, identity
//! number, one-time password or plain billing key gets in here; a billing key is known by its
//! digest only.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

use crate::clock::Stamp;
use crate::identity::Verification;
use crate::inicis::Receipt;
use crate::inicis::cards::Magic;
use crate::journal::{self, Journal};
use crate::ledger::{CardFacts, Transaction};

/// Dead lines that are tolerated in the file before a start rewrites it.
const SLACK_LINES: usize = 64;

/// A billing key that was issued.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BillingKey {
    /// SHA-256 of the key: enough to know it again.
    pub(crate) digest: String,
    pub(crate) mid: String,
    /// The card; none where it is a phone bill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) card: Option<CardFacts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bill: Option<PhoneBill>,
    /// What charges made with the key do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) magic: Option<Magic>,
}

/// A phone bill that is charged every month.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhoneBill {
    pub(crate) phone: String,
    /// What every month costs.
    pub(crate) amount: u64,
    /// When it was charged first.
    pub(crate) since_ms: i64,
    /// Months after that in which it was charged last.
    pub(crate) month: i32,
}

impl PhoneBill {
    /// How many months after the first charge it is, where that is a time to charge: within five
    /// days of the day of the month, and in a month after the last one charged.
    pub(crate) fn month_at(&self, now_ms: i64) -> Option<i32> {
        let (since, today) = (Stamp::of(self.since_ms).day(), Stamp::of(now_ms).day());
        let months =
            i32::from(today.year() - since.year()) * 12 + i32::from(today.month() - since.month());
        (months - 1..=months + 1)
            .filter(|month| *month > self.month)
            .find(|month| {
                let due = since.checked_add(jiff::Span::new().months(*month));
                let apart = due.and_then(|due| today.until(due));
                apart.is_ok_and(|apart| apart.get_days().abs() <= BILL_DAYS)
            })
    }
}

/// How far from its day a phone bill may be charged.
const BILL_DAYS: i32 = 5;

/// A merchant's server that asked to be told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Registration {
    pub(crate) name: String,
    /// Later registrations win where two want the same notices.
    pub(crate) serial: u64,
    #[serde(default)]
    pub(crate) notice_url: Option<String>,
    #[serde(default)]
    pub(crate) clock_url: Option<String>,
    /// The MIDs whose notices it wants; `None` is all.
    #[serde(default)]
    pub(crate) mids: Option<Vec<String>>,
}

impl Registration {
    pub(crate) fn wants(&self, mid: &str) -> bool {
        self.mids
            .as_ref()
            .is_none_or(|mids| mids.iter().any(|m| m == mid))
    }
}

/// One line of the journal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::large_enum_variant, reason = "lives on the stack for one line")]
enum Record<'a> {
    Transaction(Cow<'a, Transaction>),
    Verification(Cow<'a, Verification>),
    Receipt(Cow<'a, Receipt>),
    BillingKey(Cow<'a, BillingKey>),
    Registration(Cow<'a, Registration>),
    Unregistered(Cow<'a, str>),
    ClockOffsetMs(i64),
    Forgotten(Cow<'a, str>),
}

/// A file that is not a journal of ours.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("line {line} can't be read: {reason}")]
    Corrupt {
        line: usize,
        reason: serde_json::Error,
    },
}

/// The books.
#[derive(Debug)]
pub(crate) struct Books {
    transactions: Vec<Transaction>,
    by_tid: HashMap<String, usize>,
    by_order: HashMap<String, usize>,
    by_account: HashMap<String, usize>,
    keys: HashMap<String, BillingKey>,
    verifications: Vec<Verification>,
    by_verification: HashMap<String, usize>,
    receipts: Vec<Receipt>,
    by_receipt: HashMap<String, usize>,
    registrations: BTreeMap<String, Registration>,
    offset_ms: i64,
    serial: u32,
    random: StdRng,
    journal: Arc<Journal>,
}

impl Books {
    /// Empty books.
    pub(crate) fn new(journal: Arc<Journal>) -> Self {
        Self {
            transactions: Vec::new(),
            by_tid: HashMap::new(),
            by_order: HashMap::new(),
            by_account: HashMap::new(),
            keys: HashMap::new(),
            verifications: Vec::new(),
            by_verification: HashMap::new(),
            receipts: Vec::new(),
            by_receipt: HashMap::new(),
            registrations: BTreeMap::new(),
            offset_ms: 0,
            serial: rand::random(),
            random: StdRng::from_os_rng(),
            journal,
        }
    }

    /// Draws from this seed from now on, so that a run can be repeated.
    pub(crate) fn draw_from(&mut self, seed: u64) {
        self.random = StdRng::seed_from_u64(seed);
        self.serial = self.random.random();
    }

    /// Reads the books from `path`, compacts the file if it has much dead weight or a torn end,
    /// and goes on appending to it.
    pub(crate) fn load(path: &Path, sync: bool) -> Result<Self, LoadError> {
        let bytes = match std::fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read?,
        };
        let mut books = Self::new(Arc::new(Journal::memory()));
        let (lines, whole) = journal::whole_lines(&bytes);
        let mut count = 0;
        for line in lines {
            count += 1;
            let record = serde_json::from_slice(line).map_err(|reason| LoadError::Corrupt {
                line: count,
                reason,
            })?;
            books.replay(record);
        }
        let torn = whole < bytes.len();
        if torn {
            tracing::warn!(
                bytes = bytes.len() - whole,
                "dropped a torn last journal line"
            );
        }
        if torn || count > 2 * books.live() + SLACK_LINES {
            journal::replace(path, &books.snapshot()?)?;
        }
        let file: File = journal::open_for_append(path)?;
        if let Some(directory) = path.parent() {
            journal::sync_directory(directory)?;
        }
        books.journal = Arc::new(Journal::append_to(file, sync)?);
        Ok(books)
    }

    pub(crate) fn journal(&self) -> Arc<Journal> {
        Arc::clone(&self.journal)
    }

    fn live(&self) -> usize {
        self.transactions.len()
            + self.keys.len()
            + self.verifications.len()
            + self.receipts.len()
            + self.registrations.len()
            + 1
    }

    fn snapshot(&self) -> io::Result<Vec<u8>> {
        let mut lines = Vec::new();
        let mut put = |record: &Record<'_>| -> io::Result<()> {
            serde_json::to_writer(&mut lines, record)?;
            lines.push(b'\n');
            Ok(())
        };
        put(&Record::ClockOffsetMs(self.offset_ms))?;
        for registration in self.registrations.values() {
            put(&Record::Registration(Cow::Borrowed(registration)))?;
        }
        for key in self.keys.values() {
            put(&Record::BillingKey(Cow::Borrowed(key)))?;
        }
        for verification in &self.verifications {
            put(&Record::Verification(Cow::Borrowed(verification)))?;
        }
        for receipt in &self.receipts {
            put(&Record::Receipt(Cow::Borrowed(receipt)))?;
        }
        for transaction in &self.transactions {
            put(&Record::Transaction(Cow::Borrowed(transaction)))?;
        }
        Ok(lines)
    }

    fn replay(&mut self, record: Record<'_>) {
        match record {
            Record::Transaction(transaction) => self.place(transaction.into_owned()),
            Record::Verification(one) => self.place_verification(one.into_owned()),
            Record::Receipt(one) => self.place_receipt(one.into_owned()),
            Record::BillingKey(key) => {
                self.keys.insert(key.digest.clone(), key.into_owned());
            }
            Record::Registration(registration) => {
                self.registrations
                    .insert(registration.name.clone(), registration.into_owned());
            }
            Record::Unregistered(name) => {
                self.registrations.remove(name.as_ref());
            }
            Record::ClockOffsetMs(offset_ms) => self.offset_ms = offset_ms,
            Record::Forgotten(tid) => {
                if let Some(row) = self.by_tid.get(tid.as_ref()).copied() {
                    self.drop_row(row);
                }
            }
        }
    }

    fn write(journal: &Journal, record: &Record<'_>) {
        match serde_json::to_vec(record) {
            Ok(line) => journal.append(&line),
            // Strings, numbers and string-keyed maps always serialise.
            Err(error) => tracing::error!(%error, "a change of the books has no JSON"),
        }
    }

    fn place(&mut self, transaction: Transaction) {
        if let Some(old) = self
            .by_tid
            .get(&transaction.tid)
            .and_then(|row| self.transactions.get_mut(*row))
        {
            *old = transaction;
            return;
        }
        let row = self.transactions.len();
        self.by_tid.insert(transaction.tid.clone(), row);
        self.by_order
            .insert(order_key(&transaction.mid, &transaction.order_id), row);
        if let Some(account) = &transaction.account {
            self.by_account.insert(account.number.clone(), row);
        }
        self.transactions.push(transaction);
    }

    /// Enters a new transaction.
    pub(crate) fn enter(&mut self, transaction: Transaction) {
        Self::write(
            &self.journal,
            &Record::Transaction(Cow::Borrowed(&transaction)),
        );
        self.place(transaction);
    }

    /// Changes a transaction, unless `change` refuses. `None` if there is none.
    pub(crate) fn change<R, E>(
        &mut self,
        tid: &str,
        change: impl FnOnce(&mut Transaction) -> Result<R, E>,
    ) -> Option<Result<R, E>> {
        let row = *self.by_tid.get(tid)?;
        let transaction = self.transactions.get_mut(row)?;
        let result = change(transaction);
        if result.is_ok() {
            Self::write(
                &self.journal,
                &Record::Transaction(Cow::Borrowed(transaction)),
            );
        }
        Some(result)
    }

    pub(crate) fn by_tid(&self, tid: &str) -> Option<&Transaction> {
        self.by_tid
            .get(tid)
            .and_then(|row| self.transactions.get(*row))
    }

    pub(crate) fn by_order(&self, mid: &str, order_id: &str) -> Option<&Transaction> {
        let row = self.by_order.get(&order_key(mid, order_id))?;
        self.transactions.get(*row)
    }

    /// Takes a transaction out, as if it had never been.
    pub(crate) fn forget(&mut self, tid: &str) -> bool {
        let Some(row) = self.by_tid.remove(tid) else {
            return false;
        };
        Self::write(&self.journal, &Record::Forgotten(Cow::Borrowed(tid)));
        self.drop_row(row);
        true
    }

    /// Takes a row out and lets the indexes follow.
    fn drop_row(&mut self, row: usize) {
        let gone = self.transactions.remove(row);
        self.by_tid.remove(&gone.tid);
        self.by_order.remove(&order_key(&gone.mid, &gone.order_id));
        if let Some(account) = &gone.account {
            self.by_account.remove(&account.number);
        }
        for index in [&mut self.by_tid, &mut self.by_order, &mut self.by_account] {
            for at in index.values_mut().filter(|at| **at > row) {
                *at -= 1;
            }
        }
    }

    /// The latest transaction that an account number was issued for.
    pub(crate) fn by_account(&self, number: &str) -> Option<&Transaction> {
        self.by_account
            .get(number)
            .and_then(|row| self.transactions.get(*row))
    }

    /// All transactions, oldest first.
    pub(crate) fn transactions(&self) -> &[Transaction] {
        &self.transactions
    }

    pub(crate) fn key(&self, digest: &str) -> Option<&BillingKey> {
        self.keys.get(digest)
    }

    pub(crate) fn enter_key(&mut self, key: BillingKey) {
        Self::write(&self.journal, &Record::BillingKey(Cow::Borrowed(&key)));
        self.keys.insert(key.digest.clone(), key);
    }

    /// All identity verifications, oldest first.
    pub(crate) fn verifications(&self) -> &[Verification] {
        &self.verifications
    }

    pub(crate) fn verification(&self, tid: &str) -> Option<&Verification> {
        self.by_verification
            .get(tid)
            .and_then(|row| self.verifications.get(*row))
    }

    fn place_verification(&mut self, one: Verification) {
        let known = self.by_verification.get(&one.tid).copied();
        if let Some(old) = known.and_then(|row| self.verifications.get_mut(row)) {
            *old = one;
        } else {
            self.by_verification
                .insert(one.tid.clone(), self.verifications.len());
            self.verifications.push(one);
        }
    }

    /// Enters a new identity verification.
    pub(crate) fn enter_verification(&mut self, one: Verification) {
        Self::write(&self.journal, &Record::Verification(Cow::Borrowed(&one)));
        self.place_verification(one);
    }

    /// Changes an identity verification, unless `change` refuses. `None` if there is none.
    pub(crate) fn change_verification<R, E>(
        &mut self,
        tid: &str,
        change: impl FnOnce(&mut Verification) -> Result<R, E>,
    ) -> Option<Result<R, E>> {
        let row = *self.by_verification.get(tid)?;
        let one = self.verifications.get_mut(row)?;
        let result = change(one);
        if result.is_ok() {
            Self::write(&self.journal, &Record::Verification(Cow::Borrowed(one)));
        }
        Some(result)
    }

    /// All cash receipts, oldest first.
    pub(crate) fn receipts(&self) -> &[Receipt] {
        &self.receipts
    }

    pub(crate) fn receipt(&self, tid: &str) -> Option<&Receipt> {
        self.by_receipt
            .get(tid)
            .and_then(|row| self.receipts.get(*row))
    }

    fn place_receipt(&mut self, one: Receipt) {
        let known = self.by_receipt.get(&one.tid).copied();
        if let Some(old) = known.and_then(|row| self.receipts.get_mut(row)) {
            *old = one;
        } else {
            self.by_receipt.insert(one.tid.clone(), self.receipts.len());
            self.receipts.push(one);
        }
    }

    /// Enters a new cash receipt.
    pub(crate) fn enter_receipt(&mut self, one: Receipt) {
        Self::write(&self.journal, &Record::Receipt(Cow::Borrowed(&one)));
        self.place_receipt(one);
    }

    /// Changes a cash receipt, unless `change` refuses. `None` if there is none.
    pub(crate) fn change_receipt<R, E>(
        &mut self,
        tid: &str,
        change: impl FnOnce(&mut Receipt) -> Result<R, E>,
    ) -> Option<Result<R, E>> {
        let row = *self.by_receipt.get(tid)?;
        let one = self.receipts.get_mut(row)?;
        let result = change(one);
        if result.is_ok() {
            Self::write(&self.journal, &Record::Receipt(Cow::Borrowed(one)));
        }
        Some(result)
    }

    /// Lets the receipts that were issued with a payment follow its money.
    pub(crate) fn follow_receipt(&mut self, payment_tid: &str, now_ms: i64) {
        let Some(rest) = self.by_tid(payment_tid).map(Transaction::remaining) else {
            return;
        };
        let of_payment = |it: &&Receipt| it.payment_tid.as_deref() == Some(payment_tid);
        let tids = self.receipts.iter().filter(of_payment);
        let tids: Vec<String> = tids.map(|receipt| receipt.tid.clone()).collect();
        for tid in tids {
            self.change_receipt(&tid, |receipt| receipt.follow(rest, now_ms));
        }
    }

    /// A new id of an identity verification: the time and ten digits.
    pub(crate) fn new_verification_id(&mut self, now_ms: i64) -> String {
        loop {
            self.serial = self.serial.wrapping_add(1);
            let id = format!("{}{:010}", Stamp::of(now_ms).compact(), self.serial);
            if !self.by_verification.contains_key(&id) {
                return id;
            }
        }
    }

    pub(crate) fn registrations(&self) -> impl Iterator<Item = &Registration> {
        self.registrations.values()
    }

    /// Registers, in place of an earlier registration of the same name.
    pub(crate) fn register(&mut self, mut registration: Registration) {
        let latest = self
            .registrations
            .values()
            .map(|r| r.serial)
            .max()
            .unwrap_or_default();
        registration.serial = latest + 1;
        Self::write(
            &self.journal,
            &Record::Registration(Cow::Borrowed(&registration)),
        );
        self.registrations
            .insert(registration.name.clone(), registration);
    }

    pub(crate) fn unregister(&mut self, name: &str) -> bool {
        let known = self.registrations.remove(name).is_some();
        if known {
            Self::write(&self.journal, &Record::Unregistered(Cow::Borrowed(name)));
        }
        known
    }

    /// The registration that gets the notices of a MID: a PG has one address per MID, so the
    /// latest registration wins.
    pub(crate) fn notice_target(&self, mid: &str) -> Option<&Registration> {
        let wanting = self
            .registrations()
            .filter(|r| r.notice_url.is_some() && r.wants(mid));
        wanting.max_by_key(|r| r.serial)
    }

    pub(crate) fn offset_ms(&self) -> i64 {
        self.offset_ms
    }

    pub(crate) fn set_offset_ms(&mut self, offset_ms: i64) {
        Self::write(&self.journal, &Record::ClockOffsetMs(offset_ms));
        self.offset_ms = offset_ms;
    }

    /// A new transaction id: a prefix of ten characters, the MID, the time and six digits.
    pub(crate) fn new_tid(&mut self, prefix: &str, mid: &str, now_ms: i64) -> String {
        let stem = format!("{prefix}{mid}{}", Stamp::of(now_ms).compact());
        loop {
            // The business clock can be moved back, so a second can come again.
            self.serial = self.serial.wrapping_add(1);
            let tid = format!("{stem}{:06}", self.serial % 1_000_000);
            if !self.by_tid.contains_key(&tid) && !self.by_receipt.contains_key(&tid) {
                return tid;
            }
        }
    }

    /// A new account number of 14 digits.
    pub(crate) fn new_account_number(&mut self) -> String {
        loop {
            let number = format!(
                "8{:013}",
                self.random.random_range(0..10_000_000_000_000_u64)
            );
            if !self.by_account.contains_key(&number) {
                return number;
            }
        }
    }

    /// A new billing key's bytes.
    pub(crate) fn new_key_bytes(&mut self) -> [u8; 20] {
        self.random.random()
    }
}

/// MIDs have a fixed length, so the joined text is unambiguous.
fn order_key(mid: &str, order_id: &str) -> String {
    format!("{mid}/{order_id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        let at: jiff::Timestamp = format!("{text}T12:00:00+09:00").parse().unwrap();
        at.as_millisecond()
    }

    #[test]
    fn a_phone_bill_is_charged_around_its_day_of_each_month() {
        let bill = |month| PhoneBill {
            phone: "01012345678".to_owned(),
            amount: 1000,
            since_ms: at("2026-01-31"),
            month,
        };
        for (last, day, month) in [
            (0, "2026-01-31", None),
            (0, "2026-02-22", None),
            (0, "2026-02-23", Some(1)),
            (0, "2026-02-28", Some(1)),
            (0, "2026-03-05", Some(1)),
            (0, "2026-03-06", None),
            (1, "2026-03-01", None),
            (1, "2026-03-31", Some(2)),
            (0, "2026-03-31", Some(2)),
            (11, "2027-01-31", Some(12)),
        ] {
            assert_eq!(bill(last).month_at(at(day)), month, "{last} {day}");
        }
    }
}
