import type { DatabaseSync } from 'node:sqlite';
import type { RateDeckCache } from '@littlepbx/core/ports';
import { RateDeck } from '@littlepbx/core/spending/rates';
import { type RateRow, rateOf, rateRow } from '../stores/rates.ts';

/** Rate decks as last read from Postgres, for a start while it is away. */
export function createRateDeckCache(db: DatabaseSync): RateDeckCache {
  db.exec(`
    CREATE TABLE IF NOT EXISTS rate_deck (
      trunk TEXT PRIMARY KEY, version INTEGER NOT NULL, currency TEXT NOT NULL, rates TEXT NOT NULL
    ) WITHOUT ROWID;
  `);
  const put = db.prepare('INSERT OR REPLACE INTO rate_deck VALUES (?, ?, ?, ?)');
  const remove = db.prepare('DELETE FROM rate_deck WHERE trunk = ?');
  return {
    load() {
      const rows = db.prepare('SELECT * FROM rate_deck').all() as {
        trunk: string;
        version: number;
        currency: string;
        rates: string;
      }[];
      return new Map(
        rows.map((row) => {
          const rates = (JSON.parse(row.rates) as RateRow[]).map(rateOf);
          return [row.trunk, new RateDeck(row.version, row.currency, rates)];
        }),
      );
    },
    save: (trunkId, deck) =>
      void put.run(trunkId, deck.version, deck.currency, JSON.stringify(deck.rates().map(rateRow))),
    remove: (trunkId) => void remove.run(trunkId),
  };
}
