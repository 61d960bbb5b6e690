-- Invoices know the bulk that they were made in, and the call that is under way. The table is made
-- anew: a column can't be put before the last one.
CREATE TABLE "tax_invoices_now" (
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
    "bulk_id" TEXT COLLATE "C",
    "call_number" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "invoice_id")
);

INSERT INTO "tax_invoices_now" (
    "store_id", "invoice_id", version, "merchant_id", "environment", "status", "issuance",
    "taxation", "purpose", "modification", "supplier_brn", "recipient_brn",
    "supplier_counterparty_id", "recipient_counterparty_id", "partner_brn",
    "partner_counterparty_id", "delayed_from", "write_date", "due_date", "created_at",
    "requested_at", "issued_at", "nts_sent_at", "status_at", "total", "total_supply",
    "total_tax", "approval_number", "supplier_key", "recipient_key", "bulk_id", "call_number",
    body
)
SELECT
    "store_id", "invoice_id", version, "merchant_id", "environment", "status", "issuance",
    "taxation", "purpose", "modification", "supplier_brn", "recipient_brn",
    "supplier_counterparty_id", "recipient_counterparty_id", "partner_brn",
    "partner_counterparty_id", "delayed_from", "write_date", "due_date", "created_at",
    "requested_at", "issued_at", "nts_sent_at", "status_at", "total", "total_supply",
    "total_tax", "approval_number", "supplier_key", "recipient_key",
    NULL, (body::jsonb -> 'call' ->> 'number')::bigint, body
FROM "tax_invoices";

DROP TABLE "tax_invoices";

ALTER TABLE "tax_invoices_now" RENAME TO "tax_invoices";

ALTER INDEX "tax_invoices_now_pkey" RENAME TO "tax_invoices_pkey";

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
CREATE INDEX "tax_invoices_store_id_bulk_id"
    ON "tax_invoices" ("store_id", "bulk_id" NULLS FIRST);
CREATE INDEX "tax_invoices_store_id_call_number"
    ON "tax_invoices" ("store_id", "call_number" NULLS FIRST);

-- Bulks of tax invoices.
CREATE TABLE "bulk_tax_invoices" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "bulk_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "environment" TEXT COLLATE "C",
    "created_at" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "bulk_id")
);
CREATE INDEX "bulk_tax_invoices_store_id_created_at_bulk_id"
    ON "bulk_tax_invoices" ("store_id", "created_at" NULLS FIRST, "bulk_id");

-- The rows of bulks: each an invoice to be.
CREATE TABLE "bulk_tax_invoice_rows" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "bulk_id" TEXT COLLATE "C" NOT NULL,
    "number" BIGINT NOT NULL,
    version BIGINT NOT NULL,
    "stage" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "bulk_id", "number")
);

-- Suppliers without an account that were asked to look at an invoice and answer it.
CREATE TABLE "tax_invitations" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "invoice_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "invoice_id")
);
