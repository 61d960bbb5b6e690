-- Settlements of PGs, the comparison of books, and the differences that it found.

CREATE TABLE enrolments (
    store_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id)
) STRICT;

CREATE TABLE settlement_days (
    owner_id TEXT NOT NULL,
    pg TEXT NOT NULL,
    pg_merchant_id TEXT NOT NULL,
    settled_on TEXT NOT NULL,
    part TEXT NOT NULL,
    version INTEGER NOT NULL,
    batch_id TEXT,
    unmatched INTEGER,
    rematch_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (owner_id, pg, pg_merchant_id, settled_on, part)
) STRICT;

CREATE INDEX settlement_days__batch_id ON settlement_days (batch_id);

CREATE INDEX settlement_days__rematch_at ON settlement_days (rematch_at);

CREATE TABLE settlement_batches (
    owner_id TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT,
    at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (owner_id, batch_id)
) STRICT;

CREATE INDEX settlement_batches__state__at ON settlement_batches (state, at);

CREATE TABLE settlement_lines (
    owner_id TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    store_id TEXT,
    pg TEXT,
    pg_merchant_id TEXT,
    pg_tx_id TEXT,
    settled_on TEXT,
    transacted_on TEXT,
    status TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (owner_id, batch_id, number)
) STRICT;

CREATE INDEX settlement_lines__owner_id__pg_tx_id ON settlement_lines (owner_id, pg_tx_id);

CREATE INDEX settlement_lines__store_id__settled_on ON settlement_lines (store_id, settled_on);

CREATE INDEX settlement_lines__store_id__transacted_on ON settlement_lines (store_id, transacted_on);

CREATE TABLE settlement_totals (
    owner_id TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    store_id TEXT,
    pg TEXT,
    pg_merchant_id TEXT,
    settled_on TEXT,
    transacted_on TEXT,
    status TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (owner_id, batch_id, number)
) STRICT;

CREATE INDEX settlement_totals__store_id__settled_on ON settlement_totals (store_id, settled_on);

CREATE INDEX settlement_totals__store_id__transacted_on ON settlement_totals (store_id, transacted_on);

CREATE TABLE comparisons (
    store_id TEXT NOT NULL,
    visit INTEGER NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, visit)
) STRICT;

CREATE TABLE differences (
    store_id TEXT NOT NULL,
    difference_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    payment_id TEXT,
    channel_key TEXT,
    state TEXT,
    kind TEXT,
    found_at INTEGER,
    checked_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, difference_id)
) STRICT;

CREATE INDEX differences__store_id__payment_id ON differences (store_id, payment_id);

CREATE INDEX differences__store_id__found_at ON differences (store_id, found_at);

CREATE INDEX differences__state__kind ON differences (state, kind);

CREATE INDEX differences__store_id__state__checked_at ON differences (store_id, state, checked_at);
