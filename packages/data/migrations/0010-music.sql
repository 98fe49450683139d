-- Whether an organization has music of its own is part of what the brain and the engine know of it.
CREATE TRIGGER changed AFTER INSERT ON file FOR EACH ROW WHEN (NEW.kind = 'music') EXECUTE FUNCTION belongings_changed();
CREATE TRIGGER changed_later AFTER DELETE ON file FOR EACH ROW WHEN (OLD.kind = 'music')
  EXECUTE FUNCTION belongings_changed();
