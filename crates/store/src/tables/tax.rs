//! Tables of tax invoices and the companies that exchange them.

use super::{int, text};
use crate::Table;

/// Merchants' contracts with a tax-invoice provider, one an environment, its keys sealed.
pub static TAX_CONTRACTS: Table = Table {
    name: "tax_contracts",
    key: &[text("store_id"), text("environment")],
    columns: &[],
    indexes: &[],
};

/// Electronic tax invoices. Columns serve the filters and sorts of the lists.
pub static TAX_INVOICES: Table = Table {
    name: "tax_invoices",
    key: &[text("store_id"), text("invoice_id")],
    columns: &[
        text("merchant_id"),
        text("environment"),
        text("status"),
        text("issuance"),
        text("taxation"),
        text("purpose"),
        text("modification"),
        text("supplier_brn"),
        text("recipient_brn"),
        text("supplier_counterparty_id"),
        text("recipient_counterparty_id"),
        text("partner_brn"),
        text("partner_counterparty_id"),
        text("delayed_from"),
        text("write_date"),
        text("due_date"),
        int("created_at"),
        int("requested_at"),
        int("issued_at"),
        int("nts_sent_at"),
        int("status_at"),
        int("total"),
        int("total_supply"),
        int("total_tax"),
        text("approval_number"),
        text("supplier_key"),
        text("recipient_key"),
        text("bulk_id"),
        int("call_number"),
    ],
    indexes: &[
        &["store_id", "created_at", "invoice_id"],
        &["store_id", "write_date", "invoice_id"],
        &["store_id", "issued_at", "invoice_id"],
        &["store_id", "approval_number"],
        &["store_id", "supplier_key"],
        &["store_id", "recipient_key"],
        &["store_id", "bulk_id"],
        &["store_id", "call_number"],
    ],
};

/// Bulks of tax invoices.
pub static BULK_TAX_INVOICES: Table = Table {
    name: "bulk_tax_invoices",
    key: &[text("store_id"), text("bulk_id")],
    columns: &[text("environment"), int("created_at")],
    indexes: &[&["store_id", "created_at", "bulk_id"]],
};

/// The rows of bulks: each an invoice to be.
pub static BULK_TAX_INVOICE_ROWS: Table = Table {
    name: "bulk_tax_invoice_rows",
    key: &[text("store_id"), text("bulk_id"), int("number")],
    columns: &[int("stage")],
    indexes: &[],
};

/// Suppliers without an account that were asked to look at an invoice and answer it.
pub static TAX_INVITATIONS: Table = Table {
    name: "tax_invitations",
    key: &[text("store_id"), text("invoice_id")],
    columns: &[],
    indexes: &[],
};

/// Document keys in use: unique for a company's side of a store's environment.
pub static TAX_INVOICE_KEYS: Table = Table {
    name: "tax_invoice_keys",
    key: &[
        text("store_id"),
        text("environment"),
        text("brn"),
        text("side"),
        text("document_key"),
    ],
    columns: &[text("invoice_id")],
    indexes: &[&["brn", "document_key"]],
};

/// Companies that a store exchanges tax invoices with.
pub static COUNTERPARTIES: Table = Table {
    name: "counterparties",
    key: &[text("store_id"), text("counterparty_id")],
    columns: &[
        text("merchant_id"),
        text("environment"),
        text("brn"),
        text("name"),
        text("representative_name"),
        text("contact_name"),
        text("contact_email"),
        text("contact_phone"),
        text("business_status"),
        text("nts_connection"),
        int("created_at"),
    ],
    indexes: &[
        &["store_id", "created_at", "counterparty_id"],
        &["store_id", "brn"],
    ],
};

/// From a company's number to the counterparty that has it: unique in a store's environment.
pub static COUNTERPARTY_NUMBERS: Table = Table {
    name: "counterparty_numbers",
    key: &[text("store_id"), text("environment"), text("brn")],
    columns: &[text("counterparty_id")],
    indexes: &[],
};

/// Checks of companies whose ids a caller may name for a while.
pub static COMPANY_CHECKS: Table = Table {
    name: "company_checks",
    key: &[text("store_id"), text("check_id")],
    columns: &[int("expires_at")],
    indexes: &[&["expires_at"]],
};

/// Files that are uploaded for invoices.
pub static TAX_FILES: Table = Table {
    name: "tax_files",
    key: &[text("store_id"), text("file_id")],
    columns: &[int("expires_at")],
    indexes: &[&["expires_at"]],
};

/// The bytes of uploaded files, in pieces.
pub static TAX_FILE_CHUNKS: Table = Table {
    name: "tax_file_chunks",
    key: &[text("store_id"), text("file_id"), int("number")],
    columns: &[],
    indexes: &[],
};
