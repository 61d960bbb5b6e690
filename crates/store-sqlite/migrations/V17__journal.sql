-- The double-entry journal. A row takes its amount from one account to another, so it balances by
-- itself; one that does not is refused, and so is a change of one that is there.
CREATE TABLE journal (
    store_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    posting TEXT NOT NULL,
    version INTEGER NOT NULL,
    debit TEXT,
    credit TEXT,
    amount INTEGER,
    currency TEXT,
    at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, subject, posting),
    CHECK (debit IS NOT NULL AND credit IS NOT NULL AND debit <> credit),
    CHECK (amount IS NOT NULL AND amount > 0),
    CHECK (currency IS NOT NULL AND at IS NOT NULL AND version = 1)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER journal__no_update BEFORE UPDATE ON journal
BEGIN
    SELECT RAISE(ABORT, 'the journal is only added to');
END;

CREATE TRIGGER journal__no_delete BEFORE DELETE ON journal
BEGIN
    SELECT RAISE(ABORT, 'the journal is only added to');
END;

-- What happened before is posted by a worker, from the beginning on.
INSERT INTO settings (name, version, body)
SELECT 'journal_fill', 1, '{"name":"journal_fill","value":""}'
WHERE EXISTS (SELECT 1 FROM payments) OR EXISTS (SELECT 1 FROM settlement_days);
