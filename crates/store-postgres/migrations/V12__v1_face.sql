-- The V1 face: keys, tokens, and the ids of attempts made there.

CREATE TABLE "v1_keys" (
    "imp_key" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "store_id" TEXT COLLATE "C",
    "key_id" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("imp_key")
);
CREATE INDEX "v1_keys_store_id"
    ON "v1_keys" ("store_id" NULLS FIRST);
CREATE INDEX "v1_keys_key_id"
    ON "v1_keys" ("key_id" NULLS FIRST);

CREATE TABLE "v1_tokens" (
    "imp_key" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "token_hash" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("imp_key")
);
CREATE INDEX "v1_tokens_token_hash"
    ON "v1_tokens" ("token_hash" NULLS FIRST);

CREATE TABLE "imp_uids" (
    "imp_uid" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "store_id" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("imp_uid")
);
