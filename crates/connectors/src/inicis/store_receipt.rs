//! Store receipts: sales of stores below the merchant, shown on the PG's slip of a payment.
//!
//! The contract documents the operation for this PG, but no public text has the PG's call: its
//! path, type and fields are our own (the envelope of version 2, `storeReceipt`, `items`). So it
//! goes to the simulator, or where the channel's option allows guesses. Like every call without an
//! inquiry, an unclear answer stays unclear.

use naru_connector::{Acted, BeginError, Outcome, RegisterStoreSales, StoreSaleAsked};

use super::exchange::OneShot;
use super::reply;
use super::rules;
use super::wire::{Context, Texts, V2};

/// Adding sales to the PG's receipt.
pub(super) fn register(
    asked: &RegisterStoreSales,
    context: &Context<'_>,
) -> Result<OneShot, BeginError> {
    rules::confirmed(true, "items", &context.contract)?;
    if asked.sales.is_empty() {
        return rules::invalid("items", "must not be empty");
    }
    let items = asked.sales.iter().map(item).collect::<Result<_, _>>()?;
    let request = context.v2(&V2 {
        path: "storeReceipt",
        kind: "storeReceipt",
        data: vec![("tid", asked.pg_tx_id.clone())],
        list: Some(("items", items)),
    });
    let at = context.at;
    let receipt_url = context.contract.merchant.receipt_url(&asked.pg_tx_id);
    Ok(OneShot::new(request, move |answer| {
        reply::acted(answer, |reply| {
            Outcome::Acted(Acted {
                at: reply
                    .fields()
                    .time("resultDate", "resultTime")
                    .unwrap_or(at),
                receipt_url,
            })
        })
    }))
}

/// This PG needs all four amounts, by the contract's guide.
fn item(sale: &StoreSaleAsked) -> Result<Texts, BeginError> {
    let currency = rules::won_only(&sale.currency, "items[].currency")?;
    let needs = |value: Option<i64>, field| match value {
        Some(value) if value >= 0 => Ok(value),
        Some(_) | None => rules::invalid(field, "is required by this PG and not negative"),
    };
    let tax_free = needs(sale.tax_free, "items[].taxFreeAmount")?;
    let vat = needs(sale.vat, "items[].vatAmount")?;
    let supply = needs(sale.supply, "items[].supplyAmount")?;
    let sum = tax_free
        .checked_add(vat)
        .and_then(|sum| sum.checked_add(supply));
    if sale.total <= 0 || sum != Some(sale.total) {
        return rules::invalid(
            "items[].totalAmount",
            "must be the sum of `supplyAmount`, `vatAmount` and `taxFreeAmount`, and not zero",
        );
    }
    let number = rules::business_number(
        &sale.business_number,
        "items[].storeBusinessRegistrationNumber",
    )?;
    Ok(vec![
        ("businessNumber", number),
        (
            "storeName",
            rules::person_name(&sale.name, "items[].storeName")?,
        ),
        ("price", sale.total.to_string()),
        ("supplyPrice", supply.to_string()),
        ("tax", vat.to_string()),
        ("taxFree", tax_free.to_string()),
        ("currency", currency.to_owned()),
    ])
}
