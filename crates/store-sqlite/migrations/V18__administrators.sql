-- The audit log: every administrative act, as it began and as it ended. A change of a row that is
-- there is refused.
CREATE TABLE acts (
    act_id TEXT NOT NULL,
    step INTEGER NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER,
    actor TEXT,
    operation TEXT,
    store_id TEXT,
    outcome TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (act_id, step),
    CHECK (version = 1),
    CHECK (at IS NOT NULL AND actor IS NOT NULL AND operation IS NOT NULL),
    CHECK (outcome IS NOT NULL AND (step = 0 OR outcome <> 'begun'))
) STRICT, WITHOUT ROWID;
CREATE INDEX acts_actor_act_id ON acts (actor, act_id);
CREATE INDEX acts_store_id_act_id ON acts (store_id, act_id);

CREATE TRIGGER acts__no_update BEFORE UPDATE ON acts
BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;

CREATE TRIGGER acts__no_delete BEFORE DELETE ON acts
BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;

-- Who may log in to the console.
CREATE TABLE administrators (
    email TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (email)
) STRICT;

CREATE TABLE console_sessions (
    token_hash TEXT NOT NULL,
    version INTEGER NOT NULL,
    email TEXT,
    expires_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (token_hash)
) STRICT;
CREATE INDEX console_sessions_email ON console_sessions (email);
CREATE INDEX console_sessions_expires_at ON console_sessions (expires_at);

CREATE TABLE log_in_counts (
    email TEXT NOT NULL,
    address TEXT NOT NULL,
    version INTEGER NOT NULL,
    expires_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (email, address)
) STRICT;
CREATE INDEX log_in_counts_expires_at ON log_in_counts (expires_at);
