-- Whose rows are seen is asked once for each statement, and no more for each row: a sub-select is what Postgres keeps. All calls
-- of a year (200,000) are counted in half the time or less.
DO $$
DECLARE p record;
BEGIN
  FOR p IN SELECT tablename, policyname, qual FROM pg_policies WHERE schemaname = current_schema() AND qual IS NOT NULL LOOP
    EXECUTE format('ALTER POLICY %I ON %I USING (%s)', p.policyname, p.tablename,
      replace(replace(p.qual,
        $q$(NULLIF(current_setting('app.organization'::text, true), ''::text))::uuid$q$,
        $q$(SELECT (NULLIF(current_setting('app.organization'::text, true), ''::text))::uuid)$q$),
        $q$current_setting('app.operator'::text, true)$q$,
        $q$(SELECT current_setting('app.operator'::text, true))$q$));
  END LOOP;
END $$;
