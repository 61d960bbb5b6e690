//! Importing a settlement file: its lines are written day by day as batches that do not count
//! yet; one last commit lets all of them count. A crash before it leaves nothing but rows that
//! are swept.

use std::collections::{BTreeMap, HashMap};

use naru_domain::settlement::SettlementLine;
use naru_domain::{ChannelKey, Day, StoreId, Timestamp, reported_pg};
use naru_store::{Commit, CommitError, Condition, Query, Versioned, tables};
use sha2::{Digest, Sha256};

use super::lines::{Books, Totals};
use crate::records::{
    BatchState, ChannelRecord, SettledContract, SettlementBatchRecord, SettlementDayRecord,
    SettlementLineRecord, SettlementTotalRecord, StoreRecord,
};
use crate::{Engine, Fault};

/// Lines of one commit: payments wait no longer than that behind an import.
pub(super) const CHUNK: usize = 200;
/// Days of one file.
const DAYS_MAX: usize = 62;
/// How long after an import its lines are compared again, in days.
const REMATCH_DAYS: i64 = 14;
/// A part's longest name.
const PART_MAX: usize = 40;

/// A file to import, read already.
#[derive(Debug, Clone)]
pub struct SettlementImport {
    /// The channel whose settlement it is.
    pub channel: ChannelKey,
    /// Which part of its days it holds, where a PG splits a day over several files; else empty.
    pub part: String,
    /// Whether lines of an earlier import may vanish.
    pub may_remove: bool,
    /// Whether only to say what it would change.
    pub is_trial: bool,
    /// What the file is called.
    pub file_name: String,
    /// Its lines, with their numbers.
    pub lines: Vec<(usize, SettlementLine)>,
}

/// Told how many lines are done, and of how many.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Send + Sync);

/// What became of one day of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayOutcome {
    /// It was not there before.
    New,
    /// It was there, the same.
    Unchanged,
    /// It takes the place of what was there.
    Replaced,
}

/// One day of an imported file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedDay {
    /// Which day.
    pub settled_on: Day,
    /// What became of it.
    pub outcome: DayOutcome,
    /// How many lines it has.
    pub lines: u32,
    /// How many of them are new or changed.
    pub changed: u32,
    /// How many lines that were there are gone.
    pub removed: u32,
    /// How many lines need a look.
    pub unmatched: u32,
}

/// What an import came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Whose settlement.
    pub contract: SettledContract,
    /// Day by day.
    pub days: Vec<ImportedDay>,
}

/// A day of the file beside what is there of it.
struct Planned {
    settled_on: Day,
    lines: Vec<(i64, SettlementLine)>,
    digest: String,
    before: Option<Versioned<SettlementDayRecord>>,
    changed: u32,
    removed: u32,
}

impl Planned {
    fn is_unchanged(&self) -> bool {
        self.before
            .as_ref()
            .is_some_and(|before| before.value.digest == self.digest)
    }
}

/// A day whose lines are written.
struct Written {
    record: SettlementDayRecord,
    totals: Vec<SettlementTotalRecord>,
}

impl Engine {
    /// Imports a file: whole, or not at all.
    pub async fn import_settlement(
        &self,
        import: SettlementImport,
        progress: Progress<'_>,
    ) -> Result<Imported, Fault> {
        check(&import)?;
        let channel = self.existing_channel(&import.channel).await?;
        let owner = self.existing_store(&channel.store_id).await?;
        let mut books = self.books_of(&owner, &channel).await?;
        let plan = self.plan_import(&books.contract, &import).await?;
        let removed: u32 = plan.iter().map(|day| day.removed).sum();
        if removed > 0 && !import.may_remove {
            return Err(Fault::invalid(format!(
                "an earlier import of these days has {removed} lines that this file lacks; if this \
                 file corrects it, import with `--replace`, and if it is another part of the same \
                 days, name the part with `--part`"
            )));
        }
        let all = plan.iter().map(|day| day.lines.len()).sum();
        let (mut done, mut days, mut written) = (0, Vec::new(), Vec::new());
        for day in plan {
            let summary = ImportedDay {
                settled_on: day.settled_on,
                outcome: outcome_of(&day),
                lines: count(day.lines.len()),
                changed: day.changed,
                removed: day.removed,
                unmatched: day.before.as_ref().map_or(0, |day| day.value.unmatched),
            };
            let lines = day.lines.len();
            if day.is_unchanged() {
                days.push(summary);
                done += lines;
                progress(done, all);
                continue;
            }
            let report = |lines| progress(done + lines, all);
            let one = self.write_day(&mut books, day, (&import, &report)).await?;
            done += lines;
            days.push(ImportedDay {
                unmatched: one.0.record.unmatched,
                ..summary
            });
            written.push(one);
        }
        if !import.is_trial {
            self.let_count(written).await?;
        }
        Ok(Imported {
            contract: books.contract,
            days,
        })
    }

