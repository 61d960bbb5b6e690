//! An invoice as the provider's JSON document. Amounts are texts of integers, dates `yyyyMMdd`.

use naru_connector::tax::Written;
use naru_domain::b2b::tax_invoice::{
    Document, Issuance, Item, ModificationReason, Party, Purpose, Taxation,
};
use naru_domain::b2b::{CivilDate, Side};
use serde_json::{Map, Value};

type Fields = Map<String, Value>;

fn put(fields: &mut Fields, name: &str, value: impl Into<Value>) {
    fields.insert(name.to_owned(), value.into());
}

fn put_some(fields: &mut Fields, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        put(fields, name, value);
    }
}

fn put_won(fields: &mut Fields, name: &str, value: Option<i64>) {
    if let Some(value) = value {
        put(fields, name, value.to_string());
    }
}

fn date(date: CivilDate) -> String {
    date.to_string().replace('-', "")
}

/// The document.
pub(super) fn write(written: &Written) -> Value {
    let document = written.document.as_ref();
    let mut fields = Fields::new();
    head(&mut fields, document);
    for side in [Side::Supplier, Side::Recipient] {
        let key = written.keys.of(side);
        party(&mut fields, side, document.party(side), key);
    }
    put(&mut fields, "invoiceeType", "사업자");
    if document.send_sms {
        put(&mut fields, "invoicerSMSSendYN", true);
    }
    let lines: Vec<Value> = (1..).zip(&document.items).map(line).collect();
    put(&mut fields, "detailList", lines);
    let contacts: Vec<Value> = (1..)
        .zip(&document.contacts)
        .map(|(number, contact)| {
            let mut fields = Fields::new();
            put(&mut fields, "serialNum", number);
            put_some(&mut fields, "contactName", contact.name.as_deref());
            put(&mut fields, "email", contact.email.as_str());
            Value::Object(fields)
        })
        .collect();
    put(&mut fields, "addContactList", contacts);
    put_some(&mut fields, "memo", written.memo.as_deref());
    // A late issue is the merchant's own business: the answer only marks it.
    put(&mut fields, "forceIssue", true);
    Value::Object(fields)
}

fn head(fields: &mut Fields, document: &Document) {
    put(fields, "writeDate", date(document.write_date));
    let (issue_type, charge) = match document.issuance {
        Issuance::Forward => ("정발행", "정과금"),
        // The recipient, who wrote it, is charged.
        Issuance::Reverse => ("역발행", "역과금"),
    };
    put(fields, "issueType", issue_type);
    put(fields, "chargeDirection", charge);
    let tax_type = match document.taxation {
        Taxation::Taxable => "과세",
        Taxation::ZeroRated => "영세",
        Taxation::Exempt => "면세",
    };
    put(fields, "taxType", tax_type);
    let purpose = match document.purpose {
        Purpose::Receipt => "영수",
        Purpose::Claim => "청구",
        Purpose::Unsaid => "없음",
    };
    put(fields, "purposeType", purpose);
    put_won(fields, "supplyCostTotal", Some(document.totals.supply));
    put_won(fields, "taxTotal", Some(document.totals.tax));
    put_won(fields, "totalAmount", Some(document.totals.total));
    put_won(fields, "cash", document.split.cash);
    put_won(fields, "chkBill", document.split.check);
    put_won(fields, "note", document.split.note);
    put_won(fields, "credit", document.split.credit);
    put_some(fields, "serialNum", document.serial_number.as_deref());
    for (name, book) in [("kwon", document.book_volume), ("ho", document.book_issue)] {
        if let Some(book) = book {
            put(fields, name, book);
        }
    }
    for (name, remark) in ["remark1", "remark2", "remark3"]
        .iter()
        .zip(&document.remarks)
    {
        put(fields, name, remark.as_str());
    }
    if let Some(modification) = &document.modification {
        put(fields, "modifyCode", modify_code(modification.reason));
        let original = modification.original_approval_number.as_str();
        put(fields, "orgNTSConfirmNum", original);
    }
}

const fn modify_code(reason: ModificationReason) -> i32 {
    match reason {
        ModificationReason::EntryError => 1,
        ModificationReason::SupplyCostChange => 2,
        ModificationReason::Return => 3,
        ModificationReason::ContractCancellation => 4,
        ModificationReason::LocalLetterOfCredit => 5,
        ModificationReason::DuplicateIssuance => 6,
    }
}

/// The names of a side's contact end in 1 for the buyer, whose document has two.
fn party(fields: &mut Fields, side: Side, party: &Party, key: Option<&str>) {
    let (prefix, first) = match side {
        Side::Supplier => ("invoicer", ""),
        Side::Recipient => ("invoicee", "1"),
    };
    let name = |field: &str| format!("{prefix}{field}");
    put(fields, &name("CorpNum"), party.brn.as_str());
    put_some(fields, &name("MgtKey"), key);
    for (field, value) in [
        ("TaxRegID", &party.tax_registration_id),
        ("CorpName", &party.name),
        ("CEOName", &party.representative_name),
        ("Addr", &party.address),
        ("BizType", &party.business_type),
        ("BizClass", &party.business_class),
    ] {
        put_some(fields, &name(field), value.as_deref());
    }
    let Some(contact) = &party.contact else {
        return;
    };
    for (field, value) in [
        ("ContactName", &contact.name),
        ("DeptName", &contact.department),
        ("TEL", &contact.phone_number),
        ("HP", &contact.mobile_phone_number),
        ("Email", &contact.email),
    ] {
        put_some(fields, &name(&format!("{field}{first}")), value.as_deref());
    }
}

fn line((number, item): (i32, &Item)) -> Value {
    let mut fields = Fields::new();
    put(&mut fields, "serialNum", number);
    if let Some(day) = item.purchase_date {
        put(&mut fields, "purchaseDT", date(day));
    }
    put_some(&mut fields, "itemName", item.name.as_deref());
    put_some(&mut fields, "spec", item.spec.as_deref());
    for (name, value) in [("qty", item.quantity), ("unitCost", item.unit_cost)] {
        if let Some(value) = value {
            put(&mut fields, name, value.to_string());
        }
    }
    put_won(&mut fields, "supplyCost", item.supply);
    put_won(&mut fields, "tax", item.tax);
    put_some(&mut fields, "remark", item.remark.as_deref());
    Value::Object(fields)
}
