-- Schedules, and an order of jobs in which many that are due at one moment need no sorting and a
-- lane that is busy can be stepped over.

DROP INDEX "jobs_queue_due_at";
CREATE INDEX "jobs_queue_due_at_job_id"
    ON "jobs" ("queue" NULLS FIRST, "due_at" NULLS FIRST, "job_id");
CREATE INDEX "jobs_queue_lane_due_at_job_id"
    ON "jobs" ("queue" NULLS FIRST, "lane" NULLS FIRST, "due_at" NULLS FIRST, "job_id");

CREATE TABLE "schedules" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "schedule_id" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    "payment_id" TEXT COLLATE "C",
    "billing_key" TEXT COLLATE "C",
    "status" TEXT COLLATE "C",
    "is_test" BIGINT,
    "time_to_pay" BIGINT,
    "created_at" BIGINT,
    "completed_at" BIGINT,
    "status_at" BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "schedule_id")
);
CREATE INDEX "schedules_store_id_time_to_pay_schedule_id"
    ON "schedules" ("store_id", "time_to_pay" NULLS FIRST, "schedule_id");
CREATE INDEX "schedules_store_id_created_at_schedule_id"
    ON "schedules" ("store_id", "created_at" NULLS FIRST, "schedule_id");
CREATE INDEX "schedules_store_id_completed_at_schedule_id"
    ON "schedules" ("store_id", "completed_at" NULLS FIRST, "schedule_id");
CREATE INDEX "schedules_store_id_status_at_schedule_id"
    ON "schedules" ("store_id", "status_at" NULLS FIRST, "schedule_id");
CREATE INDEX "schedules_store_id_status_time_to_pay_schedule_id"
    ON "schedules" ("store_id", "status" NULLS FIRST, "time_to_pay" NULLS FIRST, "schedule_id");
CREATE INDEX "schedules_store_id_billing_key_time_to_pay_schedule_id"
    ON "schedules" ("store_id", "billing_key" NULLS FIRST, "time_to_pay" NULLS FIRST, "schedule_id");

CREATE TABLE "scheduled_keys" (
    "store_id" TEXT COLLATE "C" NOT NULL,
    "billing_key" TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY ("store_id", "billing_key")
);
