//! Settlements in the journal: a batch of lines is posted when it comes to count, and taken back
//! when another takes its place.

use std::collections::BTreeMap;

use naru_domain::journal::{BookAccount, Posting, settled, taken_back};
use naru_domain::settlement::LineFigures;
use naru_domain::{Currency, StoreId};
use naru_store::{Commit, Condition, Query, tables};

use crate::reconcile::korea;
use crate::records::{JournalRecord, JournalSubject, SettlementDayRecord, SettlementTotalRecord};
use crate::{Engine, Fault};

/// Sums of a batch that are read at once.
const TOTALS: u32 = 500;

/// What the journal must hold of a batch with these sums. How its lines compare with our books
/// does not matter: comparing them again changes nothing here.
pub(crate) fn postings_of(
    day: &SettlementDayRecord,
    totals: &[SettlementTotalRecord],
) -> Vec<Posting> {
    let mut sums: BTreeMap<Currency, LineFigures> = BTreeMap::new();
    for total in totals {
        let sum = sums.entry(total.of.currency.clone()).or_default();
        let of = &total.figures;
        sum.amount = sum.amount.saturating_add(of.amount);
        sum.total = sum.total.saturating_add(of.total);
        sum.fee = sum.fee.saturating_add(of.fee);
        sum.fee_vat = sum.fee_vat.saturating_add(of.fee_vat);
    }
    let contract = &day.contract;
    let receivable = BookAccount::receivable(&contract.pg, &contract.pg_merchant_id);
    let at = day.settled_on.begins_at(&korea());
    settled(&receivable, &day.batch_id, &sums, at)
}

impl Engine {
    /// Adds to the unit that lets a day's batch count what that posts. It names the version of the
    /// day, as whoever posts for it does: what is taken back is what is there.
    pub(crate) async fn post_settlement(
        &self,
        unit: &mut Commit,
        (day, totals): (&SettlementDayRecord, &[SettlementTotalRecord]),
        replaced: Option<&str>,
    ) -> Result<(), Fault> {
        let owner_id = &day.contract.owner_id;
        let subject = JournalSubject::of_day(day);
        let mut added = Vec::new();
        if let Some(batch_id) = replaced {
            let name = subject.text();
            let mut posted = self
                .journal_of(owner_id, std::slice::from_ref(&name))
                .await?;
            let posted = posted.remove(&name).unwrap_or_default();
            let of_batch = posted
                .iter()
                .filter(|one| one.about.ends_with(&format!(":{batch_id}")));
            added.extend(of_batch.filter_map(taken_back));
        }
        added.extend(postings_of(day, totals));
        for posting in added {
            unit.insert(&JournalRecord {
                store_id: owner_id.clone(),
                subject: subject.clone(),
                posting,
            })?;
        }
        Ok(())
    }

    /// All sums of a batch.
    pub(crate) async fn batch_totals(
        &self,
        owner_id: &StoreId,
        batch_id: &str,
    ) -> Result<Vec<SettlementTotalRecord>, Fault> {
        let mut all: Vec<SettlementTotalRecord> = Vec::new();
        loop {
            let after = all.last().map_or(0, |total| total.number);
            let query = Query::of(&tables::SETTLEMENT_TOTALS, TOTALS)
                .and(Condition::Is("owner_id", owner_id.as_str().into()))
                .and(Condition::Is("batch_id", batch_id.into()))
                .and(Condition::Above("number", after.into()));
            let found = self.store().list::<SettlementTotalRecord>(query).await?;
            let is_last = found.len() < TOTALS as usize;
            all.extend(found.into_iter().map(|found| found.value));
            if is_last {
                return Ok(all);
            }
        }
    }
}
