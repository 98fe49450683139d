/**
 * What core asks of the world. `apps/server/src/main.ts` plugs in the real things; tests plug in a virtual clock and
 * memory. Core itself reads no clock, environment, network or SQL.
 */
import type { CallId, FinishedCall } from './call/record.ts';
import type { CountriesCalled, Finding } from './spending/anomaly.ts';
import type { Spent } from './spending/charge.ts';
import type { RateDeck } from './spending/rates.ts';
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
  /** The call is over: forgets its state, queues the record for Postgres and adds what it used, at once or not at all. */
  finish(call: FinishedCall, spent: Spent[]): void;
  /** What calls of the last two days have used, summed up by extension and hour. */
  spent(): Spent[];
  /** What was live when the last brain died. */
  live(): { id: CallId; state: unknown }[];
  readonly countries: CountriesCalled;
  /** Writes what was given so far to disk, now. */
  flush(): void;
}

/** Suspensions that the brain ordered by itself: kept on local disk until Postgres has them. */
export interface SuspensionOrders {
  pending(): Finding[];
  add(finding: Finding): void;
  done(finding: Finding): void;
}

/** Rate decks as last read from Postgres, by trunk. */
export interface RateDeckCache {
  load(): Map<string, RateDeck>;
  save(trunkId: string, deck: RateDeck): void;
  remove(trunkId: string): void;
}

/** Organizations as last read from Postgres, kept on local disk for a start while Postgres is away. */
export interface OrganizationCache {
  load(): Organization[];
  save(organizations: Organization[]): void;
  remove(ids: OrganizationId[]): void;
}

/** Something that somebody should know of soon. `id` is stable kebab-case. */
export interface Alert {
  id: 'spend-limit-near' | 'spend-limit-reached' | 'country-first-called' | 'device-suspended' | 'extension-suspended';
  organizationId: OrganizationId;
  at: number;
  detail: Record<string, string | number | boolean | null>;
}

/** Must return quickly and never throws: it is called while a call is set up. */
export interface Alerts {
  raise(alert: Alert): void;
}
