//! Lines compared: what is written of each, and the sums over those that are alike.

use std::collections::HashMap;

use futures_util::future::try_join_all;
use jiff::tz::TimeZone;
use naru_domain::settlement::{
    LineFigures, LineKind, MatchStatus, SettlementLine, Taxation, compare, figures,
};
use naru_domain::{CancellationId, Day, PaymentId, StoreId};

use super::find::FoundPayment;
use super::zone_of;
use crate::records::{
    SettledContract, SettlementLineRecord, SettlementTotalRecord, StoreRecord, TotalKey,
};
use crate::{Engine, Fault};

/// Lookups under way at once: not all, or they would take every connection of a database.
const AT_ONCE: usize = 8;

/// What lines of one contract are compared with.
pub(super) struct Books {
    pub(super) contract: SettledContract,
    pub(super) taxation: Taxation,
    pub(super) collected_from: Day,
    /// The channel's store and its sub-stores.
    pub(super) stores: Vec<StoreId>,
    pub(super) zone: TimeZone,
    /// Cancellations that a line was tied to, by payment.
    tied: HashMap<(StoreId, PaymentId), Vec<CancellationId>>,
}

impl Books {
    pub(super) fn new(
        owner: &StoreRecord,
        contract: SettledContract,
        (taxation, collected_from): (Taxation, Day),
        stores: Vec<StoreId>,
    ) -> Self {
        Self {
            contract,
            taxation,
            collected_from,
            stores,
            zone: zone_of(owner),
            tied: HashMap::new(),
        }
    }

    /// Compares a line with the payment it is about.
    fn record(
        &mut self,
        (batch_id, number): (&str, i64),
        (file_line, line): (i64, SettlementLine),
        found: Option<&FoundPayment>,
    ) -> SettlementLineRecord {
        // What another contract of the merchant took has no place in this one's settlement.
        let ours = found.filter(|found| found.is_of(&self.contract));
        let ours = ours.and_then(|found| {
            let key = (found.payment.store_id.clone(), found.payment.id.clone());
            let tied = self.tied.entry(key).or_default();
            let side = found.side(&line, tied);
            if line.kind == LineKind::Cancellation {
                tied.extend(side.as_ref().and_then(|side| side.cancellation));
            }
            side
        });
        let verdict = compare(&line, ours.as_ref(), Some(self.collected_from));
        let transacted_on = line
            .transacted_at
            .map_or(line.transacted_on, |at| Day::of(at, &self.zone));
        let store_id = found.map_or_else(
            || self.contract.owner_id.clone(),
            |found| found.payment.store_id.clone(),
        );
        SettlementLineRecord {
            contract: self.contract.clone(),
            batch_id: batch_id.to_owned(),
            number,
            file_line,
            store_id,
            transacted_on,
            figures: figures(&line, self.taxation, ours.as_ref()),
            status: verdict.status,
            reasons: verdict.reasons,
            action: verdict.action,
            difference: verdict.difference,
            payment_id: found.map(|found| found.payment.id.clone()),
            attempt: found.map(|found| found.attempt),
            cancellation: ours.and_then(|ours| ours.cancellation),
            line,
        }
    }
}

/// Sums over the lines of a batch.
#[derive(Default)]
pub(super) struct Totals(HashMap<TotalKey, (i64, LineFigures, i64)>);

impl Totals {
    pub(super) fn add(&mut self, record: &SettlementLineRecord) {
        let key = TotalKey {
            store_id: record.store_id.clone(),
            transacted_on: record.transacted_on,
            status: record.status,
            action: record.action,
            method: record.line.method,
            currency: record.line.currency.clone(),
        };
        let (count, sum, difference) = self.0.entry(key).or_default();
        let one = &record.figures;
        *count = count.saturating_add(1);
        sum.total = sum.total.saturating_add(one.total);
        sum.supply = sum.supply.saturating_add(one.supply);
        sum.vat = sum.vat.saturating_add(one.vat);
        sum.tax_free = sum.tax_free.saturating_add(one.tax_free);
        sum.amount = sum.amount.saturating_add(one.amount);
        sum.fee = sum.fee.saturating_add(one.fee);
        sum.fee_vat = sum.fee_vat.saturating_add(one.fee_vat);
        *difference = difference.saturating_add(record.difference.saturating_abs());
    }

    /// How many lines need a look.
    pub(super) fn unmatched(&self) -> u32 {
        let open = self.0.iter().filter(|(key, _)| match key.status {
            MatchStatus::NotMatched | MatchStatus::Incomparable => true,
            MatchStatus::Matched | MatchStatus::NotCollected => false,
        });
        let count: i64 = open.map(|(_, (count, ..))| count).sum();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    pub(super) fn records(
        self,
        (contract, batch_id, settled_on): (&SettledContract, &str, Day),
    ) -> Vec<SettlementTotalRecord> {
        (1..)
            .zip(self.0)
            .map(
                |(number, (of, (count, figures, difference)))| SettlementTotalRecord {
                    contract: contract.clone(),
                    batch_id: batch_id.to_owned(),
                    number,
                    settled_on,
                    of,
                    count,
                    figures,
                    difference,
                },
            )
            .collect()
    }
}

impl Engine {
    /// Compares lines, numbered on from `first`.
    pub(super) async fn compare_lines(
        &self,
        books: &mut Books,
        (batch_id, first): (&str, i64),
        lines: Vec<(i64, SettlementLine)>,
    ) -> Result<Vec<SettlementLineRecord>, Fault> {
        let mut records = Vec::with_capacity(lines.len());
        let mut number = first;
        let mut left = lines.into_iter().peekable();
        while left.peek().is_some() {
            let some: Vec<_> = left.by_ref().take(AT_ONCE).collect();
            let lookups = some
                .iter()
                .map(|(_, line)| self.payment_of_line(&books.stores, line));
            let found = try_join_all(lookups).await?;
            for (line, found) in some.into_iter().zip(found) {
                records.push(books.record((batch_id, number), line, found.as_ref()));
                number += 1;
            }
        }
        Ok(records)
    }
}
