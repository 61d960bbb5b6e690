-- The double-entry journal. A row takes its amount from one account to another, so it balances by
-- itself; one that does not is refused, and so is a change of one that is there.
CREATE TABLE "journal" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "subject" TEXT COLLATE "C" NOT NULL,
    "posting" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "debit" TEXT COLLATE "C",
    "credit" TEXT COLLATE "C",
    "amount" BIGINT,
    "currency" TEXT COLLATE "C",
    "at" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "subject", "posting"),
    CONSTRAINT journal__accounts
        CHECK (debit IS NOT NULL AND credit IS NOT NULL AND debit <> credit),
    CONSTRAINT journal__amount CHECK (amount IS NOT NULL AND amount > 0),
    CONSTRAINT journal__whole CHECK (currency IS NOT NULL AND "at" IS NOT NULL AND version = 1)
);

CREATE FUNCTION journal__refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is only added to' USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER journal__no_change BEFORE UPDATE OR DELETE ON "journal"
    FOR EACH ROW EXECUTE FUNCTION journal__refuse();

CREATE TRIGGER journal__no_truncate BEFORE TRUNCATE ON "journal"
    FOR EACH STATEMENT EXECUTE FUNCTION journal__refuse();

-- What happened before is posted by a worker, from the beginning on.
INSERT INTO "settings" ("name", version, body)
SELECT 'journal_fill', 1, '{"name":"journal_fill","value":""}'
WHERE EXISTS (SELECT 1 FROM "payments") OR EXISTS (SELECT 1 FROM "settlement_days");
