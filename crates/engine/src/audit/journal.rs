//! The journal holds what payments and settlements say, and nothing else.
//!
//! Three walks after one another: payments, of each of which the journal must hold exactly what
//! its state says; postings, each of which must have its payment or its day; days of settlement,
//! whose accounts must come to what the current batch says. What was written while it was read is
//! no finding. Until the journal is filled with what happened before there was one, nothing is
//! looked at.

use std::collections::{BTreeSet, HashSet};

use naru_domain::StoreId;
use naru_domain::journal::{Balances, Posting, balances, postings};
use naru_domain::payment::Payment;
use naru_store::{Condition, Query, Record as _, Row, Value, rows_after, tables};

use super::{At, AuditPage};
use crate::journal::{postings_of, subject_of};
use crate::records::{JournalRecord, JournalSubject, PaymentRecord, SettlementDayRecord};
use crate::{Engine, Fault};

/// Payments whose existence is asked for at once.
const IDS: usize = 100;

/// Where the walk is; what comes behind it is where it goes on.
const PAYMENTS: &str = "payments:";
const POSTINGS: &str = "postings:";
const DAYS: &str = "days:";

impl Engine {
    pub(super) async fn audit_journal(&self, at: At<'_>) -> Result<AuditPage, Fault> {
        if self.is_journal_filling().await? {
            let note = "the journal is still being filled with what happened before the upgrade, \
                        and was not looked at; audit again later";
            return Ok(AuditPage {
                note: Some(note.to_owned()),
                ..AuditPage::default()
            });
        }
        let (store_id, after, limit) = at;
        let after = after.unwrap_or(PAYMENTS);
        let behind = |walk| after.strip_prefix(walk);
        if let Some(after) = behind(PAYMENTS) {
            let at = (store_id, some(after), limit);
            return self.audit_posted(at).await;
        }
        if let Some(after) = behind(POSTINGS) {
            let at = (store_id, some(after), limit);
            return self.audit_postings(at).await;
        }
        if let Some(after) = behind(DAYS) {
            let at = (store_id, some(after), limit);
            return self.audit_days(at).await;
        }
        Err(Fault::invalid(
            "`after`: expected what the page before gave",
        ))
    }

    /// Of each payment, the journal holds what its state says.
    async fn audit_posted(&self, at: At<'_>) -> Result<AuditPage, Fault> {
        let rows = self.audited::<PaymentRecord>(at, "payment_id").await?;
        let next = rows.page(|row| row.0.id.to_string()).next;
        let mut page = AuditPage {
            next: Some(
                next.map_or_else(|| POSTINGS.to_owned(), |last| format!("{PAYMENTS}{last}")),
            ),
            ..AuditPage::default()
        };
        let name = |payment: &Payment| JournalSubject::Payment(payment.id.clone()).text();
        let names: Vec<String> = rows.rows.iter().map(|row| name(&row.0)).collect();
        let posted = self.journal_of(at.0, &names).await?;
        for (PaymentRecord(payment), name) in rows.rows.iter().zip(&names) {
            let found = posted.get(name).map_or(&[][..], Vec::as_slice);
            let differences = against_journal(payment, found);
            if differences.is_empty() || self.has_changed(at.0, payment).await? {
                continue;
            }
            for text in differences {
                page.find(payment.id.as_str(), text);
            }
        }
        Ok(page)
    }

    async fn has_changed(&self, store_id: &StoreId, before: &Payment) -> Result<bool, Fault> {
        let now = self.load_payment(store_id, &before.id).await?;
        Ok(now.is_none_or(|now| now.value.0.event_count != before.event_count))
    }

    /// No posting without what it is of.
    async fn audit_postings(&self, at: At<'_>) -> Result<AuditPage, Fault> {
        let (rows, next) = self.journal_rows(at.0, at.1, at.2).await?;
        let mut page = AuditPage {
            checked: u32::try_from(rows.len()).unwrap_or(u32::MAX),
            next: Some(next.map_or_else(|| DAYS.to_owned(), |last| format!("{POSTINGS}{last}"))),
            ..AuditPage::default()
        };
        for row in &rows {
            if let Err(error) = JournalRecord::from_row(row) {
                let text = format!("{} of the journal can't be read: {error}", posting_of(row));
                page.find(subject_of(row).unwrap_or_default(), text);
            }
        }
        let names: BTreeSet<&str> = rows.iter().filter_map(subject_of).collect();
        let subjects: Vec<JournalSubject> = names
            .into_iter()
            .filter_map(JournalSubject::parse)
            .collect();
        let known = self.known_payments(at.0, &subjects).await?;
        for subject in &subjects {
            let (is_known, id, what) = match (subject, subject.day_key(at.0)) {
                (JournalSubject::Payment(id), _) => {
                    let is_known = known.contains(id.as_str());
                    (is_known, id.as_str().to_owned(), "payment")
                }
                (JournalSubject::Settlement { .. }, key) => {
                    let key = key.unwrap_or_default();
                    let day = self.store().get(&tables::SETTLEMENT_DAYS, key).await?;
                    (day.is_some(), subject.text(), "day of settlement")
                }
            };
            if !is_known {
                let name = subject.text();
                let count = rows
                    .iter()
                    .filter(|row| subject_of(row) == Some(&name))
                    .count();
                let text = format!("the journal has {count} postings of no {what} that exists");
                page.find(&id, text);
            }
        }
        Ok(page)
    }

