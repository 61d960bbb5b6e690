-- Channel groups, and their names, each unique in its store.

CREATE TABLE "channel_groups" (
    "group_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "store_id" TEXT COLLATE "C",
    body TEXT NOT NULL,
    PRIMARY KEY ("group_id")
);
CREATE INDEX "channel_groups_store_id"
    ON "channel_groups" ("store_id" NULLS FIRST);

CREATE TABLE "channel_group_names" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "name")
);
