//! Facts, profiles and the ledger: what lists, cursors and charts read, written behind the commit
//! of a payment by the worker that fills the search index.
//!
//! Positions are given by one writer after the other: each commit names the version of the
//! merchant's head. So whoever reads up to a position has seen all that will ever stand before it,
//! on every store and however many nodes write, and a cursor misses nothing.
//!
//! Invariant: nothing here is told to anybody as the state of a payment; items of lists are read
//! from the payments themselves.

use std::collections::{BTreeMap, HashMap, HashSet};

use naru_domain::payment::{Attempt, CancellationState, Payment};
use naru_domain::{MerchantId, Method, StoreId, Timestamp, pg_company};
use naru_store::{Commit, CommitError, Condition, Query, Record, Row, Value, Versioned, tables};
use sha2::{Digest as _, Sha256};

use crate::records::{
    EventRecord, FactsRecord, LedgerHeadRecord, LedgerRecord, PaymentRecord, ProfileRecord,
    Subject, method_name,
};
use crate::unit::event_subject;
use crate::{Engine, Fault};

/// How often another writer to a merchant's ledger may be faster, before it is left for later.
const ENTER_TRIES: u32 = 20;
/// Events about money that one payment can have, its cancellations included.
const EVENTS_MAX: u32 = 1_000;

/// A payment that facts and ledger are to be written for.
pub(crate) struct Changed {
    /// Key, version and columns of its row.
    pub(crate) row: Row,
    pub(crate) payment: Payment,
}

impl From<Versioned<PaymentRecord>> for Changed {
    fn from(found: Versioned<PaymentRecord>) -> Self {
        let row = Row {
            key: found.value.key(),
            version: found.version,
            columns: found.value.columns(),
            body: String::new(),
        };
        Self {
            row,
            payment: found.value.0,
        }
    }
}

/// Keys of payments that have facts. One that has none has no words either, which come after.
pub(crate) type Known = HashSet<Vec<Value>>;

/// One merchant's unit in the making.
struct Writing {
    head: LedgerHeadRecord,
    head_version: Option<i64>,
    facts: HashMap<(StoreId, String), Versioned<FactsRecord>>,
    profiles: BTreeMap<(StoreId, String), (Option<i64>, ProfileRecord)>,
    unit: Commit,
}

