//! Escrow logistics and store receipts. What a PG needs of them is its connector's rule.

use naru_domain::payment::Shipment;
use naru_domain::{Currency, Timestamp};
use naru_engine::payments::ShipmentRequest;
use naru_engine::{Fault, Party, StoreSaleAsked};
use naru_wire_v2::{
    ModifyEscrowLogisticsBody, PaymentEscrowReceiverInput, PaymentEscrowSenderInput,
    PaymentLogistics, PaymentProduct, RegisterEscrowLogisticsBody, RegisterStoreReceiptBody,
    RegisterStoreReceiptBodyItem, SeparatedAddressInput,
};

use super::bad;
use super::order::{not_negative, positive, products};
use super::text::{optional, required, text, time};
use crate::limits::{
    ADDRESS_LINE_MAX, INVOICE_NUMBER_MAX, NAME_MAX, SHORT_TEXT_MAX, STORE_SALES_MAX,
};

/// A shipment to be told.
pub(crate) fn shipment(
    body: RegisterEscrowLogisticsBody,
    now: Timestamp,
) -> Result<ShipmentRequest, Fault> {
    let parties = (body.sender, body.receiver);
    request(body.logistics, parties, (body.products, false, now))
}

/// A shipment to be corrected.
pub(crate) fn shipment_change(
    body: ModifyEscrowLogisticsBody,
    now: Timestamp,
) -> Result<ShipmentRequest, Fault> {
    let parties = (body.sender, body.receiver);
    request(body.logistics, parties, (body.products, true, now))
}

fn request(
    logistics: PaymentLogistics,
    (sender, receiver): (
        Option<PaymentEscrowSenderInput>,
        Option<PaymentEscrowReceiverInput>,
    ),
    (goods, is_change, now): (Option<Vec<PaymentProduct>>, bool, Timestamp),
) -> Result<ShipmentRequest, Fault> {
    if let Some(received_at) = logistics.received_at.as_deref() {
        time("logistics.receivedAt", received_at)?;
    }
    let sender = sender.map_or(Ok(Party::default()), |it| {
        optional("sender.relationship", it.relationship, SHORT_TEXT_MAX)?;
        party("sender", (it.name, it.phone_number, it.zipcode), it.address)
    })?;
    let receiver = receiver.map_or(Ok(Party::default()), |it| {
        party(
            "receiver",
            (it.name, it.phone_number, it.zipcode),
            it.address,
        )
    })?;
    if let Some(address) = logistics.address {
        one_line("logistics.address", address)?;
    }
    Ok(ShipmentRequest {
        shipment: Shipment {
            company: logistics.company.as_str().to_owned(),
            invoice_number: required(
                "logistics.invoiceNumber",
                logistics.invoice_number,
                INVOICE_NUMBER_MAX,
            )?,
            sent_at: time("logistics.sentAt", &logistics.sent_at)?,
            applied_at: now,
        },
        is_change,
        sender,
        receiver,
        product_count: products(goods)?.len(),
    })
}

type Texts = (Option<String>, Option<String>, Option<String>);

fn party(
    who: &str,
    (name, phone_number, zipcode): Texts,
    address: Option<SeparatedAddressInput>,
) -> Result<Party, Fault> {
    let field = |name: &str| format!("{who}.{name}");
    Ok(Party {
        name: optional(&field("name"), name, NAME_MAX)?,
        phone_number: optional(&field("phoneNumber"), phone_number, SHORT_TEXT_MAX)?,
        zipcode: optional(&field("zipcode"), zipcode, SHORT_TEXT_MAX)?,
        address: address
            .map(|address| one_line(&field("address"), address))
            .transpose()?,
    })
}

/// Province, city and both lines, as a label has them.
fn one_line(field: &str, input: SeparatedAddressInput) -> Result<String, Fault> {
    let named = |name: &str| format!("{field}.{name}");
    let parts = [
        optional(&named("province"), input.province, NAME_MAX)?,
        optional(&named("city"), input.city, NAME_MAX)?,
        Some(text(
            &named("addressLine1"),
            input.address_line1,
            ADDRESS_LINE_MAX,
        )?),
        Some(text(
            &named("addressLine2"),
            input.address_line2,
            ADDRESS_LINE_MAX,
        )?),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .flatten()
        .filter(|part| !part.trim().is_empty())
        .collect();
    Ok(parts.join(" "))
}

/// Sales of other stores.
pub(crate) fn store_sales(body: RegisterStoreReceiptBody) -> Result<Vec<StoreSaleAsked>, Fault> {
    if body.items.is_empty() || body.items.len() > STORE_SALES_MAX {
        return Err(bad("items", &format!("1 to {STORE_SALES_MAX} items")));
    }
    body.items
        .into_iter()
        .enumerate()
        .map(|(index, item)| store_sale(index, item))
        .collect()
}

fn store_sale(index: usize, item: RegisterStoreReceiptBodyItem) -> Result<StoreSaleAsked, Fault> {
    let field = |name: &str| format!("items[{index}].{name}");
    positive(&field("totalAmount"), Some(item.total_amount))?;
    Ok(StoreSaleAsked {
        business_number: required(
            &field("storeBusinessRegistrationNumber"),
            item.store_business_registration_number,
            SHORT_TEXT_MAX,
        )?,
        name: required(&field("storeName"), item.store_name, NAME_MAX)?,
        total: item.total_amount,
        tax_free: not_negative(&field("taxFreeAmount"), item.tax_free_amount)?,
        vat: not_negative(&field("vatAmount"), item.vat_amount)?,
        supply: not_negative(&field("supplyAmount"), item.supply_amount)?,
        currency: Currency::new(item.currency.as_str()),
    })
}
