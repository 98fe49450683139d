-- Voicemail boxes. A box is there from its first setting on, a message is a sound of the kind `voicemail` (0006-files.sql)
-- with a row beside it.

CREATE TABLE voicemail_box (
  extension_id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  -- scrypt; NULL: none has been chosen.
  pin_hash text,
  -- Sound that greets; NULL: stock prompts. No foreign key: a greeting recorded by phone is known here a moment before it
  -- is registered.
  greeting_id uuid,
  max_message_in_s integer NOT NULL DEFAULT 180 CHECK (max_message_in_s BETWEEN 10 AND 3600),
  -- Where new messages are told; NULL: nowhere.
  email text,
  is_sound_attached boolean NOT NULL DEFAULT true
);
CREATE INDEX ON voicemail_box (organization_id);

-- Wrong PINs in a row. Apart from the box, so that counting them is no change of settings.
CREATE TABLE voicemail_lock (
  extension_id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  wrong_tries integer NOT NULL DEFAULT 0,
  locked_until timestamptz
);
CREATE INDEX ON voicemail_lock (organization_id);

CREATE TABLE voicemail_message (
  id uuid PRIMARY KEY REFERENCES file ON DELETE CASCADE,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  extension_id uuid NOT NULL,
  -- As the box's owner may see them; NULL: withheld.
  from_number text,
  from_name text,
  -- Heard and kept.
  is_saved boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL
);
CREATE INDEX ON voicemail_message (organization_id, extension_id, created_at DESC, id DESC);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['voicemail_box', 'voicemail_lock', 'voicemail_message'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      $p$CREATE POLICY tenant ON %I USING (organization_id = nullif(current_setting('app.organization', true), '')::uuid)$p$,
      name);
    EXECUTE format($p$CREATE POLICY operator ON %I USING (current_setting('app.operator', true) = 'on')$p$, name);
  END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE, DELETE ON voicemail_box, voicemail_lock, voicemail_message TO littlepbx_app;

SELECT audit_table('voicemail_box', 'voicemail', 'extension_id', 'extension_id');

-- What calls must know of a box (greeting, longest message) is read with its organization.
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON voicemail_box
  FOR EACH ROW EXECUTE FUNCTION belongings_changed();

-- A message appears with its sound, whichever way that came; whoever is to be told by mail is.
CREATE FUNCTION voicemail_arrives() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  box uuid := (NEW.details ->> 'extensionId')::uuid;
BEGIN
  INSERT INTO voicemail_message (id, organization_id, extension_id, from_number, from_name, created_at)
    VALUES (NEW.id, NEW.organization_id, box, NEW.details ->> 'from', NEW.details ->> 'fromName', NEW.created_at);
  IF EXISTS (SELECT FROM voicemail_box b WHERE b.extension_id = box AND b.email IS NOT NULL) THEN
    INSERT INTO job (id, organization_id, kind, payload)
      VALUES (uuidv7(), NEW.organization_id, 'voicemail-mail', jsonb_build_object('message', NEW.id));
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER voicemail_arrives AFTER INSERT ON file
  FOR EACH ROW WHEN (NEW.kind = 'voicemail') EXECUTE FUNCTION voicemail_arrives();

-- The lamps of the phones: the brain counts the box anew.
CREATE FUNCTION voicemail_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('voicemail_changed',
    CASE TG_OP WHEN 'DELETE' THEN OLD.extension_id ELSE NEW.extension_id END::text);
  RETURN NULL;
END
$$;
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON voicemail_message
  FOR EACH ROW EXECUTE FUNCTION voicemail_changed();
