/**
 * A Kysely driver on pg that never waits without end. A stopped Postgres (SIGSTOP, a frozen machine, a cut cable) goes
 * on accepting TCP and answers nothing; pg's own `query_timeout` then fails the query and keeps the dead connection.
 * Here each transaction has one time-out, from asking for a connection to the commit; when it is over, the connection
 * is destroyed.
 */
import { StoreUnavailable } from '@littlepbx/core/tenancy/stores';
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import pg from 'pg';
import type { Patience } from './patience.ts';

/** SQLSTATE classes that say "not now" and nothing about the query: connection, resources, operator intervention. */
const AWAY = /^(08|53|57P|57014|25P03|40P01)/;
const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Faults of the database being away become `StoreUnavailable`; all others stay what they are. */
export function translated(error: unknown): unknown {
  if (error instanceof StoreUnavailable || !(error instanceof Error)) return error;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') return AWAY_CODES.has(code) || AWAY.test(code) ? new StoreUnavailable(error) : error;
  // pg gives these no code.
  return /timeout exceeded when trying to connect|Connection terminated|not queryable|connection error/i.test(
    error.message,
  )
    ? new StoreUnavailable(error)
    : error;
}

export class DeadlineConnection implements DatabaseConnection {
  readonly client: pg.PoolClient;
  readonly patience: Patience;
  isBroken = false;
  readonly #onAnswer: () => void;
  /** Between two statements nobody waits for the client's answer, and the pool listens to clients at rest only. */
  readonly #onLost = (): void => {
    this.isBroken = true;
  };

  /** @param onAnswer called when the server said anything, an error too */
  constructor(client: pg.PoolClient, patience: Patience, onAnswer: () => void) {
    this.client = client;
    this.patience = patience;
    this.#onAnswer = onAnswer;
    client.on('error', this.#onLost);
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const result = await this.send(query.sql, query.parameters as unknown[]);
    return { rows: result.rows as R[], numAffectedRows: BigInt(result.rowCount ?? 0) };
  }

  // biome-ignore lint/correctness/useYield: there is nothing here that streams
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('streaming is not used');
  }

  async send(text: string, values?: unknown[]): Promise<pg.QueryResult> {
    if (this.isBroken) throw new StoreUnavailable();
    const sent = this.client.query(text, values);
    // Whatever comes after the time is of no interest.
    sent.catch(() => {});
    try {
      const result = await Promise.race([sent, this.patience.over]);
      this.#onAnswer();
      return result;
    } catch (error) {
      if (error instanceof pg.DatabaseError) this.#onAnswer();
      const fault = translated(error);
      if (fault instanceof StoreUnavailable) this.isBroken = true;
      throw fault;
    }
  }

  release(): void {
    this.patience.end();
    this.client.release(this.isBroken ? new Error('connection given up') : undefined);
    // Only now: the pool listens again.
    this.client.off('error', this.#onLost);
  }
}

/** One transaction on one connection; BEGIN and the settings of the transaction are the caller's. */
export class DeadlineDriver implements Driver {
  readonly connection: DeadlineConnection;

  constructor(connection: DeadlineConnection) {
    this.connection = connection;
  }

  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this.connection;
  }
  async beginTransaction(): Promise<void> {
    throw new Error('transactions do not nest');
  }
  async commitTransaction(): Promise<void> {}
  async rollbackTransaction(): Promise<void> {}
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}
