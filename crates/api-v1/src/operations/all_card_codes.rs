//! `GET /cards`.

use crate::call::Call;
use crate::codes::card;
use crate::envelope::Reply;
use crate::refused::Refused;

pub(crate) async fn handle(_call: Call) -> Result<Reply, Refused> {
    Reply::of(&card::all())
}
