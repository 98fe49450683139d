-- Whether a carrier by TLS must show a certificate, and of whose. Trunks that are there go on as they did.
ALTER TABLE trunk
  ADD verify_certificate boolean NOT NULL DEFAULT true,
  ADD certificate_authority text;
SELECT set_config('app.operator', 'on', true);
UPDATE trunk SET verify_certificate = false WHERE transport = 'tls';
SELECT set_config('app.operator', '', true);
