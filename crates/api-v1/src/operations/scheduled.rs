//! Schedules that operations find and show.

use naru_domain::PaymentId;
use naru_domain::schedule::{Schedule, ScheduleState};
use naru_engine::Fault;
use naru_engine::list::{ListFilter, Sort, SortOrder};
use naru_engine::payments::ChargeKey;

use crate::call::Call;
use crate::check::page::{page, schedule_window};
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;
use crate::view::schedule::{ScheduleStatus, WireSchedule, begun};
use crate::view::{self};

/// One, with the payment that it began.
pub(super) async fn shown(call: &Call, schedule: &Schedule) -> Result<WireSchedule, Refused> {
    let payment = match begun(schedule) {
        None => None,
        Some(_) => Some(
            call.engine
                .payment(call.store_id(), &schedule.payment_id)
                .await?
                .payment,
        ),
    };
    Ok(view::schedule::schedule(schedule, payment.as_ref()))
}

/// Several, in their order.
pub(super) async fn all_shown(
    call: &Call,
    schedules: &[Schedule],
) -> Result<Vec<WireSchedule>, Refused> {
    let mut all = Vec::with_capacity(schedules.len());
    for schedule in schedules {
        all.push(shown(call, schedule).await?);
    }
    Ok(all)
}

/// The newest schedule of the `merchant_uid` in the path.
pub(super) async fn newest(call: &Call) -> Result<Schedule, Refused> {
    let none = || Refused::NotFound(messages::NO_SCHEDULE.to_owned());
    let merchant_uid = call.path_text(0);
    if merchant_uid.is_empty() {
        return Err(none());
    }
    let id = PaymentId::new(merchant_uid);
    let found = call.engine.schedules_of_payment(call.store_id(), &id);
    found.await?.into_iter().next().ok_or_else(none)
}

/// One that came to nothing: it failed, or was revoked. Others can't be tried again.
pub(super) async fn failed(call: &Call) -> Result<Schedule, Refused> {
    let schedule = newest(call).await?;
    match schedule.state {
        ScheduleState::Failed { .. } | ScheduleState::Revoked { .. } => Ok(schedule),
        ScheduleState::Scheduled => Err(bad(messages::NOT_YET_EXECUTED)),
        ScheduleState::Started { .. } | ScheduleState::Pending { .. } => {
            Err(bad(messages::EXECUTING))
        }
        ScheduleState::Succeeded { .. } => Err(bad(messages::ALREADY_EXECUTED)),
    }
}

pub(super) fn bad(message: &str) -> Refused {
    Refused::Bad(message.to_owned())
}

/// How the schedule's key is charged.
pub(super) fn charge(schedule: &Schedule) -> ChargeKey {
    ChargeKey {
        billing_key: schedule.billing_key.clone(),
        channel: schedule.wanted_channel.clone(),
        installment_months: schedule.installment_months,
        is_interest_free: schedule.is_interest_free,
        use_card_point: schedule.use_card_point,
    }
}

/// What a schedule that is tried again is refused for.
pub(super) fn refused(fault: Fault) -> Refused {
    match fault {
        Fault::BillingKeyNotFound
        | Fault::BillingKeyNotIssued
        | Fault::BillingKeyAlreadyDeleted => Refused::NotFound(messages::NO_CUSTOMER.to_owned()),
        Fault::PaymentScheduleAlreadyRevoked => bad(messages::ALREADY_REVOKED),
        Fault::PaymentScheduleAlreadyProcessed => bad(messages::EXECUTED),
        Fault::AlreadyPaid | Fault::AlreadyPaidOrWaiting => bad(messages::ALREADY_EXECUTED),
        Fault::PaymentScheduleAlreadyExists => bad(messages::NOT_YET_EXECUTED),
        other => other.into(),
    }
}

/// A page of those due in a window: of the whole store, or of one customer.
pub(super) async fn paged(call: &Call, customer_uid: Option<&str>) -> Result<Reply, Refused> {
    let input = &call.input;
    let (from, until) = schedule_window(input)?;
    let status = match input.said(&["schedule_status", "schedule-status"]) {
        None => None,
        Some(text) => Some(ScheduleStatus::parse(&text).ok_or_else(|| bad(messages::BAD_STATUS))?),
    };
    let page = page(input)?;
    let is_oldest_first = input.said(&["sorting"]).as_deref() == Some("scheduled");
    let mut columns = Vec::new();
    if let Some(status) = status {
        let names = status.of_v2().iter().map(|name| (*name).into());
        columns.push(("status", names.collect()));
    }
    if let Some(customer_uid) = customer_uid {
        columns.push(("billing_key", vec![customer_uid.into()]));
    }
    let filter = ListFilter {
        stores: vec![call.store_id().clone()],
        time: "time_to_pay",
        from,
        until,
        columns,
        ranges: Vec::new(),
        search: Vec::new(),
        sort: Sort {
            by: "time_to_pay",
            order: if is_oldest_first {
                SortOrder::Ascending
            } else {
                SortOrder::Descending
            },
        },
    };
    let found = call.engine.schedules(&filter, page).await?;
    let list = all_shown(call, &found.items).await?;
    let paged = view::paged(list, found.total_count, page);
    let paged = paged.ok_or_else(|| Refused::Status(400, messages::NO_PAGE.to_owned()))?;
    Reply::of(&paged)
}
