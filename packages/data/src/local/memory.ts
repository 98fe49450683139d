/** Small things that the brain must still know after a start without Postgres, each under a name; sealed. */
import type { DatabaseSync } from 'node:sqlite';
import type { Cipher } from '../cipher.ts';

export const MEMORY_TABLE =
  'CREATE TABLE IF NOT EXISTS memory (name TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID;';

export class LocalMemory {
  readonly #db: DatabaseSync;
  readonly #cipher: Cipher;

  constructor(db: DatabaseSync, cipher: Cipher) {
    this.#db = db;
    this.#cipher = cipher;
  }

  load<T>(name: string): T | null {
    const row = this.#db.prepare('SELECT content FROM memory WHERE name = ?').get(name) as
      | { content: Uint8Array }
      | undefined;
    return row ? (JSON.parse(this.#cipher.decrypt(`memory:${name}`, row.content)) as T) : null;
  }

  /** @throws when the disk is full */
  save(name: string, value: unknown): void {
    this.#db
      .prepare(
        'INSERT INTO memory (name, content) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET content = excluded.content',
      )
      .run(name, this.#cipher.encrypt(`memory:${name}`, JSON.stringify(value)));
  }
}
