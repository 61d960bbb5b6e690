-- Schedules, and an order of jobs in which many that are due at one moment need no sorting and a
-- lane that is busy can be stepped over.

DROP INDEX jobs__queue__due_at;

CREATE INDEX jobs__queue__due_at__job_id ON jobs (queue, due_at, job_id);

CREATE INDEX jobs__queue__lane__due_at__job_id ON jobs (queue, lane, due_at, job_id);

CREATE TABLE schedules (
    store_id TEXT NOT NULL,
    schedule_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    payment_id TEXT,
    billing_key TEXT,
    status TEXT,
    is_test INTEGER,
    time_to_pay INTEGER,
    created_at INTEGER,
    completed_at INTEGER,
    status_at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, schedule_id)
) STRICT;

CREATE INDEX schedules__store_id__time_to_pay__schedule_id
    ON schedules (store_id, time_to_pay, schedule_id);

CREATE INDEX schedules__store_id__created_at__schedule_id
    ON schedules (store_id, created_at, schedule_id);

CREATE INDEX schedules__store_id__completed_at__schedule_id
    ON schedules (store_id, completed_at, schedule_id);

CREATE INDEX schedules__store_id__status_at__schedule_id
    ON schedules (store_id, status_at, schedule_id);

CREATE INDEX schedules__store_id__status__time_to_pay__schedule_id
    ON schedules (store_id, status, time_to_pay, schedule_id);

CREATE INDEX schedules__store_id__billing_key__time_to_pay__schedule_id
    ON schedules (store_id, billing_key, time_to_pay, schedule_id);

CREATE TABLE scheduled_keys (
    store_id TEXT NOT NULL,
    billing_key TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (store_id, billing_key)
) STRICT, WITHOUT ROWID;
