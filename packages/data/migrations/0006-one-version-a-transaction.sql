-- A transaction raises an organization's version once: 2,000 devices in one import were 2,000 updates of one row.
CREATE OR REPLACE FUNCTION belongings_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW IS NOT DISTINCT FROM OLD THEN
    RETURN NULL;
  END IF;
  -- A row that this transaction wrote has a version that nobody saw yet.
  UPDATE organization SET version = nextval('organization_version')
    WHERE id = CASE TG_OP WHEN 'DELETE' THEN OLD.organization_id ELSE NEW.organization_id END
      AND xmin <> pg_current_xact_id()::xid;
  RETURN NULL;
END
$$;
