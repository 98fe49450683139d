-- Work that is done later, at least once: mails and the like. Whoever takes a job holds it until `taken_until`, and
-- moves that on while at work, so a job whose worker died comes back by itself. Done jobs are deleted; those given up on
-- stay, with `failed_at`, for the operator to look at.
CREATE TABLE job (
  id uuid PRIMARY KEY,
  -- NULL: the operator's.
  organization_id uuid REFERENCES organization ON DELETE CASCADE,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  run_at timestamptz NOT NULL DEFAULT now(),
  -- Also tells one taking from the next: who was too slow does not end what another has taken since.
  attempts integer NOT NULL DEFAULT 0,
  taken_until timestamptz,
  last_error text,
  failed_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX job_due ON job (kind, run_at) WHERE failed_at IS NULL;
CREATE INDEX ON job (organization_id);

-- What the operator set for the whole installation, one row a subject. No organization sees it.
CREATE TABLE operator_setting (
  name text PRIMARY KEY,
  content jsonb NOT NULL,
  -- AES-256-GCM, see cipher.ts.
  secret_encrypted bytea,
  changed_at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE job ENABLE ROW LEVEL SECURITY;
ALTER TABLE job FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON job USING (organization_id = nullif(current_setting('app.organization', true), '')::uuid);
CREATE POLICY operator ON job USING (current_setting('app.operator', true) = 'on');
ALTER TABLE operator_setting ENABLE ROW LEVEL SECURITY;
ALTER TABLE operator_setting FORCE ROW LEVEL SECURITY;
CREATE POLICY operator ON operator_setting USING (current_setting('app.operator', true) = 'on');

SELECT audit_table('operator_setting', 'setting', 'name', 'name', 'changed_at');

GRANT SELECT, INSERT, UPDATE, DELETE ON job, operator_setting TO littlepbx_app;
