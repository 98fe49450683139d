-- Answers to requests that were sent with an Idempotency-Key; whoever sends one again within a day gets its answer again.
CREATE TABLE repeat (
  -- NULL: of the operator, and about no organization that is there.
  organization_id uuid REFERENCES organization ON DELETE CASCADE,
  author_id text NOT NULL,
  key text NOT NULL,
  -- SHA-256 of all that was asked for.
  fingerprint text NOT NULL,
  -- AES-256-GCM, see cipher.ts: an answer may hold a password that nobody shows again.
  answer_encrypted bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE NULLS NOT DISTINCT (organization_id, author_id, key)
);
CREATE INDEX ON repeat (organization_id, created_at);
ALTER TABLE repeat ENABLE ROW LEVEL SECURITY;
ALTER TABLE repeat FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON repeat USING (organization_id = nullif(current_setting('app.organization', true), '')::uuid);
CREATE POLICY operator ON repeat USING (current_setting('app.operator', true) = 'on');
GRANT SELECT, INSERT, UPDATE, DELETE ON repeat TO littlepbx_app;
