//! `POST /b2b/tax-invoices/issue-immediately`

use naru_wire_v2::IssueB2bTaxInvoiceImmediatelyBody;

use crate::check::b2b as check;
use crate::extract::B2bCall;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(
    call: B2bCall<IssueB2bTaxInvoiceImmediatelyBody>,
) -> Result<Reply, Failed> {
    call.change(|engine, context, body, flags| async move {
        let request = check::issue_immediately(body, flags.test.unwrap_or(false))?;
        Box::pin(engine.write_invoice(context, request)).await
    })
    .await
}
