//! `GET /cards/{card_standard_code}`.

use crate::call::Call;
use crate::codes::card;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let found = card::by_code(call.path_text(0));
    let code = found.ok_or_else(|| Refused::NotFound(messages::NO_CODE.to_owned()))?;
    Reply::of(&code)
}
