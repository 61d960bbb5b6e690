//! `GET /escrows/logis/{imp_uid}`.

use super::logis;
use crate::call::Call;
use crate::envelope::Reply;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    logis::shown(&call).await
}
