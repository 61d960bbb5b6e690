-- What the V1 browser SDK names a store by (`IMP.init`).
CREATE TABLE user_codes (
    user_code TEXT NOT NULL,
    version INTEGER NOT NULL,
    store_id TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (user_code)
) STRICT;
