-- Lists at any size, cursors and analytics: what is written behind a payment's commit.

CREATE TABLE payment_facts (
    store_id TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER,
    profile TEXT,
    created_at INTEGER,
    status_changed_at INTEGER,
    cash_receipt_issued_at INTEGER,
    cash_receipt_cancelled_at INTEGER,
    amount INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, payment_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX payment_facts__store_id__position
    ON payment_facts (store_id, position);

CREATE INDEX payment_facts__store_id__profile__created_at__payment_id
    ON payment_facts (store_id, profile, created_at, payment_id);

CREATE INDEX payment_facts__store_id__profile__status_changed_at__payment_id
    ON payment_facts (store_id, profile, status_changed_at, payment_id);

CREATE INDEX payment_facts__store_id__cash_receipt_issued_at
    ON payment_facts (store_id, cash_receipt_issued_at) WHERE cash_receipt_issued_at IS NOT NULL;

CREATE INDEX payment_facts__store_id__cash_receipt_cancelled_at
    ON payment_facts (store_id, cash_receipt_cancelled_at) WHERE cash_receipt_cancelled_at IS NOT NULL;

CREATE TABLE payment_profiles (
    store_id TEXT NOT NULL,
    profile TEXT NOT NULL,
    version INTEGER NOT NULL,
    status TEXT,
    method TEXT,
    pg_provider TEXT,
    is_test INTEGER,
    is_scheduled INTEGER,
    portone_version TEXT,
    platform_type TEXT,
    currency TEXT,
    is_escrow INTEGER,
    escrow_status TEXT,
    card_brand TEXT,
    card_type TEXT,
    card_owner_type TEXT,
    gift_certificate_type TEXT,
    cash_receipt_type TEXT,
    cash_receipt_status TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, profile)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
    store_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    version INTEGER NOT NULL,
    merchant_id TEXT,
    payment_id TEXT,
    recorded_at INTEGER,
    money_at INTEGER,
    currency TEXT,
    amount INTEGER,
    is_test INTEGER,
    method TEXT,
    card_company TEXT,
    easy_pay_provider TEXT,
    pg_company TEXT,
    customer INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX ledger__merchant_id__position
    ON ledger (merchant_id, position);

CREATE INDEX ledger__store_id__currency__money_at__position
    ON ledger (store_id, currency, money_at, position);

CREATE TABLE ledger_heads (
    merchant_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (merchant_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX webhooks__store_id__status__triggered_at
    ON webhooks (store_id, status, triggered_at);

CREATE INDEX billing_keys__store_id__deleted_at
    ON billing_keys (store_id, deleted_at) WHERE deleted_at IS NOT NULL;

CREATE INDEX billing_keys__store_id__customer_id__requested_at
    ON billing_keys (store_id, customer_id, requested_at) WHERE customer_id IS NOT NULL;

CREATE INDEX billing_keys__store_id__channel_group_id__requested_at
    ON billing_keys (store_id, channel_group_id, requested_at) WHERE channel_group_id IS NOT NULL;

-- Payments made before are written to them by the worker.
UPDATE payments SET needs_index = 1;
