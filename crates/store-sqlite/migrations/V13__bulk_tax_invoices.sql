-- Invoices know the bulk that they were made in, and the call that is under way. The table is made
-- anew: a column can't be put before the last one.
CREATE TABLE tax_invoices_now (
    store_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    merchant_id TEXT,
    environment TEXT,
    status TEXT,
    issuance TEXT,
    taxation TEXT,
    purpose TEXT,
    modification TEXT,
    supplier_brn TEXT,
    recipient_brn TEXT,
    supplier_counterparty_id TEXT,
    recipient_counterparty_id TEXT,
    partner_brn TEXT,
    partner_counterparty_id TEXT,
    delayed_from TEXT,
    write_date TEXT,
    due_date TEXT,
    created_at INTEGER,
    requested_at INTEGER,
    issued_at INTEGER,
    nts_sent_at INTEGER,
    status_at INTEGER,
    total INTEGER,
    total_supply INTEGER,
    total_tax INTEGER,
    approval_number TEXT,
    supplier_key TEXT,
    recipient_key TEXT,
    bulk_id TEXT,
    call_number INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, invoice_id)
) STRICT;

INSERT INTO tax_invoices_now (
    store_id, invoice_id, version, merchant_id, environment, status, issuance, taxation,
    purpose, modification, supplier_brn, recipient_brn, supplier_counterparty_id,
    recipient_counterparty_id, partner_brn, partner_counterparty_id, delayed_from, write_date,
    due_date, created_at, requested_at, issued_at, nts_sent_at, status_at, total, total_supply,
    total_tax, approval_number, supplier_key, recipient_key, bulk_id, call_number, body
)
SELECT
    store_id, invoice_id, version, merchant_id, environment, status, issuance, taxation,
    purpose, modification, supplier_brn, recipient_brn, supplier_counterparty_id,
    recipient_counterparty_id, partner_brn, partner_counterparty_id, delayed_from, write_date,
    due_date, created_at, requested_at, issued_at, nts_sent_at, status_at, total, total_supply,
    total_tax, approval_number, supplier_key, recipient_key,
    NULL, json_extract(body, '$.call.number'), body
FROM tax_invoices;

DROP TABLE tax_invoices;

ALTER TABLE tax_invoices_now RENAME TO tax_invoices;

CREATE INDEX tax_invoices__store_id__created_at__invoice_id ON tax_invoices (store_id, created_at, invoice_id);

CREATE INDEX tax_invoices__store_id__write_date__invoice_id ON tax_invoices (store_id, write_date, invoice_id);

CREATE INDEX tax_invoices__store_id__issued_at__invoice_id ON tax_invoices (store_id, issued_at, invoice_id);

CREATE INDEX tax_invoices__store_id__approval_number ON tax_invoices (store_id, approval_number);

CREATE INDEX tax_invoices__store_id__supplier_key ON tax_invoices (store_id, supplier_key);

CREATE INDEX tax_invoices__store_id__recipient_key ON tax_invoices (store_id, recipient_key);

CREATE INDEX tax_invoices__store_id__bulk_id ON tax_invoices (store_id, bulk_id);

CREATE INDEX tax_invoices__store_id__call_number ON tax_invoices (store_id, call_number);

-- Bulks of tax invoices.
CREATE TABLE bulk_tax_invoices (
    store_id TEXT NOT NULL,
    bulk_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    environment TEXT,
    created_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, bulk_id)
) STRICT;

CREATE INDEX bulk_tax_invoices__store_id__created_at__bulk_id ON bulk_tax_invoices (store_id, created_at, bulk_id);

-- The rows of bulks: each an invoice to be.
CREATE TABLE bulk_tax_invoice_rows (
    store_id TEXT NOT NULL,
    bulk_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    stage INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, bulk_id, number)
) STRICT;

-- Suppliers without an account that were asked to look at an invoice and answer it.
CREATE TABLE tax_invitations (
    store_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, invoice_id)
) STRICT;
