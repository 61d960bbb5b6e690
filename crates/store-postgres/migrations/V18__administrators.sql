-- The audit log: every administrative act, as it began and as it ended. A change of a row that is
-- there is refused.
CREATE TABLE "acts" (
    "act_id" TEXT COLLATE "C" NOT NULL,
    "step" BIGINT NOT NULL,
    version BIGINT NOT NULL,
    "at" BIGINT,
    "actor" TEXT COLLATE "C",
    "operation" TEXT COLLATE "C",
    "store_id" TEXT COLLATE "C",
    "outcome" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("act_id", "step"),
    CONSTRAINT acts__first CHECK (version = 1),
    CONSTRAINT acts__whole
        CHECK ("at" IS NOT NULL AND actor IS NOT NULL AND operation IS NOT NULL),
    CONSTRAINT acts__ended
        CHECK (outcome IS NOT NULL AND ("step" = 0 OR outcome <> 'begun'))
);
CREATE INDEX "acts_actor_act_id" ON "acts" ("actor" NULLS FIRST, "act_id");
CREATE INDEX "acts_store_id_act_id" ON "acts" ("store_id" NULLS FIRST, "act_id");

CREATE FUNCTION acts__refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only added to' USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER acts__no_change BEFORE UPDATE OR DELETE ON "acts"
    FOR EACH ROW EXECUTE FUNCTION acts__refuse();

CREATE TRIGGER acts__no_truncate BEFORE TRUNCATE ON "acts"
    FOR EACH STATEMENT EXECUTE FUNCTION acts__refuse();

-- Who may log in to the console.
CREATE TABLE "administrators" (
    "email" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY ("email")
);

CREATE TABLE "console_sessions" (
    "token_hash" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "email" TEXT COLLATE "C",
    "expires_at" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("token_hash")
);
CREATE INDEX "console_sessions_email" ON "console_sessions" ("email" NULLS FIRST);
CREATE INDEX "console_sessions_expires_at" ON "console_sessions" ("expires_at" NULLS FIRST);

CREATE TABLE "log_in_counts" (
    "email" TEXT COLLATE "C" NOT NULL,
    "address" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "expires_at" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("email", "address")
);
CREATE INDEX "log_in_counts_expires_at" ON "log_in_counts" ("expires_at" NULLS FIRST);
