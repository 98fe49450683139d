-- Of what machines say. Whoever is there already goes on hearing English; a new organization begins with its country's.

ALTER TABLE organization ADD language text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'es', 'fr', 'it', 'ru'));
-- Null: the organization's.
ALTER TABLE extension ADD language text CHECK (language IN ('en', 'es', 'fr', 'it', 'ru'));
