/**
 * What must survive `kill -9`: the state of live calls, and records of ended ones until Postgres has them. The writes
 * of one turn of the event loop go into one transaction. While the disk takes none (it is full), all of it is kept in memory
 * and tried again every second: calls go on, and what ended is not lost unless the brain dies as well.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CallId, FinishedCall } from '@littlepbx/core/call/record';
import type { Journal } from '@littlepbx/core/ports';
import type { Spent } from '@littlepbx/core/spending/charge';
import { createSpentFile, type SpentFile } from './spent.ts';

/** A record waiting for Postgres. */
export interface Outgoing {
  seq: number;
  call: FinishedCall;
}

/** Milliseconds. */
const RETRY_AFTER = 1_000;

export class LocalJournal implements Journal {
  readonly #db: DatabaseSync;
  readonly #put: StatementSync;
  readonly #forget: StatementSync;
  readonly #queue: StatementSync;
  /** Latest state of each call touched in this turn; undefined = ended. */
  #touched = new Map<CallId, { state: unknown } | null>();
  #finished: FinishedCall[] = [];
  #spent: Spent[] = [];
  readonly #spentFile: SpentFile;
  readonly countries: SpentFile['countries'];
  #scheduled: NodeJS.Immediate | undefined;
  #trouble: { since: number; reason: string } | null = null;
  #again: NodeJS.Timeout | undefined;
  /** Called when writing fails for the first time (`reason`), and when it works again (null). */
  onTrouble: (reason: string | null) => void = () => {};
  /** Called after records were added to the outbox. */
  onOutgoing: () => void = () => {};

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#spentFile = createSpentFile(db);
    this.countries = this.#spentFile.countries;
    this.#put = db.prepare(
      'INSERT INTO live_call (id, state) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state',
    );
    this.#forget = db.prepare('DELETE FROM live_call WHERE id = ?');
    this.#queue = db.prepare('INSERT INTO outbox (call) VALUES (?)');
  }

  /**
   * `state` is written as JSON at the end of this turn of the event loop, as it is then. Gathering for 10 ms would save a
   * tenth of the brain's work per call, and was tried: a brain killed within them knew nothing of phones that rang.
   */
  keep(id: CallId, state: unknown): void {
    this.#touched.set(id, { state });
    this.#schedule();
  }

  finish(call: FinishedCall, spent: Spent[]): void {
    this.#touched.set(call.cdr.id, null);
    this.#finished.push(call);
    this.#spent.push(...spent);
    this.#schedule();
  }

  live(): { id: CallId; state: unknown }[] {
    this.flush();
    const rows = this.#db.prepare('SELECT id, state FROM live_call ORDER BY id').all() as {
      id: string;
      state: string;
    }[];
    return rows.map((row) => ({ id: row.id, state: JSON.parse(row.state) as unknown }));
  }

  spent(): Spent[] {
    this.flush();
    return this.#spentFile.all();
  }

  /** Writes what is pending, now. @throws when the disk does not take it; then it stays pending */
  flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    if (this.#touched.size === 0) return;
    const [touched, finished, spent] = [this.#touched, this.#finished, this.#spent];
    this.#inTransaction(() => {
      for (const [id, kept] of touched) {
        if (kept) this.#put.run(id, JSON.stringify(kept.state));
        else this.#forget.run(id);
      }
      for (const call of finished) this.#queue.run(JSON.stringify(call));
      for (const part of spent) this.#spentFile.add(part);
    });
    this.#touched = new Map();
    this.#finished = [];
    this.#spent = [];
    if (finished.length > 0) this.onOutgoing();
  }

  /** Since when the disk takes nothing, milliseconds since the epoch; null: it does. */
  get stuckSince(): number | null {
    return this.#trouble?.since ?? null;
  }

  /** Ends trying. */
  close(): void {
    clearTimeout(this.#again);
    clearImmediate(this.#scheduled);
  }

  /** How many records Postgres does not have yet. */
  waiting(): number {
    return (this.#db.prepare('SELECT count(*) AS n FROM outbox').get() as { n: number }).n + this.#finished.length;
  }

  /** How many records Postgres refused for good. */
  refusedCount(): number {
    return (this.#db.prepare('SELECT count(*) AS n FROM refused_record').get() as { n: number }).n;
  }

  /** The oldest records that Postgres does not have yet. */
  outgoing(limit: number): Outgoing[] {
    const rows = this.#db.prepare('SELECT seq, call FROM outbox ORDER BY seq LIMIT ?').all(limit) as {
      seq: number;
      call: string;
    }[];
    return rows.map((row) => ({ seq: row.seq, call: JSON.parse(row.call) as FinishedCall }));
  }

  /** Postgres has them. */
  sent(outgoing: Outgoing[]): void {
    const remove = this.#db.prepare('DELETE FROM outbox WHERE seq = ?');
    this.#inTransaction(() => {
      for (const { seq } of outgoing) remove.run(seq);
    });
  }

  /** Postgres will never take this one: it is put aside, for a person to look at, and holds up no other. */
  refused({ seq, call }: Outgoing, reason: string): void {
    this.#inTransaction(() => {
      this.#db
        .prepare('INSERT OR REPLACE INTO refused_record (seq, call, reason) VALUES (?, ?, ?)')
        .run(seq, JSON.stringify(call), reason);
      this.#db.prepare('DELETE FROM outbox WHERE seq = ?').run(seq);
    });
  }

  #schedule(): void {
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      this.#try();
    });
  }

  #try(): void {
    try {
      this.flush();
    } catch (error) {
      clearTimeout(this.#again);
      this.#again = setTimeout(() => this.#try(), RETRY_AFTER);
      if (this.#trouble) return;
      this.#trouble = { since: Date.now(), reason: error instanceof Error ? error.message : String(error) };
      this.onTrouble(this.#trouble.reason);
      return;
    }
    if (!this.#trouble) return;
    this.#trouble = null;
    this.onTrouble(null);
  }

  #inTransaction(fn: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      fn();
      this.#db.exec('COMMIT');
    } catch (error) {
      // A full disk ends the transaction by itself (https://www.sqlite.org/lang_transaction.html).
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}
