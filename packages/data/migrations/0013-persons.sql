-- Persons: who may log in to the pages. A person is global, known by an e-mail address, and belongs to organizations by
-- memberships (decision 0012). Tables whose names begin with `person_` are better-auth's: passwords, sessions, links and
-- challenges of a few minutes, secrets of second factors. No organization sees them; of persons it sees its own users.

CREATE TABLE person (
  id uuid PRIMARY KEY,
  -- Lower case.
  email text NOT NULL UNIQUE CHECK (email = lower(email)),
  email_verified boolean NOT NULL DEFAULT false,
  name text NOT NULL,
  language text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'ru')),
  theme text NOT NULL DEFAULT 'system' CHECK (theme IN ('system', 'light', 'dark')),
  -- May name any organization, as an operator's key.
  is_operator boolean NOT NULL DEFAULT false,
  is_suspended boolean NOT NULL DEFAULT false,
  has_two_factor boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE person_account (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  -- better-auth's way to name what the password is of: `credential`, and the person again.
  provider_id text NOT NULL,
  account_id text NOT NULL,
  password text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (person_id, provider_id)
);

CREATE TABLE person_session (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  token text NOT NULL UNIQUE,
  expires_at timestamptz NOT NULL,
  address text,
  user_agent text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON person_session (person_id);
CREATE INDEX ON person_session (expires_at);

CREATE TABLE person_verification (
  id uuid PRIMARY KEY,
  identifier text NOT NULL,
  value text NOT NULL,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON person_verification (identifier);
CREATE INDEX ON person_verification (expires_at);

CREATE TABLE person_two_factor (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL UNIQUE REFERENCES person ON DELETE CASCADE,
  -- Both encrypted under the installation's master key.
  secret text NOT NULL,
  backup_codes text NOT NULL,
  verified boolean NOT NULL DEFAULT false,
  failed_verification_count integer DEFAULT 0,
  locked_until timestamptz
);

CREATE TABLE membership (
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('admin', 'viewer')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, person_id)
);
CREATE INDEX ON membership (person_id);

CREATE TABLE invitation (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  email text NOT NULL CHECK (email = lower(email)),
  role text NOT NULL CHECK (role IN ('admin', 'viewer')),
  language text NOT NULL CHECK (language IN ('en', 'ru')),
  invited_by text NOT NULL,
  token_sha256 text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  UNIQUE (organization_id, email)
);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['person', 'person_account', 'person_session', 'person_verification', 'person_two_factor',
    'membership', 'invitation']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format($p$CREATE POLICY operator ON %I USING (current_setting('app.operator', true) = 'on')$p$, t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO littlepbx_app', t);
  END LOOP;
END
$$;
CREATE POLICY tenant ON membership USING (organization_id = nullif(current_setting('app.organization', true), '')::uuid);
CREATE POLICY tenant ON invitation USING (organization_id = nullif(current_setting('app.organization', true), '')::uuid);
-- What it sees of memberships is its own.
CREATE POLICY tenant ON person FOR SELECT
  USING (EXISTS (SELECT FROM membership m WHERE m.person_id = person.id
    AND m.organization_id = nullif(current_setting('app.organization', true), '')::uuid));

ALTER TABLE audit DROP CONSTRAINT audit_author_kind_check;
ALTER TABLE audit ADD CONSTRAINT audit_author_kind_check CHECK (author_kind IN ('operator', 'person', 'key', 'system'));

SELECT audit_table('person', 'person', 'id', 'email', 'email_verified', 'updated_at');
SELECT audit_table('person_account', 'password', 'person_id', 'person_id', 'id', 'provider_id', 'account_id', 'updated_at');
SELECT audit_table('invitation', 'invitation', 'id', 'email', 'language', 'expires_at', 'invited_by');

-- People know a membership by the e-mail address, which stands in another table, and is seen while there is a membership.
CREATE FUNCTION audit_membership() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  org uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.organization_id ELSE NEW.organization_id END;
  who uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.person_id ELSE NEW.person_id END;
  was text := CASE TG_OP WHEN 'INSERT' THEN NULL ELSE OLD.role END;
  becomes text := CASE TG_OP WHEN 'DELETE' THEN NULL ELSE NEW.role END;
BEGIN
  -- What goes because its organization went is told by that one entry.
  IF was IS NOT DISTINCT FROM becomes
    OR (TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM organization o WHERE o.id = org)) THEN
    RETURN coalesce(NEW, OLD);
  END IF;
  PERFORM audit_note(org,
    CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,
    'user', who::text, (SELECT p.email FROM person p WHERE p.id = who),
    jsonb_build_object('role', jsonb_build_object('before', was, 'after', becomes)));
  RETURN coalesce(NEW, OLD);
END
$$;
CREATE TRIGGER audited AFTER INSERT OR UPDATE ON membership FOR EACH ROW EXECUTE FUNCTION audit_membership();
CREATE TRIGGER audited_end BEFORE DELETE ON membership FOR EACH ROW EXECUTE FUNCTION audit_membership();

-- The look-up of every request with a cookie: one round trip, before anybody is known (like api_key_by_id).
CREATE FUNCTION session_by_token(session_token text)
  RETURNS TABLE (session_id uuid, expires_at timestamptz, person jsonb, memberships jsonb)
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.operator', 'on', true);
  RETURN QUERY SELECT s.id, s.expires_at, to_jsonb(p), coalesce((
      SELECT jsonb_agg(jsonb_build_object('organization_id', o.id, 'slug', o.slug, 'name', o.name, 'role', m.role,
          'is_suspended', o.is_suspended) ORDER BY o.name, o.slug)
        FROM membership m JOIN organization o ON o.id = m.organization_id
        WHERE m.person_id = p.id AND o.deleted_at IS NULL), '[]')
    FROM person_session s JOIN person p ON p.id = s.person_id
    WHERE s.token = session_token AND s.expires_at > now() AND NOT p.is_suspended
      -- Whose organizations are all suspended is out; the session is back with the first of them.
      AND (p.is_operator
        OR EXISTS (SELECT FROM membership m JOIN organization o ON o.id = m.organization_id
          WHERE m.person_id = p.id AND o.deleted_at IS NULL AND NOT o.is_suspended)
        OR NOT EXISTS (SELECT FROM membership m JOIN organization o ON o.id = m.organization_id
          WHERE m.person_id = p.id AND o.deleted_at IS NULL));
  PERFORM set_config('app.operator', '', true);
END
$$;
