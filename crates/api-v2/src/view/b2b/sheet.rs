//! Invoices as rows of a CSV sheet, for a spreadsheet.

use naru_domain::Timestamp;
use naru_domain::b2b::Side;
use naru_domain::b2b::tax_invoice::{Issuance, Purpose, TaxInvoice, Taxation};
use naru_engine::records::tax_invoice_status;
use naru_wire_v2::TaxInvoicesSheetField as Field;

/// A sheet under construction.
pub(crate) struct Sheet {
    fields: Vec<Field>,
    text: String,
}

impl Sheet {
    /// An empty sheet of these columns; of all, if none are named.
    pub(crate) fn new(fields: Option<Vec<Field>>) -> Self {
        let fields = fields
            .filter(|fields| !fields.is_empty())
            .unwrap_or_else(|| Field::ALL.to_vec());
        // Spreadsheets read UTF-8 only where the text begins so.
        let mut sheet = Self {
            text: "\u{feff}".to_owned(),
            fields,
        };
        let names: Vec<String> = sheet
            .fields
            .iter()
            .map(|one| title(*one).to_owned())
            .collect();
        sheet.row(&names);
        sheet
    }

    /// Adds an invoice.
    pub(crate) fn add(&mut self, invoice: &TaxInvoice, now: Timestamp) {
        let values: Vec<String> = self
            .fields
            .iter()
            .map(|field| value(*field, invoice, now))
            .collect();
        self.row(&values);
    }

    fn row(&mut self, values: &[String]) {
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            self.text.push_str(&cell(value));
        }
        self.text.push_str("\r\n");
    }

    /// The bytes.
    pub(crate) fn finish(self) -> String {
        self.text
    }
}

/// A cell: quoted, and never a formula. A number stays one.
fn cell(value: &str) -> String {
    let is_number = value.parse::<i64>().is_ok();
    let begins = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if begins && !is_number { "'" } else { "" };
    format!("\"{guard}{}\"", value.replace('"', "\"\""))
}

const fn title(field: Field) -> &'static str {
    match field {
        Field::Status => "상태",
        Field::CancelReason => "취소사유",
        Field::IssuanceType => "발행유형",
        Field::DocumentModificationType => "문서형태",
        Field::IsDelayed => "지연발행",
        Field::WriteDate => "작성일자",
        Field::IssuanceDueDate => "발행마감일",
        Field::TaxationType => "과세형태",
        Field::PurposeType => "영수/청구",
        Field::SupplierCompanyName => "공급자 상호",
        Field::SupplierBrn => "공급자 사업자등록번호",
        Field::SupplierRepresentativeName => "공급자 대표자명",
        Field::TotalAmount => "합계금액",
        Field::TotalSupplyAmount => "공급가액",
        Field::TotalTaxAmount => "세액",
        Field::Memo => "관리용 메모",
        Field::RequestedAt => "발행요청일시",
        Field::IssuedAt => "발행완료일시",
        Field::NtsSentAt => "국세청 전송일시",
        Field::StatusUpdatedAt => "상태 업데이트 일시",
        Field::BulkTaxInvoiceId => "일괄 세금계산서 아이디",
        Field::PlainId => "세금계산서 아이디",
        Field::SupplierDocumentKey => "공급자 문서번호",
        Field::RecipientDocumentKey => "공급받는자 문서번호",
        Field::RecipientCompanyName => "공급받는자 상호",
        Field::RecipientBrn => "공급받는자 사업자등록번호",
        Field::RecipientRepresentativeName => "공급받는자 대표자명",
        Field::SupplierCounterpartyId => "공급자 거래처 아이디",
        Field::RecipientCounterpartyId => "공급받는자 거래처 아이디",
        Field::PayoutId => "지급 아이디",
        Field::Items => "품목",
    }
}

fn value(field: Field, invoice: &TaxInvoice, now: Timestamp) -> String {
    let document = &invoice.document;
    let party = |side: Side| document.party(side);
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    match field {
        Field::Status => tax_invoice_status(invoice).to_owned(),
        // Invoices of payouts belong to the platform operations, which are not served.
        Field::CancelReason | Field::PayoutId => String::new(),
        Field::BulkTaxInvoiceId => text(&invoice.bulk_id),
        Field::IssuanceType => match document.issuance {
            Issuance::Forward => "NORMAL",
            Issuance::Reverse => "REVERSE",
        }
        .to_owned(),
        Field::DocumentModificationType => match document.modification {
            Some(_) => "MODIFICATION",
            None => "NORMAL",
        }
        .to_owned(),
        Field::IsDelayed => invoice.is_delayed(now).to_string(),
        Field::WriteDate => document.write_date.to_string(),
        Field::IssuanceDueDate => invoice.issuance_due().to_string(),
        Field::TaxationType => match document.taxation {
            Taxation::Taxable => "TAXABLE",
            Taxation::ZeroRated => "ZERO_RATED",
            Taxation::Exempt => "FREE",
        }
        .to_owned(),
        Field::PurposeType => match document.purpose {
            Purpose::Receipt => "RECEIPT",
            Purpose::Claim => "INVOICE",
            Purpose::Unsaid => "NONE",
        }
        .to_owned(),
        Field::SupplierCompanyName => text(&party(Side::Supplier).name),
        Field::SupplierBrn => party(Side::Supplier).brn.to_string(),
        Field::SupplierRepresentativeName => text(&party(Side::Supplier).representative_name),
        Field::TotalAmount => document.totals.total.to_string(),
        Field::TotalSupplyAmount => document.totals.supply.to_string(),
        Field::TotalTaxAmount => document.totals.tax.to_string(),
        Field::Memo => text(&invoice.memo),
        Field::RequestedAt => time(invoice.requested_at),
        Field::IssuedAt => time(invoice.state.issued().map(|issued| issued.at)),
        Field::NtsSentAt => time(invoice.state.sent_at()),
        Field::StatusUpdatedAt => invoice.status_changed_at.to_string(),
        Field::PlainId => invoice.id.to_string(),
        Field::SupplierDocumentKey => text(&invoice.keys.supplier),
        Field::RecipientDocumentKey => text(&invoice.keys.recipient),
        Field::RecipientCompanyName => text(&party(Side::Recipient).name),
        Field::RecipientBrn => party(Side::Recipient).brn.to_string(),
        Field::RecipientRepresentativeName => text(&party(Side::Recipient).representative_name),
        Field::SupplierCounterpartyId => text(&party(Side::Supplier).counterparty_id),
        Field::RecipientCounterpartyId => text(&party(Side::Recipient).counterparty_id),
        Field::Items => document
            .items
            .iter()
            .map(|item| item.name.clone().unwrap_or_default())
            .collect::<Vec<_>>()
            .join(" / "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        assert_eq!(cell("-1000"), "\"-1000\"");
        assert_eq!(cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
    }
}
