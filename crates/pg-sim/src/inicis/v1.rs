//! INIAPI v1: a form in, JSON out.
//!
//! Reads and verifies the envelope; the rest is in `commands`. The hash is SHA-512 over the
//! INIAPI key and a fixed list of fields, joined without separator; an encrypted field takes
//! part as the Base64 text that was sent. Parameter values are case-sensitive.

use http::HeaderMap;

use super::codes::{Reason, Refusal};
use super::commands::{self, Request, Version};
use super::crypto;
use super::fields::{Fields, digits};
use super::merchants::{self, Merchant};
use super::required;
use super::run::{Refused, is_of_type};
use crate::faults::Operation;

/// The last part of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    Refund,
    FormPay,
    Billing,
    Extra,
    Escrow,
    Receipt,
}

const ENVELOPE: [&str; 6] = [
    "type",
    "paymethod",
    "timestamp",
    "clientIp",
    "mid",
    "hashData",
];

/// One operation: what it is, whether it is about an account's money, and which fields its hash
/// covers after the common ones.
type Shape = (Operation, bool, &'static [&'static str]);

fn shape(resource: Resource, kind: &str, method: &str) -> Option<Shape> {
    Some(match (resource, kind, method) {
        (Resource::Refund, "Refund", "Card") => (Operation::Refund, false, &["tid"]),
        (Resource::Refund, "Refund", "Vacct") => {
            (Operation::Refund, true, &["tid", "refundAcctNum"])
        }
        (Resource::Refund, "Refund", "GVacct") => (Operation::CloseVirtualAccount, true, &["tid"]),
        (Resource::Refund, "Refund", "Receipt") => (Operation::CancelCashReceipt, false, &["tid"]),
        (Resource::Receipt, "Issue", "Receipt") => (
            Operation::IssueCashReceipt,
            false,
            &["crPrice", "supPrice", "srcvPrice", "regNum"],
        ),
        (Resource::Refund, "PartialRefund", "Card") => (
            Operation::PartialRefund,
            false,
            &["tid", "price", "confirmPrice"],
        ),
        (Resource::Refund, "PartialRefund", "Vacct") => (
            Operation::PartialRefund,
            true,
            &["tid", "price", "confirmPrice", "refundAcctNum"],
        ),
        (Resource::FormPay, "Pay", "Card") => {
            (Operation::PayCard, false, &["moid", "price", "cardNumber"])
        }
        (Resource::FormPay, "Pay", "Vacct") => {
            (Operation::IssueVirtualAccount, true, &["moid", "price"])
        }
        (Resource::Billing, "Auth", "Card") => (
            Operation::IssueBillingKey,
            false,
            &["moid", "price", "cardNumber"],
        ),
        (Resource::Billing, "Billing", "Card" | "HPP") => (
            Operation::ChargeBillingKey,
            false,
            &["moid", "price", "billKey"],
        ),
        (Resource::Escrow, "Dlv", "") => {
            (Operation::RegisterShipment, false, &["oid", "tid", "price"])
        }
        (Resource::Escrow, "Dncf", "") => (Operation::AcceptRejection, false, &["originalTid"]),
        (Resource::Extra, "Extra", "Inquiry") => (Operation::Inquiry, false, &[]),
        _ => return None,
    })
}

fn default_module(resource: Resource) -> &'static str {
    match resource {
        Resource::FormPay | Resource::Billing => "550",
        Resource::Refund | Resource::Extra | Resource::Escrow | Resource::Receipt => "500",
    }
}

/// Reads and verifies a call.
pub(crate) fn read(
    resource: Resource,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Request, Refused> {
    let verified = verified(resource, headers, body);
    verified.map_err(|refusal| Refused {
        cancel: resource == Resource::Refund,
        refusal,
    })
}

fn verified(resource: Resource, headers: &HeaderMap, body: &[u8]) -> Result<Request, Refusal> {
    let module = default_module(resource);
    if !is_of_type(headers, "application/x-www-form-urlencoded") {
        return Err(Reason::Message.of(module));
    }
    let fields = Fields::from_form(body).ok_or_else(|| Reason::Message.of(module))?;
    let [kind, method, ..] = ENVELOPE;
    // Escrow's envelope has no `paymethod`.
    let has_method = resource != Resource::Escrow;
    let envelope = ENVELOPE.get(..5).unwrap_or_default().iter().copied();
    let named: Vec<&str> = envelope
        .filter(|name| has_method || *name != "paymethod")
        .collect();
    fields.require(&named)?;
    let merchant =
        merchants::find(fields.text("mid")).ok_or_else(|| Reason::UnknownMerchant.of(module))?;
    let (operation, account, hashed) = shape(resource, fields.text(kind), fields.text(method))
        .ok_or_else(|| Reason::Method.of(module))?;
    let module = commands::module(operation, account);
    digits(fields.text("timestamp"), 14..=14).ok_or_else(|| Refusal::missing("timestamp"))?;
    required::check(&fields, operation, account)?;
    check_hash(&fields, merchant, hashed).map_err(|reason| reason.of(module))?;
    let command = commands::read(operation, account, &fields, merchant)?;
    Ok(Request {
        merchant,
        version: Version::V1,
        command,
    })
}

fn check_hash(fields: &Fields, merchant: &Merchant, hashed: &[&str]) -> Result<(), Reason> {
    let sent = fields.text("hashData");
    if sent.is_empty() {
        return Err(Reason::HashEmpty);
    }
    let [kind, method, timestamp, client_ip, mid, _] = ENVELOPE;
    let names = [kind, method, timestamp, client_ip, mid]
        .into_iter()
        .chain(hashed.iter().copied());
    let texts = names.map(|name| fields.text(name).as_bytes());
    let parts = std::iter::once(merchant.api_key.as_bytes()).chain(texts);
    if crypto::sha512_hex(parts) == sent {
        Ok(())
    } else {
        Err(Reason::HashMismatch)
    }
}
