-- Sounds of an organization: call recordings, voicemail, greetings, prompts, music. The bytes are files on disk, named by
-- organization and id; a row without its file, or a file without its row, is found by the brain's sweep.

-- Bytes that an organization may store.
ALTER TABLE organization ADD storage_bytes bigint NOT NULL DEFAULT 1073741824 CHECK (storage_bytes >= 0);

CREATE TABLE file (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('recording', 'voicemail', 'greeting', 'prompt', 'music')),
  -- As the person named it who uploaded it.
  name text,
  call_id text,
  details jsonb NOT NULL,
  bytes bigint NOT NULL CHECK (bytes >= 0),
  -- Milliseconds.
  duration bigint NOT NULL CHECK (duration >= 0),
  created_at timestamptz NOT NULL
);
CREATE INDEX ON file (organization_id, created_at DESC, id DESC) INCLUDE (bytes);
CREATE INDEX ON file (organization_id, call_id) WHERE call_id IS NOT NULL;

ALTER TABLE file ENABLE ROW LEVEL SECURITY;
ALTER TABLE file FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON file USING (organization_id = nullif(current_setting('app.organization', true), '')::uuid);
CREATE POLICY operator ON file USING (current_setting('app.operator', true) = 'on');
GRANT SELECT, INSERT, UPDATE, DELETE ON file TO littlepbx_app;

-- What people upload, change and delete, and what retention deletes. That the engine recorded something stands in the call.
CREATE TRIGGER audited AFTER INSERT ON file FOR EACH ROW
  WHEN (NEW.kind IN ('greeting', 'prompt', 'music')) EXECUTE FUNCTION audit_change('file', 'id', 'name', 'details');
CREATE TRIGGER audited_later AFTER UPDATE OR DELETE ON file FOR EACH ROW
  EXECUTE FUNCTION audit_change('file', 'id', 'name', 'details');
