//! Answers about a payment, as bytes, kept until a unit writes to it or to its webhooks.
//!
//! Merchants ask for a payment more often than it changes: the shop's page, then the webhook's
//! receiver, then whoever polls. The store says by a stamp whether anything was written, so a kept
//! answer is the one that the rows would give. Where other processes may write there are no
//! stamps, and nothing is kept.

use bytes::Bytes;
use naru_domain::{Face, PaymentId, StoreId};
use naru_store::Stamp;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::Engine;

/// Answers kept at most, in bytes.
const KEPT_BYTES_MAX: u64 = 8 * 1_024 * 1_024;
/// About how many that are.
const KEPT_ABOUT: usize = 4_096;
/// What one costs besides its bytes, about: its key and its place.
const OVERHEAD_BYTES: u64 = 256;

/// What an answer was made from, as it was before it was read.
#[derive(Debug, Clone)]
pub struct Basis {
    payment_id: PaymentId,
    stamp: Stamp,
}

#[derive(Clone)]
struct Kept {
    basis: Basis,
    body: Bytes,
}

/// The answers of this process.
pub(crate) struct KeptAnswers(Cache<String, Kept, Weight>);

#[derive(Clone)]
struct Weight;

impl Weighter<String, Kept> for Weight {
    fn weight(&self, key: &String, kept: &Kept) -> u64 {
        let bytes = key.len() + kept.body.len() + kept.basis.payment_id.as_str().len();
        OVERHEAD_BYTES + u64::try_from(bytes).unwrap_or(u64::MAX / 2)
    }
}

impl Default for KeptAnswers {
    fn default() -> Self {
        Self(Cache::with_weighter(KEPT_ABOUT, KEPT_BYTES_MAX, Weight))
    }
}

/// The name of an answer: which face, whose, about what.
fn name(face: Face, store_id: &StoreId, asked: &str) -> String {
    // Neither of the first two has a line break in it.
    format!("{}\n{store_id}\n{asked}", face.name())
}

impl Engine {
    /// The answer that this face gave when the same was asked, if what it was made from is as it
    /// was.
    pub fn kept_answer(&self, face: Face, store_id: &StoreId, asked: &str) -> Option<Bytes> {
        let kept = self.kept_answers().0.get(&name(face, store_id, asked))?;
        let payment_id = kept.basis.payment_id.as_str();
        let stamp = self.store().stamp(store_id.as_str(), payment_id)?;
        (stamp == kept.basis.stamp).then_some(kept.body)
    }

    /// What an answer about a payment is made from. To be taken before the payment is read.
    pub fn basis(&self, store_id: &StoreId, payment_id: &PaymentId) -> Option<Basis> {
        let stamp = self.store().stamp(store_id.as_str(), payment_id.as_str())?;
        Some(Basis {
            payment_id: payment_id.clone(),
            stamp,
        })
    }

    /// Keeps an answer that was made from this basis and nothing else.
    pub fn keep_answer(
        &self,
        face: Face,
        store_id: &StoreId,
        asked: &str,
        made: (Option<Basis>, &Bytes),
    ) {
        if let (Some(basis), body) = made {
            let kept = Kept {
                basis,
                body: body.clone(),
            };
            self.kept_answers()
                .0
                .insert(name(face, store_id, asked), kept);
        }
    }
}
