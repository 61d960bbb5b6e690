-- What customers authenticated in payment windows, sealed: kept from their return until the attempt
-- has its end.
CREATE TABLE authentications (
    order_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    store_id TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (order_id)
) STRICT;
