//! `GET /b2b-preview/tax-invoices/{documentKey}/popup-url`

use naru_engine::b2b::LinkKind;
use naru_wire_v2::GetB2bTaxInvoicePopupUrlResponse;

use crate::check::b2b as check;
use crate::extract::{B2bCall, Nothing};
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: B2bCall<Nothing>) -> Result<Reply, Failed> {
    let key = check::preview_path_key(call.id(0), &call.flags)?;
    let kind = LinkKind::Popup {
        has_menu: call.flags.include_menu.unwrap_or(true),
    };
    let url = call
        .engine()
        .invoice_address(call.store(), (call.is_test(), &key), kind)
        .await?;
    Ok(Reply::of(&GetB2bTaxInvoicePopupUrlResponse { url })?)
}
