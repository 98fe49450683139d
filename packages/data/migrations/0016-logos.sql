-- The company's logo, shown on its pages. Small and bounded, so it is in the database: backups and erasure have it by that.
-- The organization's row knows its tag, which changes with it: so the audit log hears of it, and browsers ask anew.

ALTER TABLE organization ADD logo_tag text;

CREATE TABLE organization_logo (
  organization_id uuid PRIMARY KEY REFERENCES organization ON DELETE CASCADE,
  type text NOT NULL CHECK (type IN ('image/png', 'image/jpeg', 'image/webp')),
  content bytea NOT NULL CHECK (octet_length(content) <= 262144)
);
ALTER TABLE organization_logo ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization_logo FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON organization_logo
  USING (organization_id = nullif(current_setting('app.organization', true), '')::uuid);
CREATE POLICY operator ON organization_logo USING (current_setting('app.operator', true) = 'on');
GRANT SELECT, INSERT, UPDATE, DELETE ON organization_logo TO littlepbx_app;

CREATE OR REPLACE FUNCTION session_by_token(session_token text)
  RETURNS TABLE (session_id uuid, expires_at timestamptz, person jsonb, memberships jsonb)
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.operator', 'on', true);
  RETURN QUERY SELECT s.id, s.expires_at, to_jsonb(p), coalesce((
      SELECT jsonb_agg(jsonb_build_object('organization_id', o.id, 'slug', o.slug, 'name', o.name, 'role', m.role,
          'is_suspended', o.is_suspended, 'logo_tag', o.logo_tag) ORDER BY o.name, o.slug)
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
