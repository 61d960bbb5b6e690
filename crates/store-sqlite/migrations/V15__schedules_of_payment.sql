-- The other face names a schedule by its payment.
CREATE INDEX schedules__store_id__payment_id__created_at__schedule_id
    ON schedules (store_id, payment_id, created_at, schedule_id);
