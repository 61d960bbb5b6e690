-- Merchants' contracts with a tax-invoice provider, one an environment, its keys sealed.
CREATE TABLE tax_contracts (
    store_id TEXT NOT NULL,
    environment TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, environment)
) STRICT;

-- Electronic tax invoices. Columns serve the filters and sorts of the lists.
CREATE TABLE tax_invoices (
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
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, invoice_id)
) STRICT;

CREATE INDEX tax_invoices__store_id__created_at__invoice_id ON tax_invoices (store_id, created_at, invoice_id);

CREATE INDEX tax_invoices__store_id__write_date__invoice_id ON tax_invoices (store_id, write_date, invoice_id);

CREATE INDEX tax_invoices__store_id__issued_at__invoice_id ON tax_invoices (store_id, issued_at, invoice_id);

CREATE INDEX tax_invoices__store_id__approval_number ON tax_invoices (store_id, approval_number);

CREATE INDEX tax_invoices__store_id__supplier_key ON tax_invoices (store_id, supplier_key);

CREATE INDEX tax_invoices__store_id__recipient_key ON tax_invoices (store_id, recipient_key);

-- Document keys in use: unique for a company's side of a store's environment.
CREATE TABLE tax_invoice_keys (
    store_id TEXT NOT NULL,
    environment TEXT NOT NULL,
    brn TEXT NOT NULL,
    side TEXT NOT NULL,
    document_key TEXT NOT NULL,
    version INTEGER NOT NULL,
    invoice_id TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, environment, brn, side, document_key)
) STRICT;

CREATE INDEX tax_invoice_keys__brn__document_key ON tax_invoice_keys (brn, document_key);

-- Companies that a store exchanges tax invoices with.
CREATE TABLE counterparties (
    store_id TEXT NOT NULL,
    counterparty_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    merchant_id TEXT,
    environment TEXT,
    brn TEXT,
    name TEXT,
    representative_name TEXT,
    contact_name TEXT,
    contact_email TEXT,
    contact_phone TEXT,
    business_status TEXT,
    nts_connection TEXT,
    created_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, counterparty_id)
) STRICT;

CREATE INDEX counterparties__store_id__created_at__counterparty_id ON counterparties (store_id, created_at, counterparty_id);

CREATE INDEX counterparties__store_id__brn ON counterparties (store_id, brn);

-- From a company's number to the counterparty that has it: unique in a store's environment.
CREATE TABLE counterparty_numbers (
    store_id TEXT NOT NULL,
    environment TEXT NOT NULL,
    brn TEXT NOT NULL,
    version INTEGER NOT NULL,
    counterparty_id TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, environment, brn)
) STRICT;

-- Checks of companies whose ids a caller may name for a while.
CREATE TABLE company_checks (
    store_id TEXT NOT NULL,
    check_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    expires_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, check_id)
) STRICT;

CREATE INDEX company_checks__expires_at ON company_checks (expires_at);

-- Files that are uploaded for invoices.
CREATE TABLE tax_files (
    store_id TEXT NOT NULL,
    file_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    expires_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, file_id)
) STRICT;

CREATE INDEX tax_files__expires_at ON tax_files (expires_at);

-- The bytes of uploaded files, in pieces.
CREATE TABLE tax_file_chunks (
    store_id TEXT NOT NULL,
    file_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, file_id, number)
) STRICT;