    /// Which of the payments that are subjects exist.
    async fn known_payments(
        &self,
        store_id: &StoreId,
        subjects: &[JournalSubject],
    ) -> Result<HashSet<String>, Fault> {
        let ids: Vec<Value> = subjects
            .iter()
            .filter_map(|subject| match subject {
                JournalSubject::Payment(id) => Some(id.as_str().into()),
                JournalSubject::Settlement { .. } => None,
            })
            .collect();
        let mut known = HashSet::new();
        for some in ids.chunks(IDS) {
            let limit = u32::try_from(IDS).unwrap_or(u32::MAX);
            let query = Query::of(&tables::PAYMENTS, limit)
                .and(Condition::Is("store_id", store_id.as_str().into()))
                .and(Condition::In("payment_id", some.to_vec()));
            for row in self.store().scan(query).await? {
                if let Some(Value::Text(id)) = row.key.get(1) {
                    known.insert(id.clone());
                }
            }
        }
        Ok(known)
    }

    /// The accounts of each day of settlement come to what its batch says.
    async fn audit_days(&self, at: At<'_>) -> Result<AuditPage, Fault> {
        let (store_id, after, limit) = at;
        let after: Option<Vec<String>> = after
            .map(serde_json::from_str)
            .transpose()
            .map_err(|_| Fault::invalid("`after`: expected what the page before gave"))?;
        let owner: Value = store_id.as_str().into();
        let rows = match after {
            None => {
                let query = Query::of(&tables::SETTLEMENT_DAYS, limit)
                    .and(Condition::Is("owner_id", owner.clone()));
                self.store().scan(query).await?
            }
            Some(after) => {
                let behind = after.iter().map(|text| text.as_str().into());
                let key: Vec<Value> = [owner.clone()].into_iter().chain(behind).collect();
                rows_after(self.store(), &tables::SETTLEMENT_DAYS, Some(&key), limit).await?
            }
        };
        let is_last = rows.len() < limit as usize;
        let owned: Vec<&Row> = rows
            .iter()
            .filter(|row| row.key.first() == Some(&owner))
            .collect();
        let mut page = AuditPage {
            checked: u32::try_from(owned.len()).unwrap_or(u32::MAX),
            ..AuditPage::default()
        };
        for row in &owned {
            let day = SettlementDayRecord::from_row(row)?;
            let subject = JournalSubject::of_day(&day.value).text();
            let differences = self.day_differences(&subject, &day.value).await?;
            let now = self.store().get(&tables::SETTLEMENT_DAYS, row.key.clone());
            if differences.is_empty() || now.await?.is_none_or(|now| now.version != row.version) {
                continue;
            }
            for text in differences {
                page.find(&subject, text);
            }
        }
        if !is_last && owned.len() == rows.len() {
            let text = |value: &Value| match value {
                Value::Text(text) => text.clone(),
                Value::Int(number) => number.to_string(),
                Value::Null => String::new(),
            };
            let last = rows.last().map(|row| row.key.iter().skip(1).map(text));
            let last: Vec<String> = last.into_iter().flatten().collect();
            let last =
                serde_json::to_string(&last).map_err(|error| Fault::internal(error.to_string()))?;
            page.next = Some(format!("{DAYS}{last}"));
        }
        Ok(page)
    }

    async fn day_differences(
        &self,
        subject: &str,
        day: &SettlementDayRecord,
    ) -> Result<Vec<String>, Fault> {
        let owner_id = &day.contract.owner_id;
        let totals = self.batch_totals(owner_id, &day.batch_id).await?;
        let wanted: Balances = postings_of(day, &totals).iter().collect();
        let name = subject.to_owned();
        let posted = self
            .journal_of(owner_id, std::slice::from_ref(&name))
            .await?;
        let found: Balances = posted.get(subject).into_iter().flatten().collect();
        Ok(sums_differ(&wanted, &found))
    }
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// What a row calls its posting.
fn posting_of(row: &Row) -> String {
    match row.key.get(2) {
        Some(Value::Text(posting)) => format!("`{posting}`"),
        Some(Value::Int(_) | Value::Null) | None => "a row".to_owned(),
    }
}

/// How the journal differs from what a payment's state says.
fn against_journal(payment: &Payment, found: &[Posting]) -> Vec<String> {
    let wanted = postings(payment);
    let mut all = Vec::new();
    for one in &wanted {
        match found.iter().find(|posted| posted.id() == one.id()) {
            None => all.push(format!("its journal lacks {}", said(one))),
            Some(posted) if posted != one => {
                let (found, expected) = (said(posted), said(one));
                all.push(format!("its journal has {found}, expected {expected}"));
            }
            Some(_) => {}
        }
    }
    let is_wanted = |posted: &&Posting| wanted.iter().any(|one| one.id() == posted.id());
    for posted in found.iter().filter(|posted| !is_wanted(posted)) {
        let found = said(posted);
        all.push(format!("its journal has {found}, which did not happen"));
    }
    if all.is_empty() {
        // The same again by the payment's sums: what both postings above have wrong.
        let found: Balances = found.iter().collect();
        all = sums_differ(&balances(payment), &found);
    }
    all
}

fn sums_differ(wanted: &Balances, found: &Balances) -> Vec<String> {
    let differences = wanted.differences(found).into_iter();
    let said = differences.map(|(account, currency, [wanted, found])| {
        let currency = currency.as_str();
        format!("its journal leaves {found} {currency} in `{account}`, expected {wanted}")
    });
    said.collect()
}

/// A posting, for people.
fn said(posting: &Posting) -> String {
    format!(
        "`{}` of {} {} from `{}` to `{}` at {}",
        posting.id(),
        posting.amount,
        posting.currency.as_str(),
        posting.credit,
        posting.debit,
        posting.at
    )
}
