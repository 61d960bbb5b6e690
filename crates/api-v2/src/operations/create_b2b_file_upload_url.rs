//! `POST /b2b/file-upload-url`

use naru_engine::Fault;
use naru_wire_v2::{CreateB2bFileUploadUrlBody, CreateB2bFileUploadUrlPayload};

use crate::extract::B2bCall;
use crate::faults::Failed;
use crate::render::Reply;

/// Characters of a file's name.
const NAME_MAX: usize = 200;

pub(crate) async fn handle(call: B2bCall<CreateB2bFileUploadUrlBody>) -> Result<Reply, Failed> {
    let name = &call.call.input.file_name;
    let is_name = (1..=NAME_MAX).contains(&name.chars().count())
        && !name
            .chars()
            .any(|c| c.is_control() || c == '/' || c == '\\');
    if !is_name {
        let message = format!(
            "`fileName`: expected 1 to {NAME_MAX} characters without control characters and slashes"
        );
        return Err(Fault::invalid(message).into());
    }
    let (file_id, url) = call
        .engine()
        .create_upload(call.store(), call.is_test(), name.clone())
        .await?;
    Ok(Reply::of(&CreateB2bFileUploadUrlPayload { file_id, url })?)
}
