//! What a VAT report is about: days, stores, pairs of PG and merchant id, statuses.

use naru_domain::Day;
use naru_domain::settlement::MatchStatus;
use naru_engine::reconcile::{Axis, ReportFilter};
use naru_engine::{Caller, Engine, Fault};
use naru_wire_v2::{DateRange, PaymentReconciliationStatus, ReconciliationPgSpecifier};

use super::bad;
use super::text::text;
use crate::limits::{FILTER_VALUES_MAX, ID_MAX, VAT_REPORT_DAYS_MAX};

/// The input of either report.
pub(crate) struct VatReportInput {
    pub(crate) axis: Axis,
    pub(crate) days: DateRange,
    pub(crate) store_ids: Option<Vec<String>>,
    pub(crate) pg_specifiers: Option<Vec<ReconciliationPgSpecifier>>,
    pub(crate) statuses: Vec<PaymentReconciliationStatus>,
}

/// The filter of a report, over stores that the caller may see and that are enrolled.
pub(crate) async fn vat_report(
    engine: &Engine,
    caller: &Caller,
    input: VatReportInput,
) -> Result<ReportFilter, Fault> {
    let from = day("dateRange.from", &input.days.from)?;
    let until = day("dateRange.until", &input.days.until)?;
    if until < from {
        return Err(bad("dateRange.until", "a day not before `from`"));
    }
    if from.days_until(until) >= VAT_REPORT_DAYS_MAX {
        return Err(bad(
            "dateRange",
            &format!("at most {VAT_REPORT_DAYS_MAX} days"),
        ));
    }
    let named = at_most("filter.storeIds", input.store_ids.unwrap_or_default())?;
    let pairs = at_most(
        "filter.pgSpecifiers",
        input.pg_specifiers.unwrap_or_default(),
    )?;
    let statuses = at_most("filter.reconciliationStatuses", input.statuses)?;
    let pgs = pairs
        .into_iter()
        .map(|pair| {
            let id = text(
                "filter.pgSpecifiers.pgMerchantId",
                pair.pg_merchant_id,
                ID_MAX,
            )?;
            Ok((pair.pg_provider.as_str().to_owned(), id))
        })
        .collect::<Result<_, Fault>>()?;
    let stores = if named.is_empty() {
        engine.enrolled(caller.store()).await?;
        engine.stores_of(caller).await?
    } else {
        let mut stores = Vec::with_capacity(named.len());
        for id in named {
            if id.contains('\0') {
                return Err(Fault::Forbidden);
            }
            let store = engine.store_for(caller, Some(&id)).await?;
            engine.enrolled(&store).await?;
            stores.push(store.id.clone());
        }
        stores
    };
    Ok(ReportFilter {
        stores,
        axis: input.axis,
        from,
        until,
        pgs,
        statuses: statuses.into_iter().map(status).collect(),
    })
}

fn at_most<T>(field: &str, values: Vec<T>) -> Result<Vec<T>, Fault> {
    if values.len() > FILTER_VALUES_MAX {
        return Err(bad(field, &format!("at most {FILTER_VALUES_MAX} values")));
    }
    Ok(values)
}

fn day(field: &str, text: &str) -> Result<Day, Fault> {
    text.parse()
        .map_err(|_| bad(field, "a day such as `2026-01-15`"))
}

const fn status(status: PaymentReconciliationStatus) -> MatchStatus {
    match status {
        PaymentReconciliationStatus::Matched => MatchStatus::Matched,
        PaymentReconciliationStatus::NotMatched => MatchStatus::NotMatched,
        PaymentReconciliationStatus::Incomparable => MatchStatus::Incomparable,
        PaymentReconciliationStatus::NotCollected => MatchStatus::NotCollected,
    }
}
