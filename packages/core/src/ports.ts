/**
 * What core asks of the world. `apps/server/src/main.ts` plugs in the real things; tests plug in a virtual clock and
 * memory. Core itself reads no clock, environment, network or SQL.
 */
import type { CallId, FinishedCall } from './call/record.ts';
import type { Organization, OrganizationId } from './tenancy/organization.ts';

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `fn` once after `delay` ms; the returned function cancels it. */
  after(delay: number, fn: () => void): () => void;
}

/**
 * One event a line, by a stable kebab-case name. What is somebody's (numbers, names, addresses) goes into the field
 * `personal: {…}` and nowhere else: the operator may have that hashed or left out. Secrets go nowhere.
 */
export interface Log {
  debug(event: string, fields?: Record<string, unknown>): void;
  info(event: string, fields?: Record<string, unknown>): void;
  warn(event: string, fields?: Record<string, unknown>): void;
  error(event: string, fields?: Record<string, unknown>): void;
}

/** New ids; deterministic in tests. */
export interface Ids {
  /** UUIDv7. */
  next(): string;
}

/**
 * The brain's own memory on local disk: it survives `kill -9` of the brain and works while Postgres is away.
 * Calls write to it in the order things happened; it may gather the writes of one tick into one transaction.
 */
export interface Journal {
  /** Keeps the present state of a live call, replacing what was there. */
  keep(id: CallId, state: unknown): void;
  /** The call is over: forgets its state and queues the record for Postgres, at once or not at all. */
  finish(call: FinishedCall): void;
  /** What was live when the last brain died. */
  live(): { id: CallId; state: unknown }[];
  /** Writes what was given so far to disk, now. */
  flush(): void;
}

/** Organizations as last read from Postgres, kept on local disk for a start while Postgres is away. */
export interface OrganizationCache {
  load(): Organization[];
  save(organizations: Organization[]): void;
  remove(ids: OrganizationId[]): void;
}
