/**
 * What calls have used, by extension and clock hour, and which countries were called: the part of spending that must
 * survive the brain and needs no Postgres. `add` runs inside the journal's transaction.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { CountriesCalled } from '@littlepbx/core/spending/anomaly';
import type { Spent } from '@littlepbx/core/spending/charge';

/** A day of 25 hours, that of a zone ahead, and one to spare. Milliseconds. */
const KEPT_FOR = 50 * 3_600_000;

const TABLES = `
  CREATE TABLE IF NOT EXISTS spent (
    organization TEXT NOT NULL, extension TEXT NOT NULL, hour INTEGER NOT NULL, is_off INTEGER NOT NULL,
    calls INTEGER NOT NULL, duration INTEGER NOT NULL, cost INTEGER NOT NULL,
    PRIMARY KEY (organization, extension, hour, is_off)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS country_called (
    organization TEXT NOT NULL, country TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (organization, country)
  ) WITHOUT ROWID;
`;

export interface SpentFile {
  add(spent: Spent): void;
  all(): Spent[];
  countries: CountriesCalled;
}

export function createSpentFile(db: DatabaseSync): SpentFile {
  db.exec(TABLES);
  const add = db.prepare(`
    INSERT INTO spent VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET
      calls = calls + excluded.calls, duration = duration + excluded.duration, cost = cost + excluded.cost`);
  const called = db.prepare('INSERT OR IGNORE INTO country_called VALUES (?, ?, ?)');
  return {
    add: ({ organizationId, extensionId, hour, isOff, calls, duration, cost }) =>
      void add.run(organizationId, extensionId ?? '', hour, isOff ? 1 : 0, calls, Math.round(duration), cost),
    all() {
      db.prepare('DELETE FROM spent WHERE hour < (SELECT max(hour) FROM spent) - ?').run(KEPT_FOR);
      const rows = db.prepare('SELECT * FROM spent').all() as unknown as (Omit<Spent, 'isOff'> & {
        organization: string;
        extension: string;
        is_off: number;
      })[];
      return rows.map(({ organization, extension, hour, is_off, calls, duration, cost }) => ({
        organizationId: organization,
        extensionId: extension === '' ? null : extension,
        hour,
        isOff: is_off === 1,
        calls,
        duration,
        cost,
      }));
    },
    countries: {
      all: () =>
        db
          .prepare('SELECT organization AS organizationId, country, at FROM country_called')
          .all() as unknown as ReturnType<CountriesCalled['all']>,
      add(organizationId, country, at) {
        try {
          called.run(organizationId, country, at);
        } catch {
          // A full disk stops no call: it is remembered by this brain, and new again to the next.
        }
      },
    },
  };
}
