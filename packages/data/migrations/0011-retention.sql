-- How long what was recorded is kept. Days; 0: for ever. What was uploaded stays until somebody deletes it.
ALTER TABLE organization
  ADD recordings_in_days integer NOT NULL DEFAULT 0 CHECK (recordings_in_days >= 0),
  ADD voicemail_in_days integer NOT NULL DEFAULT 0 CHECK (voicemail_in_days >= 0);
CREATE INDEX file_age ON file (kind, created_at);
