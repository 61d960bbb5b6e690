//! INIAPI v2: JSON in, JSON out.
//!
//! Reads and verifies the envelope; the rest is in `commands`. The hash is SHA-512 over key,
//! MID, type, timestamp and the text of `data`, byte for byte as it was sent; the PG's reference
//! code drops every backslash from that text first, and so does this. `clientIp` is not hashed.

use http::HeaderMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::codes::{Reason, Refusal};
use super::commands::{self, Request, Version};
use super::crypto;
use super::fields::{Fields, digits};
use super::merchants::{self, Merchant};
use super::required;
use super::run::{Refused, is_of_type};
use crate::faults::Operation;

/// The path after `/v2/pg/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Path {
    Refund,
    PartialRefund,
    RefundAccount,
    PartialRefundAccount,
    Billing,
    Inquiry,
    StoreReceipt,
}

impl Path {
    /// The operation, whether it is about an account's money, and the `type` it must carry.
    fn shape(self) -> (Operation, bool, &'static str) {
        match self {
            Self::Refund => (Operation::Refund, false, "refund"),
            Self::PartialRefund => (Operation::PartialRefund, false, "partialRefund"),
            Self::RefundAccount => (Operation::Refund, true, "refund"),
            Self::PartialRefundAccount => (Operation::PartialRefund, true, "partialRefund"),
            Self::Billing => (Operation::ChargeBillingKey, false, "billing"),
            Self::Inquiry => (Operation::Inquiry, false, "inquiry"),
            Self::StoreReceipt => (Operation::RegisterStoreSales, false, "storeReceipt"),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(default)]
    mid: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    timestamp: String,
    #[serde(default)]
    client_ip: String,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    hash_data: String,
}

/// Reads and verifies a call.
pub(crate) fn read(path: Path, headers: &HeaderMap, body: &[u8]) -> Result<Request, Refused> {
    let (operation, account, kind) = path.shape();
    let cancel = matches!(operation, Operation::Refund | Operation::PartialRefund);
    let verified = || {
        let module = commands::module(operation, account);
        let envelope = envelope(headers, body).ok_or_else(|| Reason::Message.of(module))?;
        let (merchant, fields) = envelope.verified(kind, module)?;
        required::check(&fields, operation, account)?;
        let command = commands::read(operation, account, &fields, merchant)?;
        Ok(Request {
            merchant,
            version: Version::V2,
            command,
        })
    };
    verified().map_err(|refusal| Refused { cancel, refusal })
}

fn envelope<'a>(headers: &HeaderMap, body: &'a [u8]) -> Option<Envelope<'a>> {
    // An array would be read positionally.
    let object = body.trim_ascii_start().first() == Some(&b'{');
    let readable = object && is_of_type(headers, "application/json");
    readable
        .then(|| serde_json::from_slice(body).ok())
        .flatten()
}

impl Envelope<'_> {
    fn verified(&self, kind: &str, module: &str) -> Result<(&'static Merchant, Fields), Refusal> {
        let data = self.data.map_or("", RawValue::get);
        for (name, value) in [
            ("mid", self.mid.as_str()),
            ("type", &self.kind),
            ("timestamp", &self.timestamp),
            ("clientIp", &self.client_ip),
            ("data", data),
        ] {
            if value.is_empty() {
                return Err(Refusal::missing(name));
            }
        }
        let merchant =
            merchants::find(&self.mid).ok_or_else(|| Reason::UnknownMerchant.of(module))?;
        if self.kind != kind {
            return Err(Reason::Method.of(module));
        }
        digits(&self.timestamp, 14..=14).ok_or_else(|| Refusal::missing("timestamp"))?;
        if self.hash_data.is_empty() {
            return Err(Reason::HashEmpty.of(module));
        }
        if hash(merchant, &self.kind, &self.timestamp, data) != self.hash_data {
            return Err(Reason::HashMismatch.of(module));
        }
        let fields = Fields::from_json(data).ok_or_else(|| Reason::Message.of(module))?;
        Ok((merchant, fields))
    }
}

fn hash(merchant: &Merchant, kind: &str, timestamp: &str, data: &str) -> String {
    let head = [merchant.api_key, merchant.mid, kind, timestamp];
    let plain = data.split('\\');
    crypto::sha512_hex(head.into_iter().chain(plain).map(str::as_bytes))
}
