-- What calls to the outside may use, what carriers ask for them, and suspension of single phones and extensions.
-- Money is in millionths of the deck's currency.

ALTER TABLE organization
  ADD time_zone text NOT NULL DEFAULT 'UTC',
  ADD minutes_per_hour integer NOT NULL DEFAULT 1000 CHECK (minutes_per_hour >= 0),
  ADD minutes_per_day integer NOT NULL DEFAULT 5000 CHECK (minutes_per_day >= 0),
  ADD money_per_hour bigint NOT NULL DEFAULT 20000000 CHECK (money_per_hour >= 0),
  ADD money_per_day bigint NOT NULL DEFAULT 100000000 CHECK (money_per_day >= 0),
  ADD off_hours jsonb NOT NULL DEFAULT '{"fromHour": 20, "toHour": 7, "hasWeekends": true, "percent": 50}',
  ADD anomaly jsonb NOT NULL DEFAULT '{"callsToNewCountry": 5, "shortCallsPerMinute": 10, "parallelCallsToPrefix": 5, "moneyPerTenMinutes": 10000000}';

ALTER TABLE device ADD suspension jsonb;

-- What acts at once of an extension. Its id outlives drafts and revisions, so there is no foreign key to either.
CREATE TABLE extension_control (
  extension_id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  limits jsonb NOT NULL,
  suspension jsonb
);
CREATE INDEX ON extension_control (organization_id);

-- One row a deck: it is imported, read and replaced whole, and 20,000 rows take longer to write than a request may.
CREATE TABLE rate_deck (
  trunk_id uuid PRIMARY KEY REFERENCES trunk ON DELETE CASCADE,
  organization_id uuid NOT NULL REFERENCES organization ON DELETE CASCADE,
  version bigint NOT NULL DEFAULT nextval('organization_version'),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  -- [prefix, price per minute, setup fee, first increment, increment], by prefix.
  rates jsonb NOT NULL,
  imported_at timestamptz NOT NULL
);
CREATE INDEX ON rate_deck (organization_id);

ALTER TABLE cdr ADD cost bigint NOT NULL DEFAULT 0, ADD currency text;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['extension_control', 'rate_deck'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format(
      $p$CREATE POLICY tenant ON %I USING (organization_id = nullif(current_setting('app.organization', true), '')::uuid)$p$, t);
    EXECUTE format($p$CREATE POLICY operator ON %I USING (current_setting('app.operator', true) = 'on')$p$, t);
    EXECUTE format(
      'CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION belongings_changed()', t);
  END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON extension_control, rate_deck TO littlepbx_app;

-- What brains have cached knows nothing of these.
SELECT set_config('app.operator', 'on', true);
UPDATE organization SET version = nextval('organization_version');
SELECT set_config('app.operator', '', true);

SELECT audit_table('extension_control', 'extension-control', 'extension_id', 'extension_id');
SELECT audit_table('rate_deck', 'rate-deck', 'trunk_id', 'trunk_id', 'rates', 'version');
