/**
 * The way to the database: every transaction is either confined to one organization or is the operator's, and says so
 * with SET LOCAL before anything else. Row-level security (migrations/0001) shows nothing to any other.
 */
import type { Author } from '@littlepbx/core/tenancy/audit-entry';
import type { OrganizationId } from '@littlepbx/core/tenancy/organization';
import { StoreUnavailable } from '@littlepbx/core/tenancy/stores';
import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import pg from 'pg';
import { DeadlineConnection, DeadlineDriver, translated } from './deadline-driver.ts';
import { Gate } from './gate.ts';
import { Patience } from './patience.ts';
import type { Database } from './schema.ts';
import { isUuid } from './uuid.ts';

export type Transaction = Kysely<Database>;

/** Whole transactions, milliseconds. An API request makes up to two in a row and must answer within 3 s. */
const TRANSACTION_TIMEOUT = 2_000;
/** When nobody had an answer for so long, the database is away. Milliseconds. */
const SILENCE = TRANSACTION_TIMEOUT - 200;
/** Then transactions fail at once for this long, instead of each waiting its time-out. Milliseconds. */
const AWAY_FOR = 1_000;
/** Part of the connections that one organization may use at once. */
const SHARE = 0.3;
/** The server's own limit, for statements whose client gave up; milliseconds. */
const STATEMENT_TIMEOUT = 15_000;

const INT8 = 20;
const types = {
  // Versions and durations fit a double for some thousands of years.
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format as 'text'),
} as pg.CustomTypesConfig;

const AS_OPERATOR = `SELECT set_config('app.operator', 'on', true), set_config('app.author', $1, true)`;
const AS_ORGANIZATION = `SELECT set_config('app.organization', $1, true), set_config('app.author', $2, true)`;

const textOf = (author: Author | undefined): string => (author ? JSON.stringify(author) : '');

export interface TenantDbOptions {
  /** Of the role `littlepbx_app`. */
  url: string;
  /** Connections at most. */
  maxConnections?: number;
  /** A broken idle connection; only worth a log line. */
  onIdleError?: (error: Error) => void;
}

