-- Null: an API key did, whose name says nothing to who is invited.
ALTER TABLE invitation ALTER invited_by DROP NOT NULL;
