-- What the V1 browser SDK names a store by (`IMP.init`).
CREATE TABLE "user_codes" (
    "user_code" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "store_id" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("user_code")
);
