-- The ground floor: organizations and what belongs to them.
--
-- Row-level security: every table FORCEs it, with two policies. `tenant` shows the rows of the organization named in
-- `app.organization`; `operator` shows all when `app.operator` is 'on'. Both are set with SET LOCAL at the beginning of
-- a transaction (tenant-db.ts), so that a pooled connection carries nothing over. With neither set, no row is visible.
-- The two are OR-ed, which no index can serve: every query names its organization as well.

CREATE SEQUENCE organization_version;

CREATE TABLE organization (
  id uuid PRIMARY KEY,
  slug text NOT NULL UNIQUE,
  name text NOT NULL,
  country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
  is_suspended boolean NOT NULL DEFAULT false,
  concurrent_calls integer NOT NULL CHECK (concurrent_calls >= 0),
  calls_per_second integer NOT NULL CHECK (calls_per_second >= 0),
  allowed_countries text[] NOT NULL,
  default_number text,
  current_revision integer NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT nextval('organization_version'),
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE number (
  e164 text PRIMARY KEY CHECK (e164 ~ '^\+[1-9][0-9]{2,14}$'),
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  assigned_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (organization_id, e164)
);

ALTER TABLE organization ADD FOREIGN KEY (id, default_number)
  REFERENCES number (organization_id, e164) ON DELETE SET NULL (default_number);

-- The draft. Routes and devices name extensions without a foreign key: what a draft removes may still be applied, and
-- a route that leads nowhere is told to the admin at apply instead of vanishing.
CREATE TABLE extension (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  number text NOT NULL,
  name text NOT NULL,
  ring_time_in_s integer NOT NULL,
  forward_always text,
  forward_busy text,
  forward_no_answer text,
  outbound_number text,
  UNIQUE (organization_id, number),
  FOREIGN KEY (organization_id, outbound_number)
    REFERENCES number (organization_id, e164) ON DELETE SET NULL (outbound_number)
);

CREATE TABLE draft_route (
  e164 text PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  extension_id uuid NOT NULL,
  FOREIGN KEY (organization_id, e164) REFERENCES number (organization_id, e164) ON DELETE CASCADE
);
CREATE INDEX ON draft_route (organization_id);

CREATE TABLE device (
  username text PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  extension_id uuid NOT NULL,
  name text NOT NULL,
  transport text NOT NULL CHECK (transport IN ('any', 'tls')),
  digest_md5 text NOT NULL,
  digest_sha256 text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON device (organization_id);

CREATE TABLE trunk (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  name text NOT NULL,
  is_inbound boolean NOT NULL,
  is_outbound boolean NOT NULL,
  host text NOT NULL,
  port integer,
  transport text NOT NULL CHECK (transport IN ('udp', 'tcp', 'tls')),
  register boolean NOT NULL,
  username text,
  auth_username text,
  -- AES-256-GCM, see trunk-cipher.ts: the carrier's challenge needs the password itself, so a digest will not do.
  password_encrypted bytea,
  outbound_proxy text,
  from_user text,
  from_domain text,
  codecs text[] NOT NULL,
  addresses text[] NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON trunk (organization_id);
CREATE UNIQUE INDEX trunk_one_inbound ON trunk (organization_id) WHERE is_inbound;
CREATE UNIQUE INDEX trunk_one_outbound ON trunk (organization_id) WHERE is_outbound;

CREATE TABLE revision (
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  number integer NOT NULL CHECK (number > 0),
  content jsonb NOT NULL,
  applied_at timestamptz NOT NULL,
  applied_by text NOT NULL,
  note text,
  PRIMARY KEY (organization_id, number)
);

CREATE TABLE api_key (
  id text PRIMARY KEY,
  -- NULL: the operator's.
  organization_id uuid REFERENCES organization ON DELETE CASCADE,
  name text NOT NULL,
  scopes text[] NOT NULL,
  secret_sha256 text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz
);
CREATE INDEX ON api_key (organization_id);

-- No foreign key to organization: a record must find its place even when its organization was deleted in mid-call.
CREATE TABLE cdr (
  id text PRIMARY KEY,
  organization_id uuid NOT NULL,
  direction text NOT NULL,
  from_number text,
  from_name text,
  to_number text NOT NULL,
  from_extension text,
  answered_by text,
  did text,
  trunk_id text,
  result text NOT NULL,
  reason text NOT NULL,
  blame text NOT NULL,
  started_at timestamptz NOT NULL,
  answered_at timestamptz,
  ended_at timestamptz NOT NULL,
  -- Milliseconds.
  ring_duration bigint NOT NULL,
  talk_duration bigint NOT NULL,
  revision integer NOT NULL,
  handled_by text NOT NULL
);
CREATE INDEX ON cdr (organization_id, started_at DESC, id DESC);

CREATE TABLE call_trace (
  call_id text PRIMARY KEY,
  organization_id uuid NOT NULL,
  steps jsonb NOT NULL
);

DO $$
DECLARE
  t record;
BEGIN
  FOR t IN SELECT c.relname AS name FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname <> 'migration'
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t.name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t.name);
    EXECUTE format(
      $p$CREATE POLICY tenant ON %I USING (%I = nullif(current_setting('app.organization', true), '')::uuid)$p$,
      t.name, CASE t.name WHEN 'organization' THEN 'id' ELSE 'organization_id' END);
    EXECUTE format($p$CREATE POLICY operator ON %I USING (current_setting('app.operator', true) = 'on')$p$, t.name);
  END LOOP;
END
$$;

-- Whatever acts on calls raises organization.version and tells the brain, in the same transaction. The row lock that
-- the UPDATE takes makes versions of one organization rise in the order of commits.
CREATE FUNCTION belongings_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW IS NOT DISTINCT FROM OLD THEN
    RETURN NULL;
  END IF;
  UPDATE organization SET version = nextval('organization_version')
    WHERE id = CASE TG_OP WHEN 'DELETE' THEN OLD.organization_id ELSE NEW.organization_id END;
  RETURN NULL;
END
$$;
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON number FOR EACH ROW EXECUTE FUNCTION belongings_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON device FOR EACH ROW EXECUTE FUNCTION belongings_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON trunk FOR EACH ROW EXECUTE FUNCTION belongings_changed();

CREATE FUNCTION organization_version_rises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.version = OLD.version AND NEW IS DISTINCT FROM OLD THEN
    NEW.version := nextval('organization_version');
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER version_rises BEFORE UPDATE ON organization
  FOR EACH ROW EXECUTE FUNCTION organization_version_rises();

CREATE FUNCTION organization_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('organization_changed', CASE TG_OP WHEN 'DELETE' THEN OLD.id ELSE NEW.id END::text);
  RETURN NULL;
END
$$;
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON organization
  FOR EACH ROW EXECUTE FUNCTION organization_changed();

-- The one look-up that comes before anybody is known: one round trip. A function-level SET would be shorter, but only a
-- superuser may attach one for a parameter that no extension defines.
CREATE FUNCTION api_key_by_id(key_id text)
  RETURNS TABLE (id text, organization_id uuid, scopes text[], secret_sha256 text, last_used_at timestamptz)
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.operator', 'on', true);
  RETURN QUERY SELECT k.id, k.organization_id, k.scopes, k.secret_sha256, k.last_used_at
    FROM api_key k WHERE k.id = key_id;
  PERFORM set_config('app.operator', '', true);
END
$$;

GRANT USAGE ON SEQUENCE organization_version TO littlepbx_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON organization, number, extension, draft_route, device, trunk, api_key
  TO littlepbx_app;
-- Revisions and records are never changed.
GRANT SELECT, INSERT ON revision, cdr, call_trace TO littlepbx_app;
