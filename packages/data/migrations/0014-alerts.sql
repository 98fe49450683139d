-- Whom of an organization its alerts are mailed to: its admins' addresses.
ALTER TABLE organization
  ADD alert_mail_to text[] NOT NULL DEFAULT '{}' CHECK (cardinality(alert_mail_to) <= 10);
