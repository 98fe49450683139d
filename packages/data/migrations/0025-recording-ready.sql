-- A recording is told of by the transaction that puts it among the files, however late that is.
CREATE FUNCTION webhook_recording_ready() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_webhooks(NEW.organization_id, 'recording-ready', now(), jsonb_build_object(
    'callId', NEW.call_id, 'fileId', NEW.id, 'duration', NEW.duration));
  RETURN NULL;
END
$$;
CREATE TRIGGER webhooks AFTER INSERT ON file
  FOR EACH ROW WHEN (NEW.kind = 'recording' AND NEW.call_id IS NOT NULL) EXECUTE FUNCTION webhook_recording_ready();
