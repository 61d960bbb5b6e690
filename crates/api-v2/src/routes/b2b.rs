//! The routes of B2B: tax invoices in both editions, and the companies that exchange them.

use naru_wire_v2::Operation as Op;

use super::{Route, route};
use crate::operations;

/// All of them.
pub(super) fn routes() -> Vec<Route> {
    let mut all = preview_reads();
    all.extend(preview_steps());
    all.extend(invoices_reads());
    all.extend(invoices_steps());
    all.extend(companies());
    all
}

/// Those of the edition of 2024: what reads.
fn preview_reads() -> Vec<Route> {
    vec![
        route(
            Op::GetB2bBankAccountHolder,
            operations::get_b2b_bank_account_holder::handle,
        ),
        route(
            Op::GetB2bCertificate,
            operations::get_b2b_certificate::handle,
        ),
        route(
            Op::GetB2bCertificateRegistrationUrl,
            operations::get_b2b_certificate_registration_url::handle,
        ),
        route(
            Op::GetB2bCompanyState,
            operations::get_b2b_company_state::handle,
        ),
        route(
            Op::GetB2bContactIdExistence,
            operations::get_b2b_contact_id_existence::handle,
        ),
        route(
            Op::GetB2bMemberCompany,
            operations::get_b2b_member_company::handle,
        ),
        route(
            Op::GetB2bMemberCompanyContact,
            operations::get_b2b_member_company_contact::handle,
        ),
        route(
            Op::GetB2bPreviewTaxInvoice,
            operations::get_b2b_preview_tax_invoice::handle,
        ),
        route(
            Op::GetB2bPreviewTaxInvoicePdfDownloadUrl,
            operations::get_b2b_preview_tax_invoice_pdf_download_url::handle,
        ),
        route(
            Op::GetB2bPreviewTaxInvoicePopupUrl,
            operations::get_b2b_preview_tax_invoice_popup_url::handle,
        ),
        route(
            Op::GetB2bPreviewTaxInvoicePrintUrl,
            operations::get_b2b_preview_tax_invoice_print_url::handle,
        ),
        route(
            Op::GetB2bPreviewTaxInvoices,
            operations::get_b2b_preview_tax_invoices::handle,
        ),
    ]
}

/// Those of the edition of 2024: what changes something.
fn preview_steps() -> Vec<Route> {
    vec![
        route(
            Op::CancelB2bPreviewTaxInvoiceIssuance,
            operations::cancel_b2b_preview_tax_invoice_issuance::handle,
        ),
        route(
            Op::CancelB2bPreviewTaxInvoiceRequest,
            operations::cancel_b2b_preview_tax_invoice_request::handle,
        ),
        route(
            Op::DeleteB2bPreviewTaxInvoice,
            operations::delete_b2b_preview_tax_invoice::handle,
        ),
        route(
            Op::IssueB2bPreviewTaxInvoice,
            operations::issue_b2b_preview_tax_invoice::handle,
        ),
        route(
            Op::RefuseB2bPreviewTaxInvoiceRequest,
            operations::refuse_b2b_preview_tax_invoice_request::handle,
        ),
        route(
            Op::RegisterB2bMemberCompany,
            operations::register_b2b_member_company::handle,
        ),
        route(
            Op::RequestB2bPreviewTaxInvoice,
            operations::request_b2b_preview_tax_invoice::handle,
        ),
        route(
            Op::RequestB2bPreviewTaxInvoiceReverseIssuance,
            operations::request_b2b_preview_tax_invoice_reverse_issuance::handle,
        ),
        route(
            Op::RequestB2bTaxInvoiceRegister,
            operations::request_b2b_tax_invoice_register::handle,
        ),
    ]
}

