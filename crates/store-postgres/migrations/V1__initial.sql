-- The first schema: every table of `naru_store::tables::ALL`, in its order, and the units.
--
-- Texts compare by bytes (COLLATE "C"), as they do in every backend. Times are microseconds since
-- 1970. No sequences, no foreign keys, no deferred constraints (design 2.6). Columns other than
-- the key may be null, and nulls come first: that is the order `Store::scan` promises, so the
-- indexes have it too. A shipped file is never edited: the next change is V2.

-- Ids of the units that were committed. The row is written first in its unit and in the same
-- transaction, so a retry either finds it or waits for the transaction that writes it
-- (design 2a.4). Rows are dropped after a while, by `recorded_at`.
CREATE TABLE units (
    id UUID PRIMARY KEY,
    recorded_at BIGINT NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT
);
CREATE INDEX units_recorded_at ON units (recorded_at);

CREATE TABLE "settings" (
    "name" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY ("name")
);

CREATE TABLE "stores" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "merchant_id" TEXT COLLATE "C",
    "parent_id" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id")
);
CREATE INDEX "stores_parent_id"
    ON "stores" ("parent_id" NULLS FIRST);

CREATE TABLE "api_secrets" (
    "hash" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "store_id" TEXT COLLATE "C",
    "secret_id" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("hash")
);
CREATE INDEX "api_secrets_store_id"
    ON "api_secrets" ("store_id" NULLS FIRST);
CREATE INDEX "api_secrets_secret_id"
    ON "api_secrets" ("secret_id" NULLS FIRST);

CREATE TABLE "sessions" (
    "secret_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY ("secret_id")
);

CREATE TABLE "channels" (
    "channel_key" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "store_id" TEXT COLLATE "C",
    "channel_id" TEXT COLLATE "C",
    "pg" TEXT COLLATE "C",
    "pg_merchant_id" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("channel_key")
);
CREATE INDEX "channels_store_id"
    ON "channels" ("store_id" NULLS FIRST);
CREATE INDEX "channels_channel_id"
    ON "channels" ("channel_id" NULLS FIRST);
CREATE INDEX "channels_pg_pg_merchant_id"
    ON "channels" ("pg" NULLS FIRST, "pg_merchant_id" NULLS FIRST);

CREATE TABLE "webhook_endpoints" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "endpoint_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "endpoint_id")
);

CREATE TABLE "payments" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "payment_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "merchant_id" TEXT COLLATE "C",
    "tx_id" TEXT COLLATE "C",
    "created_at" BIGINT,
    "status_changed_at" BIGINT,
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
    "cash_receipt_issued_at" BIGINT,
    "cash_receipt_cancelled_at" BIGINT,
    "needs_index" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "payment_id")
);
CREATE INDEX "payments_store_id_created_at_payment_id"
    ON "payments" ("store_id", "created_at" NULLS FIRST, "payment_id");
CREATE INDEX "payments_store_id_status_changed_at_payment_id"
    ON "payments" ("store_id", "status_changed_at" NULLS FIRST, "payment_id");
CREATE INDEX "payments_store_id_status_status_changed_at_payment_id"
    ON "payments"
    ("store_id", "status" NULLS FIRST, "status_changed_at" NULLS FIRST, "payment_id");
CREATE INDEX "payments_needs_index"
    ON "payments" ("needs_index" NULLS FIRST);

CREATE TABLE "pre_registrations" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "payment_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "payment_id")
);

CREATE TABLE "attempts" (
    "order_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "store_id" TEXT COLLATE "C",
    "payment_id" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("order_id")
);

CREATE TABLE "events" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "subject_id" TEXT COLLATE "C" NOT NULL,
    "sequence" BIGINT NOT NULL,
    version BIGINT NOT NULL,
    "at" BIGINT,
    "kind" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "subject_id", "sequence")
);

CREATE TABLE "billing_keys" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "billing_key" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "merchant_id" TEXT COLLATE "C",
    "status" TEXT COLLATE "C",
    "requested_at" BIGINT,
    "issued_at" BIGINT,
    "deleted_at" BIGINT,
    "status_at" BIGINT,
    "method" TEXT COLLATE "C",
    "pg_provider" TEXT COLLATE "C",
    "pg_company" TEXT COLLATE "C",
    "customer_id" TEXT COLLATE "C",
    "channel_group_id" TEXT COLLATE "C",
    "platform_type" TEXT COLLATE "C",
    "portone_version" TEXT COLLATE "C",
    "needs_index" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "billing_key")
);
CREATE INDEX "billing_keys_store_id_requested_at"
    ON "billing_keys" ("store_id", "requested_at" NULLS FIRST);
CREATE INDEX "billing_keys_store_id_issued_at"
    ON "billing_keys" ("store_id", "issued_at" NULLS FIRST);
CREATE INDEX "billing_keys_store_id_status_at"
    ON "billing_keys" ("store_id", "status_at" NULLS FIRST);
CREATE INDEX "billing_keys_needs_index"
    ON "billing_keys" ("needs_index" NULLS FIRST);

CREATE TABLE "search" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "subject" TEXT COLLATE "C" NOT NULL,
    "subject_id" TEXT COLLATE "C" NOT NULL,
    "field" TEXT COLLATE "C" NOT NULL,
    "value" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "subject", "subject_id", "field", "value")
);
CREATE INDEX "search_store_id_subject_field_value"
    ON "search" ("store_id", "subject", "field", "value");

CREATE TABLE "jobs" (
    "job_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "queue" TEXT COLLATE "C",
    "lane" TEXT COLLATE "C",
    "due_at" BIGINT,
    "lease_until" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("job_id")
);
CREATE INDEX "jobs_queue_due_at"
    ON "jobs" ("queue" NULLS FIRST, "due_at" NULLS FIRST);

CREATE TABLE "idempotency" (
    "record_key" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "expires_at" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("record_key")
);
CREATE INDEX "idempotency_expires_at"
    ON "idempotency" ("expires_at" NULLS FIRST);

CREATE TABLE "webhooks" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "webhook_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "subject_id" TEXT COLLATE "C",
    "triggered_at" BIGINT,
    "status" TEXT COLLATE "C",
    "payment_status" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "webhook_id")
);
CREATE INDEX "webhooks_store_id_subject_id"
    ON "webhooks" ("store_id", "subject_id" NULLS FIRST);

CREATE TABLE "notices" (
    "pg" TEXT COLLATE "C" NOT NULL,
    "pg_merchant_id" TEXT COLLATE "C" NOT NULL,
    "event_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "order_id" TEXT COLLATE "C",
    "state" TEXT COLLATE "C",
    "received_at" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("pg", "pg_merchant_id", "event_id")
);
CREATE INDEX "notices_order_id"
    ON "notices" ("order_id" NULLS FIRST);

CREATE TABLE "discrepancies" (
    "discrepancy_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "store_id" TEXT COLLATE "C",
    "payment_id" TEXT COLLATE "C",
    "at" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("discrepancy_id")
);
CREATE INDEX "discrepancies_store_id_payment_id"
    ON "discrepancies" ("store_id" NULLS FIRST, "payment_id" NULLS FIRST);
