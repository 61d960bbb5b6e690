//! `GET /subscribe/customers/{customer_uid}/schedules`, and the same under
//! `/subscribe/payments/schedule/customers/{customer_uid}`. A customer of nobody has none.

use super::scheduled;
use crate::call::Call;
use crate::envelope::Reply;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    scheduled::paged(&call, Some(call.path_text(0))).await
}
