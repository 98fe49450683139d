-- Announces committed changes to who listens to live events: the audit log hears of every change of every table of
-- decisions, so what it is told is announced. The payload is the organization's UUID and JSON; `database-events.ts` reads it.
-- Values are left out: they may be secrets, and long. An announcement above 8,000 bytes would be an error.
CREATE FUNCTION audited_live() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('live_event', NEW.organization_id::text || jsonb_build_object(
    'what', 'changed', 'resource', NEW.resource, 'action', NEW.action, 'id', left(NEW.resource_id, 200),
    'label', left(NEW.label, 200), 'fields', (SELECT coalesce(jsonb_agg(k), '[]') FROM jsonb_object_keys(NEW.changes) AS k),
    'by', jsonb_build_object('kind', NEW.author_kind, 'id', left(NEW.author_id, 200), 'name', left(NEW.author_name, 200))
  )::text);
  RETURN NULL;
END
$$;
CREATE TRIGGER live AFTER INSERT ON audit FOR EACH ROW
  WHEN (NEW.organization_id IS NOT NULL) EXECUTE FUNCTION audited_live();

CREATE FUNCTION voicemail_live() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  message voicemail_message;
BEGIN
  IF TG_OP = 'DELETE' THEN message := OLD; ELSE message := NEW; END IF;
  PERFORM pg_notify('live_event', message.organization_id::text || jsonb_build_object(
    'what', 'voicemail', 'extensionId', message.extension_id, 'messageId', message.id,
    'action', CASE TG_OP WHEN 'INSERT' THEN 'arrived' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END)::text);
  RETURN NULL;
END
$$;
CREATE TRIGGER live AFTER INSERT OR UPDATE OR DELETE ON voicemail_message
  FOR EACH ROW EXECUTE FUNCTION voicemail_live();
