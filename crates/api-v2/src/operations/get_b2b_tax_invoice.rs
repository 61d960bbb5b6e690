//! `GET /b2b/tax-invoices/{taxInvoiceKey}`

use crate::check::b2b as check;
use crate::extract::{B2bCall, Nothing};
use crate::faults::Failed;
use crate::render::Reply;
use crate::view::b2b as view;

pub(crate) async fn handle(call: B2bCall<Nothing>) -> Result<Reply, Failed> {
    let key = check::path_key(call.id(0), &call.flags)?;
    let invoice = call
        .engine()
        .tax_invoice(call.store(), call.is_test(), &key)
        .await?;
    Ok(Reply::of(&view::tax_invoice(
        &invoice,
        call.engine().clock().business(),
    )?)?)
}
