-- A deleted organization is nobody's any more: no call, no key, no phone. It can be restored until it is erased.
ALTER TABLE organization ADD deleted_at timestamptz;

CREATE OR REPLACE FUNCTION api_key_by_id(key_id text)
  RETURNS TABLE (
    id text, name text, organization_id uuid, scopes text[], secret_sha256 text, last_used_at timestamptz)
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.operator', 'on', true);
  RETURN QUERY SELECT k.id, k.name, k.organization_id, k.scopes, k.secret_sha256, k.last_used_at
    FROM api_key k WHERE k.id = key_id
      AND NOT EXISTS (SELECT FROM organization o WHERE o.id = k.organization_id AND o.deleted_at IS NOT NULL);
  PERFORM set_config('app.operator', '', true);
END
$$;

-- Records are never changed; they go with their organization, which the brain's role may not do by itself.
CREATE FUNCTION erase_organization(org uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM organization o WHERE o.id = org AND o.deleted_at IS NOT NULL) THEN
    RAISE EXCEPTION 'only a deleted organization can be erased';
  END IF;
  DELETE FROM call_trace WHERE organization_id = org;
  DELETE FROM cdr WHERE organization_id = org;
  DELETE FROM organization WHERE id = org;
END
$$;
REVOKE ALL ON FUNCTION erase_organization(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_organization(uuid) TO littlepbx_app;
