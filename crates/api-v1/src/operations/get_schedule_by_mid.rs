//! `GET /subscribe/payments/schedule/{merchant_uid}`.

use super::scheduled;
use crate::call::Call;
use crate::envelope::Reply;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let schedule = scheduled::newest(&call).await?;
    Reply::of(&scheduled::shown(&call, &schedule).await?)
}
