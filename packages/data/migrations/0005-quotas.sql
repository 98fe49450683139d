-- How much an organization may have; set by the operator.
ALTER TABLE organization
  ADD max_extensions integer NOT NULL DEFAULT 1000 CHECK (max_extensions >= 0),
  ADD max_devices integer NOT NULL DEFAULT 3000 CHECK (max_devices >= 0),
  ADD max_numbers integer NOT NULL DEFAULT 1000 CHECK (max_numbers >= 0),
  ADD max_keys integer NOT NULL DEFAULT 100 CHECK (max_keys >= 0);
