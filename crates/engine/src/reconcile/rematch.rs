//! Comparing lines again: a payment or a cancellation may reach our books after the file did.

use naru_domain::StoreId;
use naru_store::{Commit, CommitError, Condition, Query, Versioned, Write, tables};

use super::import::next_rematch;
use super::lines::Totals;
use crate::records::{SettlementDayRecord, SettlementLineRecord};
use crate::{Engine, Fault};

/// Days that one sweep compares again.
const DAYS_AT_ONCE: u32 = 5;
/// How long a day that is being compared again is left alone by others, in seconds.
const HOLD_S: i64 = 3_600;
/// Days of a store that can be compared again at once by hand.
const DAYS_MAX: u32 = 1_000;

impl Engine {
    /// Compares again what is due for it. Gives how many days were.
    pub async fn rematch_due(&self) -> Result<usize, Fault> {
        let query = Query::of(&tables::SETTLEMENT_DAYS, DAYS_AT_ONCE)
            .and(Condition::AtMost("rematch_at", self.now().into()));
        let due = self.store().list::<SettlementDayRecord>(query).await?;
        let mut done = 0;
        for day in due {
            done += usize::from(self.rematch(day).await?.is_some());
        }
        Ok(done)
    }

    /// Compares all imported lines of a store again: after its taxation or its enrolment changed.
    /// Gives how many lines came out otherwise.
    pub async fn rematch_store(&self, owner: &StoreId) -> Result<u32, Fault> {
        self.existing_store(owner).await?;
        let query = Query::of(&tables::SETTLEMENT_DAYS, DAYS_MAX)
            .and(Condition::Is("owner_id", owner.as_str().into()));
        let mut changed = 0;
        for day in self.store().list::<SettlementDayRecord>(query).await? {
            changed += self.rematch(day).await?.unwrap_or(0);
        }
        Ok(changed)
    }

    /// Compares one day's lines again; nothing if somebody else is at it.
    async fn rematch(&self, day: Versioned<SettlementDayRecord>) -> Result<Option<u32>, Fault> {
        let mut held = day;
        held.value.rematch_at = Some(self.now().plus_seconds(HOLD_S));
        if !self.put_day(Commit::new(self.new_uuid()), &held).await? {
            return Ok(None);
        }
        held.version += 1;
        let day = held.value.clone();
        let channel = self.existing_channel(&day.channel).await?;
        let owner = self.existing_store(&day.contract.owner_id).await?;
        let mut unit = Commit::new(self.new_uuid());
        if self.enrolment(&owner).await?.is_none() {
            held.value.rematch_at = None;
            self.put_day(unit, &held).await?;
            return Ok(Some(0));
        }
        let mut books = self.books_of(&owner, &channel).await?;
        let (mut totals, mut changed, mut after) = (Totals::default(), 0, 0);
        loop {
            let batch = (&day.contract.owner_id, day.batch_id.as_str());
            let page = self.lines_after(batch, after).await?;
            let Some(last) = page.last() else { break };
            let first = after + 1;
            after = last.value.number;
            let lines = page
                .iter()
                .map(|found| (found.value.file_line, found.value.line.clone()))
                .collect();
            let again = self
                .compare_lines(&mut books, (&day.batch_id, first), lines)
                .await?;
            changed += self.put_lines(page, again, &mut totals).await?;
        }
        held.value.unmatched = totals.unmatched();
        held.value.rematch_at = next_rematch(day.imported_at, self.now(), totals.unmatched());
        let of_batch = vec![
            Condition::Is("owner_id", day.contract.owner_id.as_str().into()),
            Condition::Is("batch_id", day.batch_id.as_str().into()),
        ];
        unit.writes
            .push(Write::DeleteWhere(&tables::SETTLEMENT_TOTALS, of_batch));
        for total in totals.records((&day.contract, &day.batch_id, day.settled_on)) {
            unit.insert(&total)?;
        }
        let is_done = self.put_day(unit, &held).await?;
        Ok(is_done.then_some(changed))
    }

    /// Writes the lines that came out otherwise; gives how many.
    async fn put_lines(
        &self,
        before: Vec<Versioned<SettlementLineRecord>>,
        again: Vec<SettlementLineRecord>,
        totals: &mut Totals,
    ) -> Result<u32, Fault> {
        let mut unit = Commit::new(self.new_uuid());
        let mut changed = 0;
        for (old, new) in before.into_iter().zip(again) {
            totals.add(&new);
            if old.value != new {
                changed += 1;
                unit.update(&Versioned {
                    version: old.version,
                    value: new,
                })?;
            }
        }
        match self.commit(unit).await {
            // The batch was replaced and swept meanwhile.
            Err(CommitError::Conflict(_)) => Ok(0),
            done => {
                done?;
                Ok(changed)
            }
        }
    }

    /// Whether the day was as it had been read.
    async fn put_day(
        &self,
        mut unit: Commit,
        day: &Versioned<SettlementDayRecord>,
    ) -> Result<bool, Fault> {
        unit.update(day)?;
        match self.commit(unit).await {
            Err(CommitError::Conflict(_)) => Ok(false),
            done => {
                done?;
                Ok(true)
            }
        }
    }
}
