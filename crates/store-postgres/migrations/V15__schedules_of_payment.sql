-- The other face names a schedule by its payment.
CREATE INDEX "schedules_store_id_payment_id_created_at_schedule_id"
    ON "schedules" ("store_id", "payment_id" NULLS FIRST, "created_at" NULLS FIRST, "schedule_id");
