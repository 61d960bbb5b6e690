-- Settlements of PGs, the comparison of books, and the differences that it found.

CREATE TABLE "enrolments" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id")
);

CREATE TABLE "settlement_days" (
    "owner_id" TEXT COLLATE "C" NOT NULL,
    "pg" TEXT COLLATE "C" NOT NULL,
    "pg_merchant_id" TEXT COLLATE "C" NOT NULL,
    "settled_on" TEXT COLLATE "C" NOT NULL,
    "part" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "batch_id" TEXT COLLATE "C",
    "unmatched" BIGINT,
    "rematch_at" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("owner_id", "pg", "pg_merchant_id", "settled_on", "part")
);
CREATE INDEX "settlement_days_batch_id"
    ON "settlement_days" ("batch_id" NULLS FIRST);
CREATE INDEX "settlement_days_rematch_at"
    ON "settlement_days" ("rematch_at" NULLS FIRST);

CREATE TABLE "settlement_batches" (
    "owner_id" TEXT COLLATE "C" NOT NULL,
    "batch_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "state" TEXT COLLATE "C",
    "at" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("owner_id", "batch_id")
);
CREATE INDEX "settlement_batches_state_at"
    ON "settlement_batches" ("state" NULLS FIRST, "at" NULLS FIRST);

CREATE TABLE "settlement_lines" (
    "owner_id" TEXT COLLATE "C" NOT NULL,
    "batch_id" TEXT COLLATE "C" NOT NULL,
    "number" BIGINT NOT NULL,
    version BIGINT NOT NULL,
    "store_id" TEXT COLLATE "C",
    "pg" TEXT COLLATE "C",
    "pg_merchant_id" TEXT COLLATE "C",
    "pg_tx_id" TEXT COLLATE "C",
    "settled_on" TEXT COLLATE "C",
    "transacted_on" TEXT COLLATE "C",
    "status" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("owner_id", "batch_id", "number")
);
CREATE INDEX "settlement_lines_owner_id_pg_tx_id"
    ON "settlement_lines" ("owner_id", "pg_tx_id" NULLS FIRST);
CREATE INDEX "settlement_lines_store_id_settled_on"
    ON "settlement_lines" ("store_id" NULLS FIRST, "settled_on" NULLS FIRST);
CREATE INDEX "settlement_lines_store_id_transacted_on"
    ON "settlement_lines" ("store_id" NULLS FIRST, "transacted_on" NULLS FIRST);

CREATE TABLE "settlement_totals" (
    "owner_id" TEXT COLLATE "C" NOT NULL,
    "batch_id" TEXT COLLATE "C" NOT NULL,
    "number" BIGINT NOT NULL,
    version BIGINT NOT NULL,
    "store_id" TEXT COLLATE "C",
    "pg" TEXT COLLATE "C",
    "pg_merchant_id" TEXT COLLATE "C",
    "settled_on" TEXT COLLATE "C",
    "transacted_on" TEXT COLLATE "C",
    "status" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("owner_id", "batch_id", "number")
);
CREATE INDEX "settlement_totals_store_id_settled_on"
    ON "settlement_totals" ("store_id" NULLS FIRST, "settled_on" NULLS FIRST);
CREATE INDEX "settlement_totals_store_id_transacted_on"
    ON "settlement_totals" ("store_id" NULLS FIRST, "transacted_on" NULLS FIRST);

CREATE TABLE "comparisons" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "visit" BIGINT NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "visit")
);

CREATE TABLE "differences" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "difference_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "payment_id" TEXT COLLATE "C",
    "channel_key" TEXT COLLATE "C",
    "state" TEXT COLLATE "C",
    "kind" TEXT COLLATE "C",
    "found_at" BIGINT,
    "checked_at" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "difference_id")
);
CREATE INDEX "differences_store_id_payment_id"
    ON "differences" ("store_id", "payment_id" NULLS FIRST);
CREATE INDEX "differences_store_id_found_at"
    ON "differences" ("store_id", "found_at" NULLS FIRST);
CREATE INDEX "differences_state_kind"
    ON "differences" ("state" NULLS FIRST, "kind" NULLS FIRST);
CREATE INDEX "differences_store_id_state_checked_at"
    ON "differences" ("store_id", "state" NULLS FIRST, "checked_at" NULLS FIRST);
