//! `POST /b2b/companies/business-info`

use naru_engine::Fault;
use naru_wire_v2::{B2bBusinessInfoResult, GetB2bBusinessInfosBody, GetB2bBusinessInfosResponse};

use crate::check::b2b as check;
use crate::extract::B2bCall;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view::b2b as view;

/// Companies of one call.
const COMPANIES_MAX: usize = 100;

pub(crate) async fn handle(call: B2bCall<GetB2bBusinessInfosBody>) -> Result<Reply, Failed> {
    let list = &call.call.input.brn_list;
    if list.is_empty() || list.len() > COMPANIES_MAX {
        let message = format!("`brnList`: expected 1 to {COMPANIES_MAX} numbers");
        return Err(Fault::invalid(message).into());
    }
    let mut result = Vec::new();
    for text in list {
        let (info, verification_id, error) = match check::brn("brnList", text) {
            Err(fault) => (None, None, Some(fault.to_string())),
            Ok(brn) => {
                let found = call
                    .engine()
                    .business_info(call.store(), call.is_test(), &brn)
                    .await?;
                match found {
                    Ok((info, id)) => (Some(view::business_info(text, &info)), Some(id), None),
                    Err(fault) => (None, None, Some(fault.to_string())),
                }
            }
        };
        result.push(B2bBusinessInfoResult {
            brn: text.clone(),
            business_info: info,
            error,
            verification_id,
        });
    }
    Ok(Reply::of(&GetB2bBusinessInfosResponse { result })?)
}
