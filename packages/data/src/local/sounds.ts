/** Recordings on their way: what the engine records now, and what Postgres is to be told of. */
import type { DatabaseSync } from 'node:sqlite';
import type { ExpectedSound, SoundFile } from '@littlepbx/core/files/files';

/** A sound that Postgres does not know of yet. */
export interface OutgoingFile {
  seq: number;
  file: SoundFile;
}

export const SOUND_TABLES = `
  CREATE TABLE IF NOT EXISTS expected_sound (id TEXT PRIMARY KEY, sound TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS file_outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, file TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS refused_file (seq INTEGER PRIMARY KEY, file TEXT NOT NULL, reason TEXT NOT NULL);
`;

export class LocalSounds {
  readonly #db: DatabaseSync;
  /** Called after a file was added to the outbox. */
  onOutgoing: () => void = () => {};

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  expect(sound: ExpectedSound): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO expected_sound (id, sound) VALUES (?, ?)')
      .run(sound.id, JSON.stringify(sound));
  }

  expected(id: string): ExpectedSound | null {
    const row = this.#db.prepare('SELECT sound FROM expected_sound WHERE id = ?').get(id) as
      | { sound: string }
      | undefined;
    return row ? (JSON.parse(row.sound) as ExpectedSound) : null;
  }

  allExpected(): ExpectedSound[] {
    const rows = this.#db.prepare('SELECT sound FROM expected_sound ORDER BY id').all() as { sound: string }[];
    return rows.map((row) => JSON.parse(row.sound) as ExpectedSound);
  }

  /** There is nothing to expect any more: it came to nothing, or was thrown away. */
  forget(id: string): void {
    this.#db.prepare('DELETE FROM expected_sound WHERE id = ?').run(id);
  }

  /** It is in its place: Postgres is to be told, which it is expected no longer for. Both or neither. */
  taken(id: string, file: SoundFile): void {
    this.#inTransaction(() => {
      this.forget(id);
      this.#db.prepare('INSERT INTO file_outbox (file) VALUES (?)').run(JSON.stringify(file));
    });
    this.onOutgoing();
  }

  outgoing(limit: number): OutgoingFile[] {
    const rows = this.#db.prepare('SELECT seq, file FROM file_outbox ORDER BY seq LIMIT ?').all(limit) as {
      seq: number;
      file: string;
    }[];
    return rows.map((row) => ({ seq: row.seq, file: JSON.parse(row.file) as SoundFile }));
  }

  waiting(): number {
    return (this.#db.prepare('SELECT count(*) AS n FROM file_outbox').get() as { n: number }).n;
  }

  sent(outgoing: OutgoingFile[]): void {
    const remove = this.#db.prepare('DELETE FROM file_outbox WHERE seq = ?');
    this.#inTransaction(() => {
      for (const { seq } of outgoing) remove.run(seq);
    });
  }

  /** Postgres will never take this one: it is put aside, for a person to look at, and holds up no other. */
  refused({ seq, file }: OutgoingFile, reason: string): void {
    this.#inTransaction(() => {
      this.#db
        .prepare('INSERT OR REPLACE INTO refused_file (seq, file, reason) VALUES (?, ?, ?)')
        .run(seq, JSON.stringify(file), reason);
      this.#db.prepare('DELETE FROM file_outbox WHERE seq = ?').run(seq);
    });
  }

  #inTransaction(fn: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      fn();
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}
