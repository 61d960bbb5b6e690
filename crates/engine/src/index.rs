//! What is derived of payments and billing keys behind their commits, a second later at most
//! (design decision 4): facts, ledger and words.
//!
//! A change leaves the mark `needs_index` on its row. Facts and ledger come first, in a unit that
//! names the merchant's ledger; then the words, in one that takes the marks off and names the
//! versions that were read: what has changed meanwhile keeps its mark for the next. They are two
//! units since nodes meet at a ledger and not at words, and words are most of the work.
//!
//! Results of this process's own requests are remembered and derived without being read again.
//! Whatever else is marked is found by looking: a change that its process did not derive, that of
//! a dead process, that of an older version of Naru. A look leaves alone what it sees for the first
//! time: a payment on its way to the PG changes again at once, and what another node has just
//! committed that node will derive.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use futures_util::future::try_join_all;
use naru_domain::MerchantId;
use naru_store::{Commit, CommitError, Condition, Query, Record, Value, Versioned, Write};

use crate::ledger::{Changed, Known};
use crate::records::{BillingKeyRecord, PaymentRecord, Subject};
use crate::search::About;
use crate::{Engine, Fault};

/// The column that marks a row.
const MARK: &str = "needs_index";

/// Payments of one unit: it holds up other units of a store with one writer.
const PAYMENTS_MAX: usize = 64;

/// Billing keys derived at once.
const KEYS_AT_ONCE: usize = 8;

/// Results remembered at most, some kilobytes each. What does not fit is found by looking.
const RESULTS_MAX: usize = 1_024;

/// Results of this process's requests that are still to be derived.
#[derive(Default)]
pub(crate) struct Results(Mutex<Vec<Versioned<PaymentRecord>>>);

impl Results {
    pub(crate) fn push(&self, result: Versioned<PaymentRecord>) {
        let mut results = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if results.len() < RESULTS_MAX {
            results.push(result);
        }
    }

    fn take(&self) -> Vec<Versioned<PaymentRecord>> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What the last look saw, each with its version.
#[derive(Debug, Default)]
pub struct Seen(HashMap<Vec<Value>, i64>);

impl Seen {
    /// Keeps of what is found what was seen before as it is now, and remembers all of it.
    fn again<R: Record>(&mut self, found: Vec<Versioned<R>>) -> Vec<Versioned<R>> {
        let before = std::mem::take(&mut self.0);
        let found = found.into_iter().filter(|one| {
            let key = one.value.key();
            let is_again = before.get(&key) == Some(&one.version);
            self.0.insert(key, one.version);
            is_again
        });
        found.collect()
    }
}

/// What the last looks saw.
#[derive(Debug, Default)]
pub struct Looks {
    payments: Seen,
    keys: Seen,
}

impl Engine {
    /// Derives what this process's own requests came to since the last time. Gives how many.
    pub async fn index_results(&self) -> Result<usize, Fault> {
        let mut newest: HashMap<Vec<Value>, Versioned<PaymentRecord>> = HashMap::new();
        for result in self.results().take() {
            match newest.entry(result.value.key()) {
                Entry::Vacant(entry) => drop(entry.insert(result)),
                Entry::Occupied(mut entry) if entry.get().version < result.version => {
                    drop(entry.insert(result));
                }
                Entry::Occupied(_) => {}
            }
        }
        let count = newest.len();
        self.index_payments(newest.into_values()).await?;
        Ok(count)
    }

    /// Derives what is marked and was so at the last look, up to `limit` of each kind. Gives how
    /// many.
    pub async fn index_left(&self, looks: &mut Looks, limit: u32) -> Result<usize, Fault> {
        let payments = looks.payments.again(self.marked(limit).await?);
        let keys = looks.keys.again(self.marked(limit).await?);
        self.index_found(payments, keys).await
    }

    /// Derives all that is marked, up to `limit` of each kind. Gives how many.
    pub async fn index_changed(&self, limit: u32) -> Result<usize, Fault> {
        let (payments, keys) = (self.marked(limit).await?, self.marked(limit).await?);
        self.index_found(payments, keys).await
    }

