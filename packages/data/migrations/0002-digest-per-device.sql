-- Which digest a device is asked for. Both HA1s are kept anyway.
ALTER TABLE device ADD digest text NOT NULL DEFAULT 'md5' CHECK (digest IN ('md5', 'sha-256', 'both'));

-- The key's name beside its id, as it was when it applied: a key that was deleted since still reads well.
ALTER TABLE revision ADD applied_by_name text;
-- Nobody is anybody yet, and row-level security is forced on the owner too.
SELECT set_config('app.operator', 'on', true);
UPDATE revision r SET applied_by_name =
  coalesce((SELECT k.name FROM api_key k WHERE k.id = r.applied_by), r.applied_by);
SELECT set_config('app.operator', '', true);
ALTER TABLE revision ALTER applied_by_name SET NOT NULL;

DROP FUNCTION api_key_by_id(text);
CREATE FUNCTION api_key_by_id(key_id text)
  RETURNS TABLE (
    id text, name text, organization_id uuid, scopes text[], secret_sha256 text, last_used_at timestamptz)
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.operator', 'on', true);
  RETURN QUERY SELECT k.id, k.name, k.organization_id, k.scopes, k.secret_sha256, k.last_used_at
    FROM api_key k WHERE k.id = key_id;
  PERFORM set_config('app.operator', '', true);
END
$$;

-- `id:version`, so that a listener who has that version, or a later one, reads nothing; `id` alone when it was deleted.
CREATE OR REPLACE FUNCTION organization_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('organization_changed',
    CASE TG_OP WHEN 'DELETE' THEN OLD.id::text ELSE NEW.id || ':' || NEW.version END);
  RETURN NULL;
END
$$;