    /// What a channel's settlements are compared with.
    pub(super) async fn books_of(
        &self,
        owner: &StoreRecord,
        channel: &ChannelRecord,
    ) -> Result<Books, Fault> {
        let enrolment = self.enrolment(owner).await?.ok_or_else(|| {
            Fault::invalid(format!(
                "settlements of the store `{0}` are not collected; begin with \
                 `naru settlements enrol --store {0}`",
                owner.id
            ))
        })?;
        let contract = SettledContract {
            owner_id: owner.id.clone(),
            pg: reported_pg(&channel.pg_provider).to_owned(),
            pg_merchant_id: channel.pg_merchant_id.clone(),
        };
        let stores = self.with_sub_stores(&owner.id).await?;
        let rules = (channel.taxation, enrolment.collected_from);
        Ok(Books::new(owner, contract, rules, stores))
    }

    /// A store and its sub-stores.
    pub(crate) async fn with_sub_stores(&self, store: &StoreId) -> Result<Vec<StoreId>, Fault> {
        let query = Query::of(&tables::STORES, 1_000)
            .and(Condition::Is("parent_id", store.as_str().into()));
        let children = self.store().list::<StoreRecord>(query).await?;
        let mut stores = vec![store.clone()];
        stores.extend(children.into_iter().map(|child| child.value.id));
        Ok(stores)
    }

    async fn plan_import(
        &self,
        contract: &SettledContract,
        import: &SettlementImport,
    ) -> Result<Vec<Planned>, Fault> {
        let mut days: BTreeMap<Day, Vec<(i64, SettlementLine)>> = BTreeMap::new();
        for (number, line) in &import.lines {
            let number = i64::try_from(*number).unwrap_or(i64::MAX);
            let day = days.entry(line.settled_on).or_default();
            day.push((number, line.clone()));
        }
        if days.len() > DAYS_MAX {
            return Err(Fault::invalid(format!(
                "the file is about {} days of settlement; import at most {DAYS_MAX} at a time",
                days.len()
            )));
        }
        let mut plan = Vec::with_capacity(days.len());
        for (settled_on, lines) in days {
            let digest = digest_of(&lines)?;
            let key = vec![
                contract.owner_id.as_str().into(),
                contract.pg.as_str().into(),
                contract.pg_merchant_id.as_str().into(),
                settled_on.to_string().into(),
                import.part.as_str().into(),
            ];
            let before = self.store().load::<SettlementDayRecord>(key).await?;
            let mut day = Planned {
                settled_on,
                lines,
                digest,
                before,
                changed: 0,
                removed: 0,
            };
            if !day.is_unchanged() {
                self.count_changes(contract, &mut day).await?;
            }
            plan.push(day);
        }
        Ok(plan)
    }

    /// Which lines of a day are new or changed, and which are gone.
    async fn count_changes(
        &self,
        contract: &SettledContract,
        day: &mut Planned,
    ) -> Result<(), Fault> {
        // Of lines alike in identity, each of the old stands for one of the new.
        let mut old: HashMap<String, Vec<SettlementLine>> = HashMap::new();
        if let Some(before) = &day.before {
            let mut after = 0;
            loop {
                let batch = (&contract.owner_id, before.value.batch_id.as_str());
                let page = self.lines_after(batch, after).await?;
                let Some(last) = page.last() else { break };
                after = last.value.number;
                for found in page {
                    let line = found.value.line;
                    old.entry(line.identity()).or_default().push(line);
                }
            }
        }
        for (_, line) in &day.lines {
            let same = old.get_mut(&line.identity());
            let known = same.and_then(|same| {
                let at = same.iter().position(|one| one == line).unwrap_or(0);
                (at < same.len()).then(|| same.swap_remove(at))
            });
            if known.as_ref() != Some(line) {
                day.changed += 1;
            }
        }
        day.removed = count(old.values().map(Vec::len).sum());
        Ok(())
    }

    /// A batch's lines after a number, a chunk of them.
    pub(super) async fn lines_after(
        &self,
        (owner, batch_id): (&StoreId, &str),
        number: i64,
    ) -> Result<Vec<Versioned<SettlementLineRecord>>, Fault> {
        let query = Query::of(&tables::SETTLEMENT_LINES, count(CHUNK))
            .and(Condition::Is("owner_id", owner.as_str().into()))
            .and(Condition::Is("batch_id", batch_id.into()))
            .and(Condition::Above("number", number.into()));
        Ok(self.store().list(query).await?)
    }

