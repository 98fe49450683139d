-- An apply that waits until no call is in progress. One at most an organization.
CREATE TABLE waiting_apply (
  organization_id uuid PRIMARY KEY REFERENCES organization ON DELETE CASCADE,
  asked_at timestamptz NOT NULL,
  asked_by text NOT NULL,
  -- Who asked, as the API knew them: it is applied in that name.
  actor jsonb NOT NULL,
  deadline timestamptz NOT NULL,
  note text,
  email text
);
ALTER TABLE waiting_apply ENABLE ROW LEVEL SECURITY;
ALTER TABLE waiting_apply FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON waiting_apply USING (organization_id = nullif(current_setting('app.organization', true), '')::uuid);
CREATE POLICY operator ON waiting_apply USING (current_setting('app.operator', true) = 'on');
GRANT SELECT, INSERT, UPDATE, DELETE ON waiting_apply TO littlepbx_app;
SELECT audit_table('waiting_apply', 'waiting-apply', 'organization_id', 'asked_by', 'actor', 'asked_at');

-- Who touched a thing last, and all that was ever done to it.
CREATE INDEX ON audit (organization_id, resource, resource_id, id DESC);
