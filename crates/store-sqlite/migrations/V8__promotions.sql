-- Promotions with their budgets, card prefixes, checkout profiles, payment sessions.

CREATE TABLE promotions (
    promotion_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    store_id TEXT,
    created_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (promotion_id)
) STRICT;

CREATE INDEX promotions__store_id__created_at ON promotions (store_id, created_at);

CREATE TABLE promotion_budgets (
    promotion_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    spent INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (promotion_id)
) STRICT;

CREATE TABLE card_bins (
    bin TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (bin)
) STRICT;

CREATE TABLE checkout_profiles (
    profile_key TEXT NOT NULL,
    version INTEGER NOT NULL,
    store_id TEXT,
    created_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (profile_key)
) STRICT;

CREATE INDEX checkout_profiles__store_id__created_at ON checkout_profiles (store_id, created_at);

CREATE TABLE payment_sessions (
    session_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    store_id TEXT,
    ends_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (session_id)
) STRICT;

CREATE INDEX payment_sessions__ends_at ON payment_sessions (ends_at);
