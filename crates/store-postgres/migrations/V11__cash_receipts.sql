-- Cash receipts.

CREATE TABLE "cash_receipts" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "payment_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "merchant_id" TEXT COLLATE "C",
    "status" TEXT COLLATE "C",
    "issued_at" BIGINT,
    "cancelled_at" BIGINT,
    "status_changed_at" BIGINT,
    "is_test" BIGINT,
    "is_manual" BIGINT,
    "receipt_type" TEXT COLLATE "C",
    "order_name" TEXT COLLATE "C",
    "pg_receipt_id" TEXT COLLATE "C",
    "pg_merchant_id" TEXT COLLATE "C",
    "pg_provider" TEXT COLLATE "C",
    "pg_company" TEXT COLLATE "C",
    "portone_version" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "payment_id")
);
CREATE INDEX "cash_receipts_store_id_issued_at_payment_id"
    ON "cash_receipts" ("store_id", "issued_at" NULLS FIRST, "payment_id");
CREATE INDEX "cash_receipts_store_id_cancelled_at_payment_id"
    ON "cash_receipts" ("store_id", "cancelled_at" NULLS FIRST, "payment_id");
CREATE INDEX "cash_receipts_store_id_status_changed_at_payment_id"
    ON "cash_receipts" ("store_id", "status_changed_at" NULLS FIRST, "payment_id");
CREATE INDEX "cash_receipts_store_id_pg_receipt_id"
    ON "cash_receipts" ("store_id", "pg_receipt_id" NULLS FIRST);
