-- The V1 face: keys, tokens, and the ids of attempts made there.

CREATE TABLE v1_keys (
    imp_key TEXT NOT NULL,
    version INTEGER NOT NULL,
    store_id TEXT,
    key_id TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (imp_key)
) STRICT;

CREATE INDEX v1_keys__store_id ON v1_keys (store_id);
CREATE INDEX v1_keys__key_id ON v1_keys (key_id);

CREATE TABLE v1_tokens (
    imp_key TEXT NOT NULL,
    version INTEGER NOT NULL,
    token_hash TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (imp_key)
) STRICT;

CREATE INDEX v1_tokens__token_hash ON v1_tokens (token_hash);

CREATE TABLE imp_uids (
    imp_uid TEXT NOT NULL,
    version INTEGER NOT NULL,
    store_id TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (imp_uid)
) STRICT;
