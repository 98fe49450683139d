-- What who is held hears, in the draft: the organization's own music, or the stock. Nothing chosen: its own.
CREATE TABLE draft_music (
  organization_id uuid PRIMARY KEY REFERENCES organization ON DELETE CASCADE,
  music text NOT NULL CHECK (music IN ('own', 'stock'))
);
ALTER TABLE draft_music ENABLE ROW LEVEL SECURITY;
ALTER TABLE draft_music FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON draft_music USING (organization_id = nullif(current_setting('app.organization', true), '')::uuid);
CREATE POLICY operator ON draft_music USING (current_setting('app.operator', true) = 'on');
GRANT SELECT, INSERT, UPDATE, DELETE ON draft_music TO littlepbx_app;
SELECT audit_table('draft_music', 'music', 'organization_id', '');
