ALTER TABLE extension ADD do_not_disturb boolean NOT NULL DEFAULT false;
