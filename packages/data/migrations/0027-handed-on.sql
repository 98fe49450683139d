-- Extensions that talked in a call before it was handed on to who talked last: it is theirs as well.
ALTER TABLE cdr ADD COLUMN handed_on_by text[] NOT NULL DEFAULT '{}';
-- Few calls have any, and only these are counted a second time.
CREATE INDEX cdr_handed_on ON cdr (organization_id, started_at) WHERE handed_on_by <> '{}';
