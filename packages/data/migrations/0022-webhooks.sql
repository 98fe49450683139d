-- Webhooks of organizations, and what is sent by them. A delivery is written in the transaction of what it tells, so neither is
-- there without the other; a job of the same id sends it (packages/core/src/webhooks/webhook.ts).

CREATE TABLE webhook (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  url text NOT NULL,
  description text NOT NULL,
  events text[] NOT NULL,
  is_active boolean NOT NULL,
  -- Why it was switched off by itself.
  disabled_reason text CHECK (disabled_reason IN ('failing', 'gone')),
  -- Since when nothing gets through.
  failing_since timestamptz,
  -- AES-256-GCM, see cipher.ts: signing takes the secret itself.
  secret_encrypted bytea NOT NULL,
  -- The former one signs too until then.
  old_secret_encrypted bytea,
  old_secret_until timestamptz,
  created_at timestamptz NOT NULL,
  UNIQUE (organization_id, id)
);

CREATE TABLE webhook_delivery (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  webhook_id uuid NOT NULL,
  event text NOT NULL,
  occurred_at timestamptz NOT NULL,
  -- What is sent; of a call that ended its id alone, whose record stands beside.
  content jsonb NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz DEFAULT now(),
  -- Of the last attempt, as all that follows.
  attempted_at timestamptz,
  response_status integer,
  fault text,
  answer text,
  -- Milliseconds.
  duration integer,
  created_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (organization_id, webhook_id) REFERENCES webhook (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX ON webhook_delivery (organization_id, webhook_id, id DESC);
CREATE INDEX ON webhook_delivery (created_at);
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (webhook_id) WHERE state = 'waiting';

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['webhook', 'webhook_delivery'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      $p$CREATE POLICY tenant ON %I USING (organization_id = nullif(current_setting('app.organization', true), '')::uuid)$p$,
      name);
    EXECUTE format($p$CREATE POLICY operator ON %I USING (current_setting('app.operator', true) = 'on')$p$, name);
  END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook, webhook_delivery TO littlepbx_app;

SELECT audit_table('webhook', 'webhook', 'id', 'url', 'failing_since');

-- Writes down what is to be told to those of the organization who asked for it. Of one whose server is away for long no more
-- than 5,000 wait: what comes then is not told to it.
CREATE FUNCTION tell_webhooks(org uuid, what text, happened_at timestamptz, told jsonb) RETURNS void LANGUAGE sql AS $$
  WITH due AS (
    INSERT INTO webhook_delivery (id, organization_id, webhook_id, event, occurred_at, content)
      SELECT uuidv7(), org, w.id, what, happened_at, told FROM webhook w
        WHERE w.organization_id = org AND w.is_active AND what = ANY (w.events)
          AND (SELECT count(*) FROM webhook_delivery d WHERE d.webhook_id = w.id AND d.state = 'waiting') < 5000
      RETURNING id
  )
  INSERT INTO job (id, organization_id, kind, payload) SELECT id, org, 'webhook', '{}' FROM due
$$;

-- Records come in batches, mostly of organizations without any webhook.
CREATE FUNCTION webhook_call_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_webhooks(c.organization_id, 'call-ended', c.ended_at, jsonb_build_object('callId', c.id))
    FROM fresh c WHERE EXISTS (SELECT FROM webhook w WHERE w.organization_id = c.organization_id AND w.is_active
      AND 'call-ended' = ANY (w.events));
  RETURN NULL;
END
$$;
CREATE TRIGGER webhooks AFTER INSERT ON cdr REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION webhook_call_ended();

CREATE FUNCTION webhook_voicemail_arrived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_webhooks(NEW.organization_id, 'voicemail-arrived', NEW.created_at, jsonb_build_object(
    'messageId', NEW.id, 'extensionId', NEW.extension_id,
    'extension', (SELECT e.number FROM extension e WHERE e.organization_id = NEW.organization_id AND e.id = NEW.extension_id),
    'from', NEW.from_number, 'fromName', NEW.from_name,
    'duration', (SELECT f.duration FROM file f WHERE f.id = NEW.id)));
  RETURN NULL;
END
$$;
CREATE TRIGGER webhooks AFTER INSERT ON voicemail_message
  FOR EACH ROW EXECUTE FUNCTION webhook_voicemail_arrived();

CREATE FUNCTION webhook_revision_applied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_webhooks(NEW.organization_id, 'revision-applied', NEW.applied_at, jsonb_build_object(
    'revision', NEW.number, 'appliedBy', NEW.applied_by_name, 'note', NEW.note));
  RETURN NULL;
END
$$;
CREATE TRIGGER webhooks AFTER INSERT ON revision
  FOR EACH ROW EXECUTE FUNCTION webhook_revision_applied();
