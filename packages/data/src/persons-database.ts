/**
 * The way of better-auth to the tables of persons: each of its statements is a transaction of its own in operator mode,
 * through the same pool and deadlines as all others. It opens no transactions itself: what it does in several steps is
 * ordered so that what is left half done lets nobody in.
 */
import type { Author } from '@littlepbx/core/tenancy/audit-entry';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import type { TenantDb } from './tenant-db.ts';

class Statements implements Driver, DatabaseConnection {
  readonly #db: TenantDb;
  readonly #author: () => Author | undefined;

  constructor(db: TenantDb, author: () => Author | undefined) {
    this.#db = db;
    this.#author = author;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#db.asOperator((trx) => trx.executeQuery<R>(query as CompiledQuery<R>), undefined, this.#author());
  }

  // biome-ignore lint/correctness/useYield: there is nothing here that streams
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('streaming is not used');
  }

  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this;
  }
  async beginTransaction(): Promise<void> {
    throw new Error('transactions are not used');
  }
  async commitTransaction(): Promise<void> {}
  async rollbackTransaction(): Promise<void> {}
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}

/** @param author on whose behalf, at each statement */
export function personsDatabase(db: TenantDb, author: () => Author | undefined): Kysely<Record<string, never>> {
  return new Kysely({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new Statements(db, author),
      createIntrospector: (kysely) => new PostgresIntrospector(kysely),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}