impl Engine {
    /// Writes what these payments of a merchant say to facts and ledger, and gives those of which
    /// something was known before. Nothing: others write to the ledger all the time.
    pub(crate) async fn enter(
        &self,
        merchant_id: &MerchantId,
        changed: &[Changed],
    ) -> Result<Option<Known>, Fault> {
        for _ in 0..ENTER_TRIES {
            let (unit, known) = self.entering(merchant_id, changed).await?;
            if unit.writes.is_empty() {
                return Ok(Some(known));
            }
            match self.commit(unit).await {
                Ok(()) => return Ok(Some(known)),
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    async fn entering(
        &self,
        merchant_id: &MerchantId,
        changed: &[Changed],
    ) -> Result<(Commit, Known), Fault> {
        // The head first: what is read after it can't be older than what its version has seen.
        let mut writing = self.writing(merchant_id, changed).await?;
        let known = writing.facts.values().map(|facts| facts.value.key());
        let known = known.collect();
        let fresh: Vec<&Changed> = changed
            .iter()
            .filter(|one| writing.is_news(&one.row, &one.payment))
            .collect();
        if fresh.is_empty() {
            return Ok((writing.unit, known));
        }
        let mut entries = Vec::new();
        for one in &fresh {
            entries.extend(money(self, &one.payment));
        }
        entries.retain(|entry| !writing.has(entry));
        self.date(&mut entries).await?;
        let mut by_age = fresh;
        by_age.sort_by_key(|one| one.payment.created_at);
        self.load_profiles(&mut writing, &by_age).await?;
        for one in by_age {
            writing.put(&one.row, &one.payment, &entries)?;
        }
        entries.sort_by_key(|entry| (entry.recorded_at, entry.money_at));
        for mut entry in entries {
            entry.position = writing.next(entry.recorded_at);
            writing.unit.insert(&entry)?;
        }
        Ok((writing.unit()?, known))
    }

    async fn writing(
        &self,
        merchant_id: &MerchantId,
        changed: &[Changed],
    ) -> Result<Writing, Fault> {
        let head = self
            .store()
            .load::<LedgerHeadRecord>(vec![merchant_id.as_str().into()])
            .await?;
        let limit = u32::try_from(changed.len()).unwrap_or(u32::MAX);
        let stores = changed.iter().map(|one| one.payment.store_id.as_str());
        let ids = changed.iter().map(|one| one.payment.id.as_str());
        let query = Query::of(&tables::PAYMENT_FACTS, limit.saturating_mul(limit))
            .and(Condition::one_of("store_id", stores))
            .and(Condition::one_of("payment_id", ids));
        let facts = self.store().list::<FactsRecord>(query).await?;
        let facts = facts.into_iter().map(|found| {
            let key = (
                found.value.store_id.clone(),
                found.value.payment_id.as_str().to_owned(),
            );
            (key, found)
        });
        Ok(Writing {
            head_version: head.as_ref().map(|head| head.version),
            head: head.map_or_else(
                || LedgerHeadRecord {
                    merchant_id: merchant_id.clone(),
                    last: 0,
                    lag_max: 0,
                },
                |head| head.value,
            ),
            facts: facts.collect(),
            profiles: BTreeMap::new(),
            unit: Commit::new(self.new_uuid()),
        })
    }

    /// When each entry was recorded: what the events say.
    async fn date(&self, entries: &mut [LedgerRecord]) -> Result<(), Fault> {
        if entries.is_empty() {
            return Ok(());
        }
        let subject =
            |entry: &LedgerRecord| event_subject(Subject::Payment, entry.payment_id.as_str());
        let subjects: Vec<String> = entries.iter().map(subject).collect();
        let stores = entries.iter().map(|entry| entry.store_id.as_str());
        let limit = EVENTS_MAX.saturating_mul(u32::try_from(entries.len()).unwrap_or(u32::MAX));
        let query = Query::of(&tables::EVENTS, limit)
            .and(Condition::one_of("store_id", stores))
            .and(Condition::one_of(
                "subject_id",
                subjects.iter().map(String::as_str),
            ))
            .and(Condition::one_of(
                "kind",
                ["Captured", "Cancelled"].into_iter(),
            ));
        let mut recorded = HashMap::new();
        for found in self.store().list::<EventRecord>(query).await? {
            let event = found.value;
            // A capture names its attempt, a refund its cancellation.
            let about = event.event.get("id").or_else(|| event.event.get("attempt"));
            if let Some(about) = about.and_then(serde_json::Value::as_str) {
                recorded.insert((event.store_id, about.to_owned()), event.at);
            }
        }
        for entry in entries {
            if let Some(at) = recorded.get(&(entry.store_id.clone(), entry_id(entry))) {
                entry.recorded_at = *at;
            }
        }
        Ok(())
    }

    async fn load_profiles(
        &self,
        writing: &mut Writing,
        changed: &[&Changed],
    ) -> Result<(), Fault> {
        let mut wanted = Vec::new();
        for one in changed {
            wanted.push((one.payment.store_id.clone(), profile_of(&one.row).0));
            if let Some(facts) = writing.known(&one.payment) {
                wanted.push((facts.value.store_id.clone(), facts.value.profile.clone()));
            }
        }
        wanted.sort();
        wanted.dedup();
        let limit = u32::try_from(wanted.len()).unwrap_or(u32::MAX);
        let query = Query::of(&tables::PAYMENT_PROFILES, limit.saturating_mul(limit))
            .and(Condition::one_of(
                "store_id",
                wanted.iter().map(|(store, _)| store.as_str()),
            ))
            .and(Condition::one_of(
                "profile",
                wanted.iter().map(|(_, name)| name.as_str()),
            ));
        for found in self.store().list::<ProfileRecord>(query).await? {
            let key = (found.value.store_id.clone(), found.value.profile.clone());
            writing
                .profiles
                .insert(key, (Some(found.version), found.value));
        }
        Ok(())
    }
}

impl Writing {
    fn known(&self, payment: &Payment) -> Option<&Versioned<FactsRecord>> {
        self.facts
            .get(&(payment.store_id.clone(), payment.id.as_str().to_owned()))
    }

    /// Whether the row is newer than what is known of it.
    fn is_news(&self, row: &Row, payment: &Payment) -> bool {
        self.known(payment)
            .is_none_or(|facts| facts.value.payment_version < row.version)
    }

    fn has(&self, entry: &LedgerRecord) -> bool {
        let key = (entry.store_id.clone(), entry.payment_id.as_str().to_owned());
        let id = entry_id(entry);
        self.facts
            .get(&key)
            .is_some_and(|facts| facts.value.entered.contains(&id))
    }

    /// The next position: the moment it is for, or just after the last.
    fn next(&mut self, moment: Timestamp) -> i64 {
        let moment = moment.as_micros();
        let position = moment.max(self.head.last.saturating_add(1));
        self.head.last = position;
        self.head.lag_max = self.head.lag_max.max(position.saturating_sub(moment));
        position
    }

    /// Facts of one payment, and the counts of its profile and the one before.
    fn put(&mut self, row: &Row, payment: &Payment, entries: &[LedgerRecord]) -> Result<(), Fault> {
        let before = self.known(payment).cloned();
        let (profile, values) = profile_of(row);
        let position = match &before {
            Some(before) => before.value.position,
            None => self.next(payment.created_at),
        };
        let mut entered = before
            .as_ref()
            .map(|before| before.value.entered.clone())
            .unwrap_or_default();
        let own = entries
            .iter()
            .filter(|entry| entry.payment_id == payment.id && entry.store_id == payment.store_id);
        entered.extend(own.map(entry_id));
        let int = |name: &str| match PaymentRecord::TABLE.value_of(row, name) {
            Some(Value::Int(int)) => Some(*int),
            Some(Value::Null | Value::Text(_)) | None => None,
        };
        let facts = FactsRecord {
            store_id: payment.store_id.clone(),
            payment_id: payment.id.clone(),
            payment_version: row.version,
            position,
            profile,
            created_at: payment.created_at,
            status_changed_at: Timestamp::from_micros(int("status_changed_at").unwrap_or(0)),
            receipt_at: [
                int("cash_receipt_issued_at"),
                int("cash_receipt_cancelled_at"),
            ],
            amount: payment
                .shown()
                .map_or(0, |attempt| attempt.order.amount.total),
            entered,
        };
        let is_new = before
            .as_ref()
            .is_none_or(|before| before.value.profile != facts.profile);
        if is_new {
            if let Some(before) = &before {
                self.count(&facts.store_id, &before.value.profile, (Vec::new(), -1));
            }
            self.count(&facts.store_id, &facts.profile, (values, 1));
        }
        match before {
            Some(before) => self.unit.update(&Versioned {
                version: before.version,
                value: facts,
            })?,
            None => self.unit.insert(&facts)?,
        }
        Ok(())
    }

    fn count(
        &mut self,
        store_id: &StoreId,
        profile: &str,
        (values, more): (Vec<serde_json::Value>, i64),
    ) {
        let key = (store_id.clone(), profile.to_owned());
        let (_, record) = self.profiles.entry(key).or_insert_with(|| {
            let record = ProfileRecord {
                store_id: store_id.clone(),
                profile: profile.to_owned(),
                values,
                payments: 0,
            };
            (None, record)
        });
        record.payments += more;
    }

    /// The finished commit.
    fn unit(self) -> Result<Commit, Fault> {
        let mut unit = self.unit;
        for (_, (version, value)) in self.profiles {
            match version {
                Some(version) => unit.update(&Versioned { version, value })?,
                None => unit.insert(&value)?,
            }
        }
        match self.head_version {
            Some(version) => unit.update(&Versioned {
                version,
                value: self.head,
            })?,
            None => unit.insert(&self.head)?,
        }
        Ok(unit)
    }
}

/// The profile of a payment's row: its short name and its values.
fn profile_of(row: &Row) -> (String, Vec<serde_json::Value>) {
    let values = tables::PAYMENT_PROFILES.columns.iter().map(|column| {
        match PaymentRecord::TABLE.value_of(row, column.name) {
            Some(Value::Text(text)) => serde_json::Value::from(text.as_str()),
            Some(Value::Int(int)) => serde_json::Value::from(*int),
            Some(Value::Null) | None => serde_json::Value::Null,
        }
    });
    let values: Vec<_> = values.collect();
    let text = serde_json::Value::Array(values.clone()).to_string();
    let hash = Sha256::digest(text.as_bytes());
    let name = hash
        .iter()
        .take(8)
        .fold(String::new(), |name, byte| format!("{name}{byte:02x}"));
    (name, values)
}

/// What an entry is about, which is there once: an attempt or a cancellation.
fn entry_id(entry: &LedgerRecord) -> String {
    match entry.cancellation {
        Some(id) => id.to_string(),
        None => entry.attempt.to_string(),
    }
}

/// The entries of a payment, oldest first: its capture, then what was given back of it.
fn money(engine: &Engine, payment: &Payment) -> Vec<LedgerRecord> {
    let Some((attempt, capture)) = payment.captured() else {
        return Vec::new();
    };
    let first = LedgerRecord {
        amount: capture.amount,
        money_at: capture.paid_at,
        recorded_at: capture.paid_at,
        ..blank(engine, payment, (attempt, &capture.method))
    };
    let total = attempt.order.amount.total;
    let mut cancelled = [0_i64; 2];
    let mut entries = vec![first.clone()];
    for cancellation in &payment.cancellations {
        let CancellationState::Succeeded { at, .. } = &cancellation.state else {
            continue;
        };
        let amount = cancellation.amount;
        cancelled = [
            cancelled[0].saturating_add(amount.total),
            cancelled[1].saturating_add(amount.tax_free),
        ];
        entries.push(LedgerRecord {
            cancellation: Some(cancellation.id),
            // What moved: a promotion may have made it less than was cancelled.
            amount: cancellation.money().total.saturating_neg(),
            money_at: *at,
            recorded_at: *at,
            cancelled,
            is_whole: cancelled[0] >= total,
            ..first.clone()
        });
    }
    entries
}

impl Engine {
    /// Tells a merchant's customers apart, by their phone number.
    pub(crate) fn customer_of(&self, merchant_id: &MerchantId, attempt: &Attempt) -> Option<i64> {
        let phone = attempt.order.customer.phone_number.as_deref()?;
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        let parts = [merchant_id.as_str().as_bytes(), digits.as_bytes()];
        (!digits.is_empty()).then(|| self.keys().customer_number(&parts))
    }
}

/// What all entries of a payment have in common.
fn blank(
    engine: &Engine,
    payment: &Payment,
    (attempt, method): (&Attempt, &Method),
) -> LedgerRecord {
    let card_company = method.card().and_then(|paid| paid.card.issuer.clone());
    LedgerRecord {
        store_id: payment.store_id.clone(),
        position: 0,
        merchant_id: payment.merchant_id.clone(),
        payment_id: payment.id.clone(),
        attempt: attempt.id,
        cancellation: None,
        recorded_at: payment.created_at,
        money_at: payment.created_at,
        currency: attempt.order.currency.as_str().to_owned(),
        amount: 0,
        cancelled: [0, 0],
        is_whole: false,
        is_test: attempt.channel.is_test,
        // As it was paid: a card's window has easy-pay providers as well.
        method: method_name(method.kind()).to_owned(),
        card_company,
        easy_pay_provider: match method {
            Method::EasyPay(paid) => paid.provider.clone(),
            _ => None,
        },
        pg_company: pg_company(&attempt.channel.pg_provider).map(str::to_owned),
        customer: engine.customer_of(&payment.merchant_id, attempt),
    }
}
