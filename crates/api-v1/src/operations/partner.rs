//! `POST /partners/receipts/{imp_uid}`: what was sold at which of the stores behind a payment.

use naru_domain::Currency;
use naru_engine::{Answer, Fault, StoreSaleAsked};
use serde_json::json;

use super::lookup;
use crate::call::Call;
use crate::envelope::Reply;
use crate::extract::Input;
use crate::limits::PARTNER_SALES_MAX;
use crate::messages;
use crate::refused::{Refused, pg_words};

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let payment = lookup::in_path(&call).await?;
    let items = call.input.objects("data");
    if items.is_empty() {
        return Err(Refused::missing("data"));
    }
    if items.len() > PARTNER_SALES_MAX {
        let expected = format!("{PARTNER_SALES_MAX}건 이내");
        return Err(Refused::malformed("data", &expected));
    }
    let sales = items.iter().map(sale).collect::<Result<Vec<_>, _>>()?;
    let (engine, context) = (call.engine.clone(), call.context());
    let work = Box::pin(async move {
        engine
            .register_store_sales(context, payment.id, sales)
            .await
    });
    match call.engine.detached(work).await.map_err(refused)? {
        Answer::StoreSalesRegistered { receipt_url } => {
            Reply::of(&json!({ "receipt_url": receipt_url }))
        }
        _ => Err(Refused::internal("another answer than that of sales")),
    }
}

fn sale(item: &Input) -> Result<StoreSaleAsked, Refused> {
    let currency = Currency::krw();
    let total = item.amount("amount", &currency)?;
    let total = total.filter(|total| *total > 0);
    let total = total.ok_or_else(|| Refused::missing("amount"))?;
    let tax_free = item.amount("tax_free", &currency)?.unwrap_or(0);
    let taxed = total - tax_free;
    // An eleventh of the taxed part, as everywhere on this face.
    let vat = item.amount("vat_amount", &currency)?;
    let vat = vat.unwrap_or_else(|| naru_domain::vat_of(taxed.max(0)));
    if tax_free + vat > total {
        return Err(Refused::malformed("tax_free", "amount를 넘지 않는 금액"));
    }
    Ok(StoreSaleAsked {
        business_number: item.required("business_registration_number")?,
        name: item.required("company_name")?,
        total,
        tax_free: Some(tax_free),
        vat: Some(vat),
        supply: Some(total - tax_free - vat),
        currency,
    })
}

fn refused(fault: Fault) -> Refused {
    match fault {
        Fault::PgProvider { ref pg_code, .. } if pg_code == Fault::UNSUPPORTED => {
            Refused::Status(501, messages::UNSUPPORTED_PG.to_owned())
        }
        fault @ Fault::PgProvider { .. } => Refused::Status(400, pg_words(&fault)),
        Fault::PaymentNotPaid => Refused::Bad(messages::NOT_PAID.to_owned()),
        other => other.into(),
    }
}