export class TenantDb {
  readonly #pool: pg.Pool;
  /** An organization that asks a lot at once waits for itself, and takes no connection from the others. */
  readonly #gate: Gate;
  /** By the clock that nobody sets, as all deadlines here. */
  #awayUntil = Number.NEGATIVE_INFINITY;
  #answeredAt = Number.NEGATIVE_INFINITY;
  readonly #answered = (): void => {
    this.#answeredAt = performance.now();
  };

  constructor({ url, maxConnections = 10, onIdleError }: TenantDbOptions) {
    this.#gate = new Gate(Math.max(1, Math.floor(maxConnections * SHARE)));
    this.#pool = new pg.Pool({
      connectionString: url,
      max: maxConnections,
      // By the clock. Who waits gives up before; this ends what nobody waits for any more.
      connectionTimeoutMillis: 2 * TRANSACTION_TIMEOUT,
      statement_timeout: STATEMENT_TIMEOUT,
      // A brain stopped in mid-transaction must not hold an organization's lock for ever.
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT,
      idleTimeoutMillis: 60_000,
      application_name: 'littlepbx',
      keepAlive: true,
      types,
    });
    this.#pool.on('error', (error) => onIdleError?.(error));
  }

  /**
   * One transaction that sees and changes this organization alone.
   * @param author who the audit log says did it; the system when left out
   */
  async withOrganization<T>(
    id: OrganizationId,
    fn: (trx: Transaction) => Promise<T>,
    author?: Author,
    limit = TRANSACTION_TIMEOUT,
  ): Promise<T> {
    const deadline = performance.now() + limit;
    if (!(await this.#gate.enter(id, deadline))) throw new StoreUnavailable(new Error('too many requests at once'));
    try {
      const timeout = deadline - performance.now();
      return await this.#transaction(AS_ORGANIZATION, [id, textOf(author)], fn, timeout);
    } finally {
      this.#gate.leave(id);
    }
  }

  /** One transaction that sees all. For the operator's use cases and the brain's own reading. */
  asOperator<T>(fn: (trx: Transaction) => Promise<T>, timeout?: number, author?: Author): Promise<T> {
    return this.#transaction(AS_OPERATOR, [textOf(author)], fn, timeout);
  }

  /** One transaction confined to the organization of this slug or id; null when there is none. */
  async withNamedOrganization<T>(
    slugOrId: string,
    fn: (trx: Transaction, id: OrganizationId) => Promise<T>,
    author?: Author,
    timeout = TRANSACTION_TIMEOUT,
  ): Promise<T | null> {
    const use = async (connection: DeadlineConnection, trx: Transaction): Promise<T | null> => {
      const found = await connection.send(
        isUuid(slugOrId) ? 'SELECT id FROM organization WHERE id = $1' : 'SELECT id FROM organization WHERE slug = $1',
        [slugOrId],
      );
      const id = (found.rows[0] as { id: string } | undefined)?.id;
      if (id === undefined) return null;
      await connection.send(`SELECT set_config('app.operator', '', true), set_config('app.organization', $1, true)`, [
        id,
      ]);
      return fn(trx, id);
    };
    return this.#onConnection(AS_OPERATOR, [textOf(author)], use, timeout);
  }

  /** One statement outside of any organization; it sees what its functions show. */
  async statement<R>(text: string, values: unknown[], timeout = TRANSACTION_TIMEOUT): Promise<R[]> {
    const connection = await this.#acquire(timeout);
    try {
      return (await connection.send(text, values)).rows as R[];
    } catch (error) {
      throw this.#noticed(error);
    } finally {
      connection.release();
    }
  }

  /** Connections: all, those at rest, and transactions that wait for one. */
  get pool(): { total: number; idle: number; waiting: number } {
    const { totalCount: total, idleCount: idle, waitingCount: waiting } = this.#pool;
    return { total, idle, waiting };
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  #transaction<T>(
    setting: string,
    values: unknown[],
    fn: (trx: Transaction) => Promise<T>,
    timeout = TRANSACTION_TIMEOUT,
  ): Promise<T> {
    return this.#onConnection(setting, values, (_connection, trx) => fn(trx), timeout);
  }

  async #onConnection<T>(
    setting: string,
    values: unknown[],
    fn: (connection: DeadlineConnection, trx: Transaction) => Promise<T>,
    timeout: number,
  ): Promise<T> {
    const connection = await this.#acquire(timeout);
    try {
      await connection.send('BEGIN');
      await connection.send(setting, values);
      const result = await fn(connection, kyselyOn(connection));
      await connection.send('COMMIT');
      return result;
    } catch (error) {
      if (!connection.isBroken) await connection.send('ROLLBACK').catch(() => {});
      throw this.#noticed(error);
    } finally {
      connection.release();
    }
  }

  async #acquire(timeout: number): Promise<DeadlineConnection> {
    if (performance.now() < this.#awayUntil) throw new StoreUnavailable();
    const patience = new Patience(timeout);
    const connecting = this.#pool.connect();
    try {
      return new DeadlineConnection(await Promise.race([connecting, patience.over]), patience, this.#answered);
    } catch (error) {
      patience.end();
      // Comes too late, or not at all.
      connecting.then(
        (client) => client.release(),
        () => {},
      );
      throw this.#noticed(translated(error));
    }
  }

  /**
   * One transaction in vain may have waited for a lock or for a free connection. When no connection at all had an
   * answer in that time, it is the database that is away.
   */
  #noticed(fault: unknown): unknown {
    const now = performance.now();
    if (fault instanceof StoreUnavailable && now - this.#answeredAt > SILENCE) this.#awayUntil = now + AWAY_FOR;
    return fault;
  }
}

/** Some 5 µs to make; it holds nothing but the connection. */
function kyselyOn(connection: DeadlineConnection): Transaction {
  return new Kysely<Database>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DeadlineDriver(connection),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}