/// Today's, about invoices: what reads.
fn invoices_reads() -> Vec<Route> {
    vec![
        route(
            Op::DownloadB2bTaxInvoicesSheet,
            operations::download_b2b_tax_invoices_sheet::handle,
        ),
        route(
            Op::GetB2bBulkTaxInvoice,
            operations::get_b2b_bulk_tax_invoice::handle,
        ),
        route(
            Op::GetB2bTaxInvoice,
            operations::get_b2b_tax_invoice::handle,
        ),
        route(
            Op::GetB2bTaxInvoiceAttachments,
            operations::get_b2b_tax_invoice_attachments::handle,
        ),
        route(
            Op::GetB2bTaxInvoicePdfDownloadUrl,
            operations::get_b2b_tax_invoice_pdf_download_url::handle,
        ),
        route(
            Op::GetB2bTaxInvoicePopupUrl,
            operations::get_b2b_tax_invoice_popup_url::handle,
        ),
        route(
            Op::GetB2bTaxInvoicePrintUrl,
            operations::get_b2b_tax_invoice_print_url::handle,
        ),
        route(
            Op::GetB2bTaxInvoices,
            operations::get_b2b_tax_invoices::handle,
        ),
    ]
}

/// Today's, about invoices: what changes something.
fn invoices_steps() -> Vec<Route> {
    vec![
        route(
            Op::AttachB2bTaxInvoiceFile,
            operations::attach_b2b_tax_invoice_file::handle,
        ),
        route(
            Op::CancelB2bTaxInvoiceIssuance,
            operations::cancel_b2b_tax_invoice_issuance::handle,
        ),
        route(
            Op::CancelB2bTaxInvoiceRequest,
            operations::cancel_b2b_tax_invoice_request::handle,
        ),
        route(
            Op::DeleteB2bTaxInvoice,
            operations::delete_b2b_tax_invoice::handle,
        ),
        route(
            Op::DeleteB2bTaxInvoiceAttachment,
            operations::delete_b2b_tax_invoice_attachment::handle,
        ),
        route(
            Op::DraftB2bTaxInvoice,
            operations::draft_b2b_tax_invoice::handle,
        ),
        route(
            Op::IssueB2bTaxInvoice,
            operations::issue_b2b_tax_invoice::handle,
        ),
        route(
            Op::IssueB2bTaxInvoiceImmediately,
            operations::issue_b2b_tax_invoice_immediately::handle,
        ),
        route(
            Op::RefuseB2bTaxInvoiceRequest,
            operations::refuse_b2b_tax_invoice_request::handle,
        ),
        route(
            Op::RequestB2bTaxInvoice,
            operations::request_b2b_tax_invoice::handle,
        ),
        route(
            Op::RequestB2bTaxInvoiceReverseIssuance,
            operations::request_b2b_tax_invoice_reverse_issuance::handle,
        ),
        route(
            Op::SendToNtsB2bTaxInvoice,
            operations::send_to_nts_b2b_tax_invoice::handle,
        ),
        route(
            Op::UpdateB2bTaxInvoiceDraft,
            operations::update_b2b_tax_invoice_draft::handle,
        ),
    ]
}

/// Today's, about everything else.
fn companies() -> Vec<Route> {
    vec![
        route(
            Op::CreateB2bCounterparty,
            operations::create_b2b_counterparty::handle,
        ),
        route(
            Op::CreateB2bFileUploadUrl,
            operations::create_b2b_file_upload_url::handle,
        ),
        route(
            Op::DeleteB2bCounterparty,
            operations::delete_b2b_counterparty::handle,
        ),
        route(
            Op::GetB2bBusinessInfos,
            operations::get_b2b_business_infos::handle,
        ),
        route(
            Op::GetB2bCounterparties,
            operations::get_b2b_counterparties::handle,
        ),
        route(
            Op::GetB2bCounterparty,
            operations::get_b2b_counterparty::handle,
        ),
        route(
            Op::GetB2bCounterpartyCertificate,
            operations::get_b2b_counterparty_certificate::handle,
        ),
        route(
            Op::GetB2bCounterpartyCertificateRegistrationUrl,
            operations::get_b2b_counterparty_certificate_registration_url::handle,
        ),
        route(
            Op::UpdateB2bCounterparty,
            operations::update_b2b_counterparty::handle,
        ),
        route(
            Op::ValidateB2bCounterpartyCertificate,
            operations::validate_b2b_counterparty_certificate::handle,
        ),
    ]
}
