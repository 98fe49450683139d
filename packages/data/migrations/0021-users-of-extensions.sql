-- The role `user`: a person who is bound to one extension (decision 0016). No foreign key: an extension leaves the draft and
-- comes back with the same id. Whose extension is gone sees nothing.

ALTER TABLE membership DROP CONSTRAINT membership_role_check;
ALTER TABLE membership ADD extension_id uuid,
  ADD CONSTRAINT membership_role_check CHECK (role IN ('admin', 'viewer', 'user')),
  ADD CONSTRAINT membership_extension_check CHECK ((role = 'user') = (extension_id IS NOT NULL));
ALTER TABLE invitation DROP CONSTRAINT invitation_role_check;
ALTER TABLE invitation ADD extension_id uuid,
  ADD CONSTRAINT invitation_role_check CHECK (role IN ('admin', 'viewer', 'user')),
  ADD CONSTRAINT invitation_extension_check CHECK ((role = 'user') = (extension_id IS NOT NULL));

-- Its extension is told once there is a member.
DROP TRIGGER audited ON invitation;
SELECT audit_table('invitation', 'invitation', 'id', 'email', 'language', 'expires_at', 'invited_by', 'extension_id');

-- As in 0013, and the extension by the number that people know.
CREATE OR REPLACE FUNCTION audit_membership() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  org uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.organization_id ELSE NEW.organization_id END;
  who uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.person_id ELSE NEW.person_id END;
  was text := CASE TG_OP WHEN 'INSERT' THEN NULL ELSE OLD.role END;
  becomes text := CASE TG_OP WHEN 'DELETE' THEN NULL ELSE NEW.role END;
  had uuid := CASE TG_OP WHEN 'INSERT' THEN NULL ELSE OLD.extension_id END;
  has uuid := CASE TG_OP WHEN 'DELETE' THEN NULL ELSE NEW.extension_id END;
  changes jsonb := '{}';
BEGIN
  -- What goes because its organization went is told by that one entry.
  IF (was IS NOT DISTINCT FROM becomes AND had IS NOT DISTINCT FROM has)
    OR (TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM organization o WHERE o.id = org)) THEN
    RETURN coalesce(NEW, OLD);
  END IF;
  IF was IS DISTINCT FROM becomes THEN
    changes := changes || jsonb_build_object('role', jsonb_build_object('before', was, 'after', becomes));
  END IF;
  IF had IS DISTINCT FROM has THEN
    changes := changes || jsonb_build_object('extension', jsonb_build_object(
      'before', (SELECT e.number FROM extension e WHERE e.id = had),
      'after', (SELECT e.number FROM extension e WHERE e.id = has)));
  END IF;
  PERFORM audit_note(org,
    CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,
    'user', who::text, (SELECT p.email FROM person p WHERE p.id = who), changes);
  RETURN coalesce(NEW, OLD);
END
$$;

-- As in 0016, and which extension, and by which clock.
CREATE OR REPLACE FUNCTION session_by_token(session_token text)
  RETURNS TABLE (session_id uuid, expires_at timestamptz, person jsonb, memberships jsonb)
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.operator', 'on', true);
  RETURN QUERY SELECT s.id, s.expires_at, to_jsonb(p), coalesce((
      SELECT jsonb_agg(jsonb_build_object('organization_id', o.id, 'slug', o.slug, 'name', o.name, 'role', m.role,
          'extension_id', m.extension_id, 'time_zone', o.time_zone,
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