    async fn index_found(
        &self,
        payments: Vec<Versioned<PaymentRecord>>,
        keys: Vec<Versioned<BillingKeyRecord>>,
    ) -> Result<usize, Fault> {
        let count = payments.len() + keys.len();
        self.index_payments(payments.into_iter()).await?;
        self.index_keys(keys).await?;
        Ok(count)
    }

    async fn marked<R: Record>(&self, limit: u32) -> Result<Vec<Versioned<R>>, Fault> {
        let query = Query::of(R::TABLE, limit).and(Condition::Is(MARK, 1.into()));
        Ok(self.store().list::<R>(query).await?)
    }

    async fn index_payments(
        &self,
        payments: impl Iterator<Item = Versioned<PaymentRecord>>,
    ) -> Result<(), Fault> {
        let mut of_merchant: BTreeMap<MerchantId, Vec<Changed>> = BTreeMap::new();
        for found in payments {
            let merchant_id = found.value.0.merchant_id.clone();
            let changed = of_merchant.entry(merchant_id).or_default();
            changed.push(Changed::from(found));
        }
        for (merchant_id, changed) in &mut of_merchant {
            // In one order everywhere, so that databases with row locks see no deadlocks.
            changed.sort_by(|a, b| a.row.key.cmp(&b.row.key));
            for some in changed.chunks(PAYMENTS_MAX) {
                if let Some(known) = self.enter(merchant_id, some).await? {
                    self.index_words(some, &known).await?;
                }
            }
        }
        Ok(())
    }

    async fn index_words(&self, all: &[Changed], known: &Known) -> Result<(), Fault> {
        let mut left = vec![all];
        while let Some(some) = left.pop() {
            // Where one has changed meanwhile, its half is tried without the other, and so on.
            if !self.index_some(some, known).await? && some.len() > 1 {
                let (first, second) = some.split_at(some.len() / 2);
                left.extend([first, second]);
            }
        }
        Ok(())
    }

    /// The words of some payments, and their marks taken off. `false`: one of them is not as it was
    /// read.
    async fn index_some(&self, some: &[Changed], known: &Known) -> Result<bool, Fault> {
        let mut unit = Commit::new(self.new_uuid());
        let about: Vec<About<'_>> = some
            .iter()
            .map(|one| About::payment(&one.payment, known.contains(&one.row.key)))
            .collect();
        self.add_words(&mut unit, Subject::Payment, &about).await?;
        for one in some {
            unit.writes.push(unmark::<PaymentRecord>(
                one.row.key.clone(),
                one.row.version,
            ));
        }
        self.commit_derived(unit).await
    }

    async fn index_keys(&self, mut keys: Vec<Versioned<BillingKeyRecord>>) -> Result<(), Fault> {
        // A few at once, so that the store can sync them together; not all, or they would take
        // every connection of a database away from requests.
        while !keys.is_empty() {
            let some = keys.split_off(keys.len().saturating_sub(KEYS_AT_ONCE));
            let indexed = some.iter().map(|key| self.index_key(key));
            try_join_all(indexed).await?;
        }
        Ok(())
    }

    async fn index_key(&self, found: &Versioned<BillingKeyRecord>) -> Result<(), Fault> {
        let mut unit = Commit::new(self.new_uuid());
        let about = [About::key(&found.value.0)];
        self.add_words(&mut unit, Subject::BillingKey, &about)
            .await?;
        let unmark = unmark::<BillingKeyRecord>(found.value.key(), found.version);
        unit.writes.push(unmark);
        self.commit_derived(unit).await.map(drop)
    }

    async fn commit_derived(&self, unit: Commit) -> Result<bool, Fault> {
        match self.commit(unit).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn unmark<R: Record>(key: Vec<Value>, version: i64) -> Write {
    Write::Clear {
        table: R::TABLE,
        key,
        column: MARK,
        expected: version,
    }
}
