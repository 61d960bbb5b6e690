-- Every table of `naru_store::tables`: key columns, `version`, named columns, `body`; a test compares.
-- STRICT, so that a value of another type is an error here as it is elsewhere. Tables with small
-- rows have no rowid; the others keep their body out of the key's tree, where rows are appended.

CREATE TABLE settings (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;

CREATE TABLE stores (
    store_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    merchant_id TEXT,
    parent_id TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id)
) STRICT;

CREATE INDEX stores__parent_id ON stores (parent_id);

CREATE TABLE api_secrets (
    hash TEXT NOT NULL,
    version INTEGER NOT NULL,
    store_id TEXT,
    secret_id TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (hash)
) STRICT;

CREATE INDEX api_secrets__store_id ON api_secrets (store_id);

CREATE INDEX api_secrets__secret_id ON api_secrets (secret_id);

CREATE TABLE sessions (
    secret_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (secret_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE channels (
    channel_key TEXT NOT NULL,
    version INTEGER NOT NULL,
    store_id TEXT,
    channel_id TEXT,
    pg TEXT,
    pg_merchant_id TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (channel_key)
) STRICT;

CREATE INDEX channels__store_id ON channels (store_id);

CREATE INDEX channels__channel_id ON channels (channel_id);

CREATE INDEX channels__pg__pg_merchant_id ON channels (pg, pg_merchant_id);

CREATE TABLE webhook_endpoints (
    store_id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, endpoint_id)
) STRICT;

CREATE TABLE payments (
    store_id TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    merchant_id TEXT,
    tx_id TEXT,
    created_at INTEGER,
    status_changed_at INTEGER,
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
    cash_receipt_issued_at INTEGER,
    cash_receipt_cancelled_at INTEGER,
    needs_index INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, payment_id)
) STRICT;

CREATE INDEX payments__store_id__created_at__payment_id
    ON payments (store_id, created_at, payment_id);

CREATE INDEX payments__store_id__status_changed_at__payment_id
    ON payments (store_id, status_changed_at, payment_id);

CREATE INDEX payments__store_id__status__status_changed_at__payment_id
    ON payments (store_id, status, status_changed_at, payment_id);

CREATE INDEX payments__needs_index ON payments (needs_index) WHERE needs_index IS NOT NULL;

CREATE TABLE pre_registrations (
    store_id TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, payment_id)
) STRICT;

CREATE TABLE attempts (
    order_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    store_id TEXT,
    payment_id TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (order_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    store_id TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER,
    kind TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, subject_id, sequence)
) STRICT;

CREATE TABLE billing_keys (
    store_id TEXT NOT NULL,
    billing_key TEXT NOT NULL,
    version INTEGER NOT NULL,
    merchant_id TEXT,
    status TEXT,
    requested_at INTEGER,
    issued_at INTEGER,
    deleted_at INTEGER,
    status_at INTEGER,
    method TEXT,
    pg_provider TEXT,
    pg_company TEXT,
    customer_id TEXT,
    channel_group_id TEXT,
    platform_type TEXT,
    portone_version TEXT,
    needs_index INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, billing_key)
) STRICT;

CREATE INDEX billing_keys__store_id__requested_at ON billing_keys (store_id, requested_at);

CREATE INDEX billing_keys__store_id__issued_at ON billing_keys (store_id, issued_at);

CREATE INDEX billing_keys__store_id__status_at ON billing_keys (store_id, status_at);

CREATE INDEX billing_keys__needs_index ON billing_keys (needs_index) WHERE needs_index IS NOT NULL;

CREATE TABLE search (
    store_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, subject, subject_id, field, value)
) STRICT, WITHOUT ROWID;

CREATE INDEX search__store_id__subject__field__value ON search (store_id, subject, field, value);

CREATE TABLE jobs (
    job_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    queue TEXT,
    lane TEXT,
    due_at INTEGER,
    lease_until INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (job_id)
) STRICT;

CREATE INDEX jobs__queue__due_at ON jobs (queue, due_at);

CREATE TABLE idempotency (
    record_key TEXT NOT NULL,
    version INTEGER NOT NULL,
    expires_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (record_key)
) STRICT;

CREATE INDEX idempotency__expires_at ON idempotency (expires_at);

CREATE TABLE webhooks (
    store_id TEXT NOT NULL,
    webhook_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    subject_id TEXT,
    triggered_at INTEGER,
    status TEXT,
    payment_status TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, webhook_id)
) STRICT;

CREATE INDEX webhooks__store_id__subject_id ON webhooks (store_id, subject_id);

CREATE TABLE notices (
    pg TEXT NOT NULL,
    pg_merchant_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    order_id TEXT,
    state TEXT,
    received_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (pg, pg_merchant_id, event_id)
) STRICT;

CREATE INDEX notices__order_id ON notices (order_id);

CREATE TABLE discrepancies (
    discrepancy_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    store_id TEXT,
    payment_id TEXT,
    at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (discrepancy_id)
) STRICT;

CREATE INDEX discrepancies__store_id__payment_id ON discrepancies (store_id, payment_id);

-- Internal: the units that were committed, by id, so that a retry changes nothing (design 2a.4).
CREATE TABLE units (
    unit_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (unit_id)
) STRICT, WITHOUT ROWID;
