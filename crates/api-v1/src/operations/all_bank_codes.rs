//! `GET /banks`.

use crate::call::Call;
use crate::codes::bank;
use crate::envelope::Reply;
use crate::refused::Refused;

pub(crate) async fn handle(_call: Call) -> Result<Reply, Refused> {
    Reply::of(&bank::all())
}
