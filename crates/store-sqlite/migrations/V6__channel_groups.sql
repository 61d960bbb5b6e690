-- Channel groups, and their names, each unique in its store.

CREATE TABLE channel_groups (
    group_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    store_id TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (group_id)
) STRICT;

CREATE INDEX channel_groups__store_id ON channel_groups (store_id);

CREATE TABLE channel_group_names (
    store_id TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, name)
) STRICT, WITHOUT ROWID;
