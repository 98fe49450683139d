-- The audit log: who changed what, from where, written by triggers in the transaction of the change, so that no program
-- can forget it. Append-only: the brain may add and read; the owner may delete what is old, and nobody changes anything.

CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- NULL: of the installation. No foreign key: what was done stays known when the organization is gone.
  organization_id uuid,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  author_kind text NOT NULL CHECK (author_kind IN ('operator', 'key', 'system')),
  author_id text,
  author_name text NOT NULL,
  address text,
  request_id text,
  operation text,
  action text NOT NULL,
  resource text NOT NULL,
  resource_id text NOT NULL,
  -- What people call it: an extension's number, a device's name.
  label text,
  -- {"column": {"before": …, "after": …}}
  changes jsonb NOT NULL
);
CREATE INDEX ON audit (organization_id, id DESC);
CREATE INDEX ON audit (at);

ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit USING (organization_id = nullif(current_setting('app.organization', true), '')::uuid);
CREATE POLICY operator ON audit USING (current_setting('app.operator', true) = 'on');
GRANT SELECT, INSERT ON audit TO littlepbx_app;

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('app.audit_retention', true) = 'on'
    AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit
  FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- One entry, by the author that the transaction names (`app.author`, tenant-db.ts); by the system when it names none.
CREATE FUNCTION audit_note(org uuid, act text, what text, what_id text, what_label text, what_changed jsonb)
  RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  author jsonb := coalesce(nullif(current_setting('app.author', true), ''), '{}')::jsonb;
BEGIN
  INSERT INTO audit (organization_id, author_kind, author_id, author_name, address, request_id, operation,
      action, resource, resource_id, label, changes)
    VALUES (org, coalesce(author ->> 'kind', 'system'), author ->> 'id', coalesce(author ->> 'name', 'littlepbx'),
      author ->> 'address', author ->> 'requestId', author ->> 'operation',
      act, what, what_id, what_label, what_changed);
END
$$;

-- Arguments: the resource, the column of its id, the column people know it by, then columns that are not told.
CREATE FUNCTION audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) END;
  becomes jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) END;
  whole jsonb := was || becomes;
  org uuid := (whole ->> CASE TG_TABLE_NAME WHEN 'organization' THEN 'id' ELSE 'organization_id' END)::uuid;
  changes jsonb;
BEGIN
  -- What goes because its organization went is told by that one entry.
  IF TG_OP = 'DELETE' AND TG_TABLE_NAME <> 'organization' AND org IS NOT NULL
    AND NOT EXISTS (SELECT FROM organization o WHERE o.id = org) THEN
    RETURN NULL;
  END IF;
  SELECT jsonb_object_agg(c.name, jsonb_build_object(
      'before', CASE WHEN c.is_secret AND c.before IS NOT NULL THEN '"(secret)"' ELSE c.before END,
      'after', CASE WHEN c.is_secret AND c.after IS NOT NULL THEN '"(secret)"' ELSE c.after END))
    INTO changes
    FROM (
      SELECT name, nullif(was -> name, 'null') AS before, nullif(becomes -> name, 'null') AS after,
        name ~ '(^|_)(md5|sha256|secret|password|passphrase|token|pin|hash|encrypted|sealed)(_|$)' AS is_secret
      FROM jsonb_object_keys(whole) AS name
      WHERE name <> ALL (TG_ARGV[3:]) AND name NOT IN (TG_ARGV[1], 'organization_id', 'created_at')
    ) AS c
    WHERE c.before IS DISTINCT FROM c.after;
  IF TG_OP = 'UPDATE' AND changes IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM audit_note(org, CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,
    TG_ARGV[0], whole ->> TG_ARGV[1], whole ->> TG_ARGV[2], coalesce(changes, '{}'));
  RETURN NULL;
END
$$;

-- For every table that holds what people or rules decide. `audit.db.test.ts` fails for a table that is neither named
-- here (or in a later migration) nor listed there as one that need not be.
CREATE FUNCTION audit_table(target regclass, resource text, id_column text, label_column text,
  VARIADIC untold text[] DEFAULT '{}') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION audit_change(%s)',
    target, (SELECT string_agg(quote_literal(argument), ', ' ORDER BY place)
      FROM unnest(ARRAY[resource, id_column, label_column] || untold) WITH ORDINALITY AS a (argument, place)));
END
$$;
REVOKE ALL ON FUNCTION audit_table(regclass, text, text, text, text[]) FROM PUBLIC;

SELECT audit_table('organization', 'organization', 'id', 'slug', 'version', 'current_revision');
SELECT audit_table('number', 'number', 'e164', 'e164', 'assigned_at');
SELECT audit_table('extension', 'extension', 'id', 'number');
SELECT audit_table('draft_route', 'route', 'e164', 'e164');
SELECT audit_table('device', 'device', 'username', 'name');
SELECT audit_table('trunk', 'trunk', 'id', 'name');
-- What a revision holds was told when the draft was changed; who applied it stands beside.
SELECT audit_table('revision', 'revision', 'number', 'number', 'content', 'applied_at', 'applied_by', 'applied_by_name');
SELECT audit_table('api_key', 'key', 'id', 'name', 'last_used_at');
