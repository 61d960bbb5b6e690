//! `GET /banks`

use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle() -> Result<Reply, Failed> {
    Ok(Reply::of(&view::banks())?)
}
