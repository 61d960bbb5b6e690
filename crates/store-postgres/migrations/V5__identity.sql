-- Identity verifications, and the count of messages by address.

CREATE TABLE "identity_verifications" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "verification_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "merchant_id" TEXT COLLATE "C",
    "status" TEXT COLLATE "C",
    "requested_at" BIGINT,
    "verified_at" BIGINT,
    "failed_at" BIGINT,
    "status_changed_at" BIGINT,
    "is_test" BIGINT,
    "pg_tx_id" TEXT COLLATE "C",
    "pg_merchant_id" TEXT COLLATE "C",
    "pg_provider" TEXT COLLATE "C",
    "pg_company" TEXT COLLATE "C",
    "carrier" TEXT COLLATE "C",
    "portone_version" TEXT COLLATE "C",
    "name_key" TEXT COLLATE "C",
    "birth_year_key" TEXT COLLATE "C",
    "birth_month_key" TEXT COLLATE "C",
    "birth_day_key" TEXT COLLATE "C",
    "phone_number_key" TEXT COLLATE "C",
    "gender_key" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "verification_id")
);
CREATE INDEX "identity_verifications_store_id_requested_at_verification_id"
    ON "identity_verifications" ("store_id", "requested_at" NULLS FIRST, "verification_id");
CREATE INDEX "identity_verifications_store_id_verified_at_verification_id"
    ON "identity_verifications" ("store_id", "verified_at" NULLS FIRST, "verification_id");
CREATE INDEX "identity_verifications_store_id_failed_at_verification_id"
    ON "identity_verifications" ("store_id", "failed_at" NULLS FIRST, "verification_id");
CREATE INDEX "identity_verifications_store_id_status_changed_at"
    ON "identity_verifications" ("store_id", "status_changed_at" NULLS FIRST, "verification_id");
CREATE INDEX "identity_verifications_store_id_phone_number_key"
    ON "identity_verifications" ("store_id", "phone_number_key" NULLS FIRST);

CREATE TABLE "identity_rates" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "address_key" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "expires_at" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "address_key")
);
CREATE INDEX "identity_rates_expires_at"
    ON "identity_rates" ("expires_at" NULLS FIRST);
