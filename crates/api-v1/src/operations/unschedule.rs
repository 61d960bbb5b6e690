//! `POST /subscribe/payments/unschedule`: those named, or all that wait on the customer's key.

use naru_domain::schedule::{Schedule, ScheduleState};
use naru_domain::{BillingKeyId, PaymentId, ScheduleId};
use naru_engine::Fault;
use naru_engine::schedules::RevokeSchedules;

use super::scheduled;
use crate::call::Call;
use crate::envelope::Reply;
use crate::limits::IDS_MAX;
use crate::messages;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let customer_uid = call.input.said(&["customer_uid"]);
    let merchant_uids = call.input.list("merchant_uid");
    let mut revoked: Vec<Schedule> = Vec::new();
    // One that starts meanwhile is left out of the next look; a unit holds so many at most.
    loop {
        let waiting = if merchant_uids.is_empty() {
            let customer_uid = customer_uid.as_deref();
            let customer_uid = customer_uid.ok_or_else(|| Refused::missing("customer_uid"))?;
            let key = BillingKeyId::new(customer_uid);
            let found = call.engine.waiting_schedules(call.store_id(), &key);
            found.await?
        } else {
            named(&call, &merchant_uids, customer_uid.as_deref()).await?
        };
        if waiting.is_empty() {
            break;
        }
        let ids: Vec<ScheduleId> = waiting.iter().map(|one| one.id.clone()).collect();
        let request = RevokeSchedules {
            billing_key: None,
            ids: ids.clone(),
        };
        let (engine, context) = (call.engine.clone(), call.context());
        let work = Box::pin(async move { engine.revoke_schedules(context, request).await });
        match call.engine.detached(work).await {
            Ok(_) => {}
            Err(Fault::PaymentScheduleAlreadyProcessed | Fault::PaymentScheduleAlreadyRevoked) => {
                continue;
            }
            Err(fault) => return Err(fault.into()),
        }
        for id in &ids {
            revoked.push(call.engine.schedule(call.store_id(), id).await?);
        }
    }
    if revoked.is_empty() {
        return Err(Refused::rule(messages::NOTHING_TO_UNSCHEDULE));
    }
    Reply::of(&scheduled::all_shown(&call, &revoked).await?)
}

/// Those of the payments named that wait.
async fn named(
    call: &Call,
    merchant_uids: &[String],
    customer_uid: Option<&str>,
) -> Result<Vec<Schedule>, Refused> {
    if merchant_uids.len() > IDS_MAX {
        return Err(Refused::malformed(
            "merchant_uid",
            &format!("{IDS_MAX}개 이내"),
        ));
    }
    let mut found = Vec::new();
    for merchant_uid in merchant_uids {
        let id = PaymentId::new(merchant_uid.as_str());
        let all = call.engine.schedules_of_payment(call.store_id(), &id);
        found.extend(all.await?.into_iter().find(|one| {
            let is_of = customer_uid.is_none_or(|uid| one.billing_key.as_str() == uid);
            is_of && one.state == ScheduleState::Scheduled
        }));
    }
    found.dedup_by(|one, other| one.id == other.id);
    Ok(found)
}
