-- Announces that a login has ended, so that streams which were opened with it end too. The payload is the person.
CREATE FUNCTION session_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('session_ended', OLD.person_id::text);
  RETURN NULL;
END
$$;
CREATE TRIGGER ended AFTER DELETE ON person_session FOR EACH ROW EXECUTE FUNCTION session_ended();

-- A code is good for a minute and a half, and for one login: the last ones that opened open no more.
ALTER TABLE person_two_factor ADD COLUMN used_codes text[] NOT NULL DEFAULT '{}';
