-- Promotions with their budgets, card prefixes, checkout profiles, payment sessions.

CREATE TABLE "promotions" (
    "promotion_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "store_id" TEXT COLLATE "C",
    "created_at" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("promotion_id")
);
CREATE INDEX "promotions_store_id_created_at"
    ON "promotions" ("store_id" NULLS FIRST, "created_at" NULLS FIRST);

CREATE TABLE "promotion_budgets" (
    "promotion_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "spent" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("promotion_id")
);

CREATE TABLE "card_bins" (
    "bin" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY ("bin")
);

CREATE TABLE "checkout_profiles" (
    "profile_key" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "store_id" TEXT COLLATE "C",
    "created_at" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("profile_key")
);
CREATE INDEX "checkout_profiles_store_id_created_at"
    ON "checkout_profiles" ("store_id" NULLS FIRST, "created_at" NULLS FIRST);

CREATE TABLE "payment_sessions" (
    "session_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "store_id" TEXT COLLATE "C",
    "ends_at" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("session_id")
);
CREATE INDEX "payment_sessions_ends_at"
    ON "payment_sessions" ("ends_at" NULLS FIRST);
