-- Identity verifications, and the count of messages by address.

CREATE TABLE identity_verifications (
    store_id TEXT NOT NULL,
    verification_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    merchant_id TEXT,
    status TEXT,
    requested_at INTEGER,
    verified_at INTEGER,
    failed_at INTEGER,
    status_changed_at INTEGER,
    is_test INTEGER,
    pg_tx_id TEXT,
    pg_merchant_id TEXT,
    pg_provider TEXT,
    pg_company TEXT,
    carrier TEXT,
    portone_version TEXT,
    name_key TEXT,
    birth_year_key TEXT,
    birth_month_key TEXT,
    birth_day_key TEXT,
    phone_number_key TEXT,
    gender_key TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, verification_id)
) STRICT;

CREATE INDEX identity_verifications__store_id__requested_at__verification_id
    ON identity_verifications (store_id, requested_at, verification_id);

CREATE INDEX identity_verifications__store_id__verified_at__verification_id
    ON identity_verifications (store_id, verified_at, verification_id);

CREATE INDEX identity_verifications__store_id__failed_at__verification_id
    ON identity_verifications (store_id, failed_at, verification_id);

CREATE INDEX identity_verifications__store_id__status_changed_at__verification_id
    ON identity_verifications (store_id, status_changed_at, verification_id);

CREATE INDEX identity_verifications__store_id__phone_number_key
    ON identity_verifications (store_id, phone_number_key);

CREATE TABLE identity_rates (
    store_id TEXT NOT NULL,
    address_key TEXT NOT NULL,
    version INTEGER NOT NULL,
    expires_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, address_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX identity_rates__expires_at ON identity_rates (expires_at);
