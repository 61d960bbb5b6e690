//! `GET /subscribe/payments/schedule`.

use super::scheduled;
use crate::call::Call;
use crate::envelope::Reply;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    scheduled::paged(&call, None).await
}
