-- As 0022-policies-once.sql, for the tables that came after it: whose rows are seen is asked once for each statement.
DO $$
DECLARE name TEXT;
BEGIN
  FOREACH name IN ARRAY ARRAY['webhook', 'webhook_delivery', 'draft_music'] LOOP
    EXECUTE format(
      $p$ALTER POLICY tenant ON %I USING (organization_id = (SELECT nullif(current_setting('app.organization', true), '')::uuid))$p$,
      name);
    EXECUTE format($p$ALTER POLICY operator ON %I USING ((SELECT current_setting('app.operator', true)) = 'on')$p$, name);
  END LOOP;
END
$$;
