//! Invoices as the provider keeps them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::Stamp;

/// A side of an invoice, as paths name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Sell,
    Buy,
}

impl Side {
    pub(crate) fn of(text: &str) -> Option<Self> {
        match text {
            "SELL" => Some(Self::Sell),
            "BUY" => Some(Self::Buy),
            _ => None,
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Sell => "invoicer",
            Self::Buy => "invoicee",
        }
    }
}

/// A file on an invoice: its bytes are not kept, only that they came.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct File {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) size: usize,
    pub(crate) at_ms: i64,
}

/// An invoice.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invoice {
    pub(crate) item_key: String,
    pub(crate) document: Map<String, Value>,
    pub(crate) state: u16,
    pub(crate) registered_ms: i64,
    pub(crate) changed_ms: i64,
    #[serde(default)]
    pub(crate) memo: String,
    #[serde(default)]
    pub(crate) issued_ms: Option<i64>,
    #[serde(default)]
    pub(crate) confirm_number: Option<String>,
    /// When its transmission begins.
    #[serde(default)]
    pub(crate) send_at_ms: Option<i64>,
    #[serde(default)]
    pub(crate) sent_ms: Option<i64>,
    #[serde(default)]
    pub(crate) result_ms: Option<i64>,
    #[serde(default)]
    pub(crate) result_code: Option<String>,
    #[serde(default)]
    pub(crate) opened_ms: Option<i64>,
    #[serde(default)]
    pub(crate) files: Vec<File>,
    /// Files that it ever had: an id is given once.
    #[serde(default)]
    pub(crate) files_ever: usize,
}

impl Invoice {
    pub(crate) fn text(&self, name: &str) -> &str {
        self.document
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// An amount; the wire has texts of integers.
    pub(crate) fn won(&self, name: &str) -> Option<i64> {
        self.text(name).parse().ok()
    }

    pub(crate) fn is_reverse(&self) -> bool {
        self.text("issueType") == "역발행"
    }

    pub(crate) fn company(&self, side: Side) -> &str {
        self.text(&format!("{}CorpNum", side.prefix()))
    }

    pub(crate) fn key(&self, side: Side) -> &str {
        self.text(&format!("{}MgtKey", side.prefix()))
    }

    /// The side that writes it.
    pub(crate) fn writer(&self) -> Side {
        if self.is_reverse() {
            Side::Buy
        } else {
            Side::Sell
        }
    }

    /// The short description.
    pub(crate) fn info(&self, buyer_state: Option<(&str, &str)>) -> Value {
        let stamp = |at: Option<i64>| at.map(|at| Stamp::of(at).compact());
        let mut info = json!({
            "itemKey": self.item_key,
            "stateCode": self.state,
            "stateDT": stamp(Some(self.changed_ms)),
            "stateMemo": self.memo,
            "regDT": stamp(Some(self.registered_ms)),
            "openYN": self.opened_ms.is_some(),
            "interOPYN": false,
            "lateIssueYN": false,
        });
        for name in [
            "taxType",
            "writeDate",
            "issueType",
            "supplyCostTotal",
            "taxTotal",
            "purposeType",
            "modifyCode",
            "invoicerCorpName",
            "invoicerCorpNum",
            "invoicerMgtKey",
            "invoiceeCorpName",
            "invoiceeCorpNum",
            "invoiceeMgtKey",
        ] {
            if let Some(value) = self.document.get(name) {
                info[name] = value.clone();
            }
        }
        for (name, value) in [
            ("issueDT", stamp(self.issued_ms)),
            ("ntsconfirmNum", self.confirm_number.clone()),
            ("ntssendDT", stamp(self.sent_ms)),
            ("ntsresultDT", stamp(self.result_ms)),
            ("ntssendErrCode", self.result_code.clone()),
            ("openDT", stamp(self.opened_ms)),
        ] {
            if let Some(value) = value {
                info[name] = value.into();
            }
        }
        if self.state == 600
            && let Some((state, date)) = buyer_state
        {
            info["closeDownState"] = state.into();
            info["closeDownStateDate"] = date.into();
        }
        info
    }
}