    /// Compares a day's lines and writes them as a batch that does not count yet.
    async fn write_day(
        &self,
        books: &mut Books,
        day: Planned,
        (import, progress): (&SettlementImport, &(dyn Fn(usize) + Send + Sync)),
    ) -> Result<(Written, Option<Versioned<SettlementDayRecord>>), Fault> {
        let batch_id = self.new_uuid().to_string();
        let owner_id = books.contract.owner_id.clone();
        if !import.is_trial {
            let batch = self.batch_record(&owner_id, &batch_id, BatchState::Writing);
            let mut unit = Commit::new(self.new_uuid());
            unit.insert(&batch)?;
            self.commit(unit).await?;
        }
        let lines = count(day.lines.len());
        let mut totals = Totals::default();
        let mut number = 1;
        let mut left = day.lines.into_iter().peekable();
        while left.peek().is_some() {
            let some: Vec<_> = left.by_ref().take(CHUNK).collect();
            let records = self.compare_lines(books, (&batch_id, number), some).await?;
            number += i64::try_from(records.len()).unwrap_or(0);
            let mut unit = Commit::new(self.new_uuid());
            for record in &records {
                totals.add(record);
                unit.insert(record)?;
            }
            if !import.is_trial {
                self.commit(unit).await?;
            }
            progress(usize::try_from(number - 1).unwrap_or(0));
        }
        let now = self.now();
        let record = SettlementDayRecord {
            contract: books.contract.clone(),
            channel: import.channel.clone(),
            settled_on: day.settled_on,
            part: import.part.clone(),
            digest: day.digest,
            lines,
            unmatched: totals.unmatched(),
            file_name: import.file_name.clone(),
            imported_at: now,
            rematch_at: next_rematch(now, now, totals.unmatched()),
            batch_id: batch_id.clone(),
        };
        let totals = totals.records((&books.contract, &batch_id, day.settled_on));
        Ok((Written { record, totals }, day.before))
    }

    pub(super) fn batch_record(
        &self,
        owner_id: &StoreId,
        batch_id: &str,
        state: BatchState,
    ) -> SettlementBatchRecord {
        SettlementBatchRecord {
            owner_id: owner_id.clone(),
            batch_id: batch_id.to_owned(),
            state,
            at: self.clock().process(),
        }
    }

    /// The commit from which on the written days count, and those they replace do not.
    async fn let_count(
        &self,
        written: Vec<(Written, Option<Versioned<SettlementDayRecord>>)>,
    ) -> Result<(), Fault> {
        let mut unit = Commit::new(self.new_uuid());
        for (day, before) in written {
            let owner_id = &day.record.contract.owner_id;
            unit.upsert(&self.batch_record(owner_id, &day.record.batch_id, BatchState::Current))?;
            for total in &day.totals {
                unit.insert(total)?;
            }
            let replaced = before.as_ref().map(|before| before.value.batch_id.as_str());
            let settled = (&day.record, day.totals.as_slice());
            self.post_settlement(&mut unit, settled, replaced).await?;
            match before {
                None => unit.insert(&day.record)?,
                Some(before) => {
                    let old = &before.value.batch_id;
                    unit.upsert(&self.batch_record(owner_id, old, BatchState::Replaced))?;
                    unit.update(&Versioned {
                        version: before.version,
                        value: day.record,
                    })?;
                }
            }
        }
        match self.commit(unit).await {
            Err(CommitError::Conflict(_)) => Err(Fault::invalid(
                "somebody else imported the same days at the same time; nothing was changed, \
                 import again",
            )),
            done => Ok(done?),
        }
    }
}

/// When lines are compared again: a day later, while some need a look and the time is not over.
pub(super) fn next_rematch(
    imported_at: Timestamp,
    now: Timestamp,
    unmatched: u32,
) -> Option<Timestamp> {
    let next = now.plus_seconds(86_400);
    (unmatched > 0 && next <= imported_at.plus_seconds(REMATCH_DAYS * 86_400)).then_some(next)
}

pub(super) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn check(import: &SettlementImport) -> Result<(), Fault> {
    let is_name = |text: &str| {
        text.chars()
            .all(|one| one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '.'))
    };
    if import.part.len() > PART_MAX || !is_name(&import.part) {
        return Err(Fault::invalid(format!(
            "`part` has at most {PART_MAX} letters, digits, `-`, `_` and `.`"
        )));
    }
    let mut ids = import.lines.iter().flat_map(|(number, line)| {
        let ids = [Some(&line.pg_tx_id), line.order_id.as_ref()];
        let ids = ids.into_iter().flatten();
        ids.map(move |id| (number, id))
    });
    // Readers refuse control characters; no database takes a NUL.
    match ids.find(|(_, id)| id.contains('\0')) {
        Some((number, _)) => Err(Fault::invalid(format!("line {number} has a NUL character"))),
        None => Ok(()),
    }
}

fn outcome_of(day: &Planned) -> DayOutcome {
    match (&day.before, day.is_unchanged()) {
        (None, _) => DayOutcome::New,
        (Some(_), true) => DayOutcome::Unchanged,
        (Some(_), false) => DayOutcome::Replaced,
    }
}

/// Of the lines, not of where in the file they stand.
fn digest_of(lines: &[(i64, SettlementLine)]) -> Result<String, Fault> {
    let mut hash = Sha256::new();
    for (_, line) in lines {
        let text = serde_json::to_vec(line).map_err(|error| Fault::internal(error.to_string()))?;
        hash.update(text);
        hash.update(b"\n");
    }
    Ok(crate::auth::hex(&hash.finalize()))
}
