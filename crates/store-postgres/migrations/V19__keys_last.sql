-- Each table's primary key becomes its youngest index. Between indexes that seem equally cheap the planner
-- takes the youngest, and while a table is empty all of them do: a row was looked up by its key in an index of
-- times, from end to end, for as long as the plan was kept.
DO $$
DECLARE
    found RECORD;
BEGIN
    FOR found IN
        SELECT c.conrelid::regclass AS table_name, c.conname AS name, pg_get_constraintdef(c.oid) AS key
        FROM pg_constraint c
        WHERE c.contype = 'p' AND c.connamespace = current_schema()::regnamespace
        AND EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indexrelid > c.conindid)
        ORDER BY c.conrelid
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s',
            found.table_name, found.name, found.name, found.key);
    END LOOP;
END
$$;
