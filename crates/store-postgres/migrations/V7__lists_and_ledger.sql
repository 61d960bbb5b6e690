-- Lists at any size, cursors and analytics: what is written behind a payment's commit.

CREATE TABLE "payment_facts" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "payment_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "position" BIGINT,
    "profile" TEXT COLLATE "C",
    "created_at" BIGINT,
    "status_changed_at" BIGINT,
    "cash_receipt_issued_at" BIGINT,
    "cash_receipt_cancelled_at" BIGINT,
    "amount" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "payment_id")
);

CREATE INDEX "payment_facts_store_id_position"
    ON "payment_facts" ("store_id", "position" NULLS FIRST);

CREATE INDEX "payment_facts_store_id_profile_created_at_payment_id"
    ON "payment_facts" ("store_id", "profile" NULLS FIRST, "created_at" NULLS FIRST, "payment_id");

CREATE INDEX "payment_facts_store_id_profile_status_changed_at_payment_id"
    ON "payment_facts" ("store_id", "profile" NULLS FIRST, "status_changed_at" NULLS FIRST, "payment_id");

CREATE INDEX "payment_facts_store_id_cash_receipt_issued_at"
    ON "payment_facts" ("store_id", "cash_receipt_issued_at" NULLS FIRST) WHERE "cash_receipt_issued_at" IS NOT NULL;

CREATE INDEX "payment_facts_store_id_cash_receipt_cancelled_at"
    ON "payment_facts" ("store_id", "cash_receipt_cancelled_at" NULLS FIRST) WHERE "cash_receipt_cancelled_at" IS NOT NULL;

CREATE TABLE "payment_profiles" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "profile" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "status" TEXT COLLATE "C",
    "method" TEXT COLLATE "C",
    "pg_provider" TEXT COLLATE "C",
    "is_test" BIGINT,
    "is_scheduled" BIGINT,
    "portone_version" TEXT COLLATE "C",
    "platform_type" TEXT COLLATE "C",
    "currency" TEXT COLLATE "C",
    "is_escrow" BIGINT,
    "escrow_status" TEXT COLLATE "C",
    "card_brand" TEXT COLLATE "C",
    "card_type" TEXT COLLATE "C",
    "card_owner_type" TEXT COLLATE "C",
    "gift_certificate_type" TEXT COLLATE "C",
    "cash_receipt_type" TEXT COLLATE "C",
    "cash_receipt_status" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "profile")
);

CREATE TABLE "ledger" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "position" BIGINT NOT NULL,
    version BIGINT NOT NULL,
    "merchant_id" TEXT COLLATE "C",
    "payment_id" TEXT COLLATE "C",
    "recorded_at" BIGINT,
    "money_at" BIGINT,
    "currency" TEXT COLLATE "C",
    "amount" BIGINT,
    "is_test" BIGINT,
    "method" TEXT COLLATE "C",
    "card_company" TEXT COLLATE "C",
    "easy_pay_provider" TEXT COLLATE "C",
    "pg_company" TEXT COLLATE "C",
    "customer" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "position")
);

CREATE INDEX "ledger_merchant_id_position"
    ON "ledger" ("merchant_id" NULLS FIRST, "position");

CREATE INDEX "ledger_store_id_currency_money_at_position"
    ON "ledger" ("store_id", "currency" NULLS FIRST, "money_at" NULLS FIRST, "position");

CREATE TABLE "ledger_heads" (
    "merchant_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY ("merchant_id")
);

CREATE INDEX "webhooks_store_id_status_triggered_at"
    ON "webhooks" ("store_id", "status" NULLS FIRST, "triggered_at" NULLS FIRST);

CREATE INDEX "billing_keys_store_id_deleted_at"
    ON "billing_keys" ("store_id", "deleted_at" NULLS FIRST) WHERE "deleted_at" IS NOT NULL;

CREATE INDEX "billing_keys_store_id_customer_id_requested_at"
    ON "billing_keys" ("store_id", "customer_id" NULLS FIRST, "requested_at" NULLS FIRST) WHERE "customer_id" IS NOT NULL;

CREATE INDEX "billing_keys_store_id_channel_group_id_requested_at"
    ON "billing_keys" ("store_id", "channel_group_id" NULLS FIRST, "requested_at" NULLS FIRST) WHERE "channel_group_id" IS NOT NULL;

-- Payments made before are written to them by the worker.
UPDATE "payments" SET "needs_index" = 1;
