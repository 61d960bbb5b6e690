//! Sealing anew: whatever a former master key sealed is sealed under the current one.
//!
//! A row is changed as text, so that nothing of it but the sealed texts and the keyed hashes
//! beside them can change, and naming the version it was read at. Equal texts stay equal, so a row
//! is still what its events make of it. What can't be opened is left and named. Running it again
//! does no harm.

use std::collections::BTreeMap;

use naru_domain::{MerchantId, Sealed, StoreId};
use naru_store::{
    Commit, CommitError, Record as _, Row, Table, Value, Versioned, Write, rows_after, tables,
};

use super::places::{Found, Place, places, sealed_texts};
use crate::identity::{PersonFilter, RequestedPerson, VerifiedPerson};
use crate::records::{LedgerRecord, PaymentRecord};
use crate::{Engine, Fault};

/// Rows of a page; each may have hundreds of kilobytes.
const PAGE: u32 = 100;
/// How often a page is tried whose rows change meanwhile.
const TRIES: u32 = 3;

/// What is done with what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResealMode {
    /// Whatever is sealed is opened, and nothing is written.
    Look,
    /// What a former key sealed is sealed anew.
    Write,
}

/// A page of a table.
#[derive(Debug, Clone, Default)]
pub struct ResealPage {
    /// Rows looked at.
    pub rows: u64,
    /// Rows that hold something sealed under one of the keys that were looked for.
    pub sealed: u64,
    /// Rows that were written, or are to be because they changed meanwhile.
    pub changed: u64,
    /// Rows with a sealed text that can't be opened.
    pub unopened: Vec<String>,
    /// Where to go on; nothing at the end.
    pub next: Option<Vec<Value>>,
}

/// The tables that may hold something sealed: all but the settings, which hold the keys.
pub fn sealing_tables() -> impl Iterator<Item = &'static Table> {
    let all = tables::ALL.iter().copied();
    all.filter(|table| table.name != tables::SETTINGS.name)
}

/// What is to be written instead of what, in one row.
#[derive(Default)]
struct Changes {
    sealed: u64,
    is_unopened: bool,
    instead: BTreeMap<String, String>,
    /// Texts that become nothing.
    forgotten: Vec<String>,
}

