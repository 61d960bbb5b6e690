-- What customers authenticated in payment windows, sealed: kept from their return until the attempt
-- has its end.
CREATE TABLE "authentications" (
    "order_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "store_id" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("order_id")
);
