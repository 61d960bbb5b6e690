-- Merchants' contracts with a tax-invoice provider, one an environment, its keys sealed.
CREATE TABLE "tax_contracts" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "environment" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "environment")
);

-- Electronic tax invoices. Columns serve the filters and sorts of the lists.
CREATE TABLE "tax_invoices" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "invoice_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "merchant_id" TEXT COLLATE "C",
    "environment" TEXT COLLATE "C",
    "status" TEXT COLLATE "C",
    "issuance" TEXT COLLATE "C",
    "taxation" TEXT COLLATE "C",
    "purpose" TEXT COLLATE "C",
    "modification" TEXT COLLATE "C",
    "supplier_brn" TEXT COLLATE "C",
    "recipient_brn" TEXT COLLATE "C",
    "supplier_counterparty_id" TEXT COLLATE "C",
    "recipient_counterparty_id" TEXT COLLATE "C",
    "partner_brn" TEXT COLLATE "C",
    "partner_counterparty_id" TEXT COLLATE "C",
    "delayed_from" TEXT COLLATE "C",
    "write_date" TEXT COLLATE "C",
    "due_date" TEXT COLLATE "C",
    "created_at" BIGINT,
    "requested_at" BIGINT,
    "issued_at" BIGINT,
    "nts_sent_at" BIGINT,
    "status_at" BIGINT,
    "total" BIGINT,
    "total_supply" BIGINT,
    "total_tax" BIGINT,
    "approval_number" TEXT COLLATE "C",
    "supplier_key" TEXT COLLATE "C",
    "recipient_key" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "invoice_id")
);
CREATE INDEX "tax_invoices_store_id_created_at_invoice_id"
    ON "tax_invoices" ("store_id", "created_at" NULLS FIRST, "invoice_id");
CREATE INDEX "tax_invoices_store_id_write_date_invoice_id"
    ON "tax_invoices" ("store_id", "write_date" NULLS FIRST, "invoice_id");
CREATE INDEX "tax_invoices_store_id_issued_at_invoice_id"
    ON "tax_invoices" ("store_id", "issued_at" NULLS FIRST, "invoice_id");
CREATE INDEX "tax_invoices_store_id_approval_number"
    ON "tax_invoices" ("store_id", "approval_number" NULLS FIRST);
CREATE INDEX "tax_invoices_store_id_supplier_key"
    ON "tax_invoices" ("store_id", "supplier_key" NULLS FIRST);
CREATE INDEX "tax_invoices_store_id_recipient_key"
    ON "tax_invoices" ("store_id", "recipient_key" NULLS FIRST);

-- Document keys in use: unique for a company's side of a store's environment.
CREATE TABLE "tax_invoice_keys" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "environment" TEXT COLLATE "C" NOT NULL,
    "brn" TEXT COLLATE "C" NOT NULL,
    "side" TEXT COLLATE "C" NOT NULL,
    "document_key" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "invoice_id" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "environment", "brn", "side", "document_key")
);
CREATE INDEX "tax_invoice_keys_brn_document_key"
    ON "tax_invoice_keys" ("brn", "document_key");

-- Companies that a store exchanges tax invoices with.
CREATE TABLE "counterparties" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "counterparty_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "merchant_id" TEXT COLLATE "C",
    "environment" TEXT COLLATE "C",
    "brn" TEXT COLLATE "C",
    "name" TEXT COLLATE "C",
    "representative_name" TEXT COLLATE "C",
    "contact_name" TEXT COLLATE "C",
    "contact_email" TEXT COLLATE "C",
    "contact_phone" TEXT COLLATE "C",
    "business_status" TEXT COLLATE "C",
    "nts_connection" TEXT COLLATE "C",
    "created_at" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "counterparty_id")
);
CREATE INDEX "counterparties_store_id_created_at_counterparty_id"
    ON "counterparties" ("store_id", "created_at" NULLS FIRST, "counterparty_id");
CREATE INDEX "counterparties_store_id_brn"
    ON "counterparties" ("store_id", "brn" NULLS FIRST);

-- From a company's number to the counterparty that has it: unique in a store's environment.
CREATE TABLE "counterparty_numbers" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "environment" TEXT COLLATE "C" NOT NULL,
    "brn" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "counterparty_id" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "environment", "brn")
);

-- Checks of companies whose ids a caller may name for a while.
CREATE TABLE "company_checks" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "check_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "expires_at" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "check_id")
);
CREATE INDEX "company_checks_expires_at"
    ON "company_checks" ("expires_at" NULLS FIRST);

-- Files that are uploaded for invoices.
CREATE TABLE "tax_files" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "file_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "expires_at" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "file_id")
);
CREATE INDEX "tax_files_expires_at"
    ON "tax_files" ("expires_at" NULLS FIRST);

-- The bytes of uploaded files, in pieces.
CREATE TABLE "tax_file_chunks" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "file_id" TEXT COLLATE "C" NOT NULL,
    "number" BIGINT NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "file_id", "number")
);
