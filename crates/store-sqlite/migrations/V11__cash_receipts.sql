-- Cash receipts.

CREATE TABLE cash_receipts (
    store_id TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    merchant_id TEXT,
    status TEXT,
    issued_at INTEGER,
    cancelled_at INTEGER,
    status_changed_at INTEGER,
    is_test INTEGER,
    is_manual INTEGER,
    receipt_type TEXT,
    order_name TEXT,
    pg_receipt_id TEXT,
    pg_merchant_id TEXT,
    pg_provider TEXT,
    pg_company TEXT,
    portone_version TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, payment_id)
) STRICT;

CREATE INDEX cash_receipts__store_id__issued_at__payment_id
    ON cash_receipts (store_id, issued_at, payment_id);

CREATE INDEX cash_receipts__store_id__cancelled_at__payment_id
    ON cash_receipts (store_id, cancelled_at, payment_id);

CREATE INDEX cash_receipts__store_id__status_changed_at__payment_id
    ON cash_receipts (store_id, status_changed_at, payment_id);

CREATE INDEX cash_receipts__store_id__pg_receipt_id
    ON cash_receipts (store_id, pg_receipt_id);
