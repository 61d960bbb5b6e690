//! The fields of each operation that must not be empty.
//!
//! Besides those of the envelope, which `v1` and `v2` check. INIAPI answers `ER0102` for any of
//! them, empty or absent alike. Invariant: what is listed here is read without a default later.

use super::codes::Refusal;
use super::fields::Fields;
use crate::faults::Operation;

const SALE: [&str; 7] = [
    "url",
    "moid",
    "goodName",
    "price",
    "buyerName",
    "buyerEmail",
    "buyerTel",
];
const CARD: [&str; 2] = ["cardNumber", "cardExpire"];
const SHIPMENT: [&str; 17] = [
    "oid",
    "tid",
    "price",
    "report",
    "invoice",
    "registName",
    "exCode",
    "charge",
    "invoiceDay",
    "sendName",
    "sendTel",
    "sendPost",
    "sendAddr1",
    "recvName",
    "recvTel",
    "recvPost",
    "recvAddr",
];
const RECEIPT: [&str; 7] = [
    "goodName",
    "crPrice",
    "supPrice",
    "tax",
    "srcvPrice",
    "regNum",
    "useOpt",
];
const CANCEL: [&str; 2] = ["tid", "msg"];
const PART: [&str; 3] = ["price", "confirmPrice", "currency"];
const REFUND_ACCOUNT: [&str; 3] = ["refundAcctNum", "refundBankCode", "refundAcctName"];

/// Refuses the first field that is missing; `account`: the money goes back to an account.
pub(crate) fn check(fields: &Fields, operation: Operation, account: bool) -> Result<(), Refusal> {
    let groups: &[&[&str]] = match (operation, account) {
        (Operation::PayCard, _) => &[&SALE, &CARD, &["currency", "authentification"]],
        (Operation::IssueVirtualAccount, _) => {
            &[&SALE, &["currency", "bankCode", "dtInput", "nmInput"]]
        }
        (Operation::IssueBillingKey, _) => &[&SALE, &CARD],
        (Operation::ChargeBillingKey, _) => &[&SALE, &["billKey", "authentification"]],
        (Operation::Refund, false)
        | (Operation::CloseVirtualAccount | Operation::CancelCashReceipt, _) => &[&CANCEL],
        (Operation::Refund, true) => &[&CANCEL, &REFUND_ACCOUNT],
        (Operation::PartialRefund, false) => &[&CANCEL, &PART],
        (Operation::PartialRefund, true) => &[&CANCEL, &PART, &REFUND_ACCOUNT],
        (Operation::RegisterShipment, _) => &[&SHIPMENT],
        (Operation::AcceptRejection, _) => &[&["originalTid", "dcnfName"]],
        (Operation::RegisterStoreSales, _) => &[&["tid"]],
        (Operation::IssueCashReceipt, _) => &[&RECEIPT],
        (
            Operation::Inquiry
            | Operation::ApproveWindow
            | Operation::NetCancel
            | Operation::Identity(_)
            | Operation::Tax(_),
            _,
        ) => &[],
    };
    groups.iter().try_for_each(|names| fields.require(names))
}
