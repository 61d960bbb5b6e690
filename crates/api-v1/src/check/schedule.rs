//! What is to be paid when.

use naru_domain::payment::OrderDetails;
use naru_domain::{ChannelKey, Customer, PaymentId, Timestamp};
use naru_engine::payments::ChargeKey;
use naru_engine::schedules::SchedulePayment;

use super::{card, order};
use crate::extract::Input;
use crate::limits::SCHEDULES_MAX;
use crate::refused::Refused;

/// When a payment is due: in the future.
pub(crate) fn schedule_at(input: &Input, now: Timestamp) -> Result<Timestamp, Refused> {
    let at = input.seconds("schedule_at")?;
    let at = at.ok_or_else(|| Refused::missing("schedule_at"))?;
    if at <= now {
        return Err(Refused::malformed("schedule_at", "현재 이후의 시각"));
    }
    Ok(at)
}

/// One payment to be scheduled.
pub(crate) struct Wanted {
    pub(crate) payment_id: PaymentId,
    order: OrderDetails,
    at: Timestamp,
    months: u16,
    is_interest_free: bool,
    use_card_point: bool,
}

/// The payments of `schedules`, no two with the same id.
pub(crate) fn schedules(
    input: &Input,
    registered: Option<&Customer>,
    now: Timestamp,
) -> Result<Vec<Wanted>, Refused> {
    let items = input.objects("schedules");
    if items.is_empty() {
        return Err(Refused::missing("schedules"));
    }
    if items.len() > SCHEDULES_MAX {
        let expected = format!("{SCHEDULES_MAX}건 이내");
        return Err(Refused::malformed("schedules", &expected));
    }
    let mut all: Vec<Wanted> = Vec::with_capacity(items.len());
    for item in &items {
        let wanted = Wanted {
            payment_id: order::merchant_uid(item)?,
            order: order::order(item, registered)?,
            at: schedule_at(item, now)?,
            months: card::installment_months(item)?,
            is_interest_free: item.boolean("interest_free_by_merchant")?.unwrap_or(false),
            use_card_point: item.boolean("use_card_point")?.unwrap_or(false),
        };
        if all.iter().any(|one| one.payment_id == wanted.payment_id) {
            return Err(Refused::malformed("merchant_uid", "중복되지 않은 주문번호"));
        }
        all.push(wanted);
    }
    Ok(all)
}

impl Wanted {
    /// Who buys.
    pub(crate) const fn buyer(&self) -> &Customer {
        &self.order.customer
    }

    /// As the engine takes it.
    pub(crate) fn on(
        self,
        billing_key: naru_domain::BillingKeyId,
        channel: Option<ChannelKey>,
    ) -> SchedulePayment {
        SchedulePayment {
            payment_id: self.payment_id,
            order: self.order,
            charge: ChargeKey {
                billing_key,
                channel,
                installment_months: self.months,
                is_interest_free: self.is_interest_free,
                use_card_point: self.use_card_point,
            },
            time_to_pay: self.at,
        }
    }
}
