//! `GET /certifications/{imp_uid}`.

use super::certified;
use crate::call::Call;
use crate::envelope::Reply;
use crate::refused::Refused;
use crate::view::certification::certification;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    Reply::of(&certification(&certified::found(&call).await?)?)
}