impl Engine {
    /// Goes through one page of a table.
    pub(super) async fn reseal(
        &self,
        table: &'static Table,
        after: Option<&[Value]>,
        mode: ResealMode,
    ) -> Result<ResealPage, Fault> {
        let mut tries = 0;
        loop {
            tries += 1;
            let rows = rows_after(self.store(), table, after, PAGE).await?;
            let mut unit = Commit::new(self.new_uuid());
            let mut page = self.reseal_rows(&mut unit, (table, &rows), mode).await?;
            if mode == ResealMode::Write && table == &tables::LEDGER {
                self.renumber_customers(&mut unit, &rows).await?;
            }
            page.changed = unit.writes.len() as u64;
            if unit.writes.is_empty() {
                return Ok(page);
            }
            match self.commit(unit).await {
                // Somebody changed one of them.
                Err(CommitError::Conflict(_)) if tries < TRIES => {}
                // What is left after so many tries, the next pass finds.
                Ok(()) | Err(CommitError::Conflict(_)) => return Ok(page),
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn reseal_rows(
        &self,
        unit: &mut Commit,
        (table, rows): (&'static Table, &[Row]),
        mode: ResealMode,
    ) -> Result<ResealPage, Fault> {
        let mut marks = self.keys().former_marks();
        if mode == ResealMode::Look {
            marks.push(self.keys().mark());
        }
        let mut page = ResealPage {
            rows: rows.len() as u64,
            next: (rows.len() as u64 == u64::from(PAGE))
                .then(|| rows.last().map(|row| row.key.clone()))
                .flatten(),
            ..ResealPage::default()
        };
        for row in rows {
            let changes = self.changes(table, row, &marks).await?;
            page.sealed += u64::from(changes.sealed > 0);
            if changes.is_unopened {
                page.unopened.push(name(table, row));
            }
            if mode == ResealMode::Write && !changes.instead.is_empty() {
                unit.writes.push(Write::Update {
                    table,
                    row: changes.applied(row),
                    expected: row.version,
                });
            }
        }
        Ok(page)
    }

    async fn changes(&self, table: &Table, row: &Row, marks: &[&str]) -> Result<Changes, Fault> {
        let mut changes = Changes::default();
        let marked: usize = marks
            .iter()
            .map(|mark| row.body.matches(mark).count())
            .sum();
        if marked == 0 {
            return Ok(changes);
        }
        changes.sealed = marked as u64;
        let body = serde_json::from_str(&row.body)
            .map_err(|_| Fault::internal(format!("a row of `{}` is no JSON", table.name)))?;
        let found = sealed_texts(&body, marks);
        // A mark that is not the beginning of a text is one that nobody would find here.
        changes.is_unopened = found.len() < marked;
        for one in &found {
            self.change_text(&mut changes, (table, row), one).await?;
        }
        Ok(changes)
    }

    async fn change_text(
        &self,
        changes: &mut Changes,
        (table, row): (&Table, &Row),
        found: &Found<'_>,
    ) -> Result<(), Fault> {
        let sealed = Sealed::from_cipher_text(found.text.to_owned());
        let resealed = places(table, row, found).into_iter().find_map(|place| {
            let text = self.keys().reseal(&place.text, &sealed).ok()?;
            Some((place, text))
        });
        let Some((place, text)) = resealed else {
            changes.is_unopened = true;
            return Ok(());
        };
        let text = text.cipher_text().to_owned();
        changes.instead.insert(found.text.to_owned(), text);
        if let Some(store_id) = &place.person_of {
            self.rehash_person(changes, (store_id, &place, &sealed))
                .await?;
            // An address is known to nobody any more, and counted for ten minutes only.
            let around = found.around.last();
            let address = around.and_then(|object| object.get("address_key")?.as_str());
            changes.forgotten.extend(address.map(str::to_owned));
        }
        Ok(())
    }

    /// By what lists find the person, under the current key.
    async fn rehash_person(
        &self,
        changes: &mut Changes,
        (store_id, place, sealed): (&StoreId, &Place, &Sealed),
    ) -> Result<(), Fault> {
        let opened = self.keys().open(&place.text, sealed);
        let Some(person) = opened.ok().and_then(|text| person(text.expose())) else {
            changes.is_unopened = true;
            return Ok(());
        };
        let Some(store) = self.store_record(store_id).await? else {
            return Ok(());
        };
        let merchant_id: &MerchantId = &store.merchant_id;
        let before = person.clone().hashed(merchant_id, |parts| {
            self.keys().person_key_beside(sealed, parts).ok()
        });
        let after = person.hashed(merchant_id, |parts| self.keys().person_key(parts));
        for (before, after) in before.into_iter().zip(after) {
            if let (Some(before), Some(after)) = (before.flatten(), after) {
                changes.instead.insert(before, after);
            }
        }
        Ok(())
    }

    /// The ledger tells customers apart by a keyed hash of what their payment holds in the clear.
    async fn renumber_customers(&self, unit: &mut Commit, rows: &[Row]) -> Result<(), Fault> {
        for row in rows {
            let found = LedgerRecord::from_row(row)?;
            let entry = found.value;
            let payment = self
                .load_payment(&entry.store_id, &entry.payment_id)
                .await?;
            let PaymentRecord(payment) = match payment {
                Some(payment) => payment.value,
                None => continue,
            };
            let Some(attempt) = payment.attempt(entry.attempt) else {
                continue;
            };
            let customer = self.customer_of(&payment.merchant_id, attempt);
            if customer != entry.customer {
                unit.update(&Versioned {
                    version: found.version,
                    value: LedgerRecord { customer, ..entry },
                })?;
            }
        }
        Ok(())
    }
}

impl Changes {
    fn applied(&self, row: &Row) -> Row {
        let mut row = row.clone();
        for (before, after) in &self.instead {
            row.body = row.body.replace(before, after);
        }
        for text in &self.forgotten {
            row.body = row.body.replace(&format!("\"{text}\""), "null");
        }
        for column in &mut row.columns {
            if let Value::Text(text) = column
                && let Some(after) = self.instead.get(text)
            {
                after.clone_into(text);
            }
        }
        row
    }
}

/// What lists find a person by, from either of the two texts about one.
fn person(text: &str) -> Option<PersonFilter> {
    let verified = serde_json::from_str::<VerifiedPerson>(text);
    let requested = || serde_json::from_str::<RequestedPerson>(text);
    match verified {
        Ok(person) => Some(person.findable()),
        Err(_) => Some(requested().ok()?.findable()),
    }
}

/// A row's name, for a person: its table and its key, in which nothing is secret.
fn name(table: &Table, row: &Row) -> String {
    let key = row.key.iter().map(|value| match value {
        Value::Null => String::new(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.clone(),
    });
    format!("{} {}", table.name, key.collect::<Vec<_>>().join(" "))
}
