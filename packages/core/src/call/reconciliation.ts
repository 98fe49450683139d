/**
 * What core believes against what the engine has. The first run adopts the calls of the brain before; every run catches
 * up with answers and hang-ups that nobody heard, takes callers who arrived while no brain was there, and ends orphans.
 *
 * A snapshot is a moment between two commands: what was begun after it was asked for is not in it, so only legs and
 * bridges that were known before are missed.
 */
import {
  bridgeId,
  CAUSE,
  type Engine,
  type EngineEvent,
  type EngineSnapshot,
  type LegId,
  type LegSnapshot,
  type LegSource,
} from '@littlepbx/engine/port';
import { EMPTY_CONTENT } from '../config/diff.ts';
import type { Clock, Journal, Log } from '../ports.ts';
import { DEFAULT_LIMITS, type Organization } from '../tenancy/organization.ts';
import type { NewLeg } from './arrival.ts';
import { Call } from './call.ts';
import type { CallWorld } from './call-parts.ts';
import type { CallState } from './call-state.ts';
import type { Organizations } from './organizations.ts';

export interface ReconciliationWorld {
  engine: Engine;
  clock: Clock;
  log: Log;
  journal: Journal;
  organizations: Organizations;
  world: CallWorld;
  /** Legs, playbacks and recordings; the registry's own map. */
  owners: Map<string, Call>;
  calls(): Call[];
  /** An adopted call is counted and found from now on. */
  take(call: Call): void;
  keep(call: Call): void;
  arrive(leg: NewLeg): void;
  /** As if the engine had just told it. */
  hear(event: EngineEvent): void;
}

/** Younger legs may belong to a command that is on its way. Milliseconds. */
const ORPHAN_AFTER = 5000;
/** A leg whose originate is on its way is in no snapshot yet: what a call did last is so old. Milliseconds. */
export const SETTLED_AFTER = 1000;

export class Reconciliation {
  readonly #o: ReconciliationWorld;
  #isAdopted = false;
  #running: Promise<void> | null = null;
  /** Legs that ended while a snapshot was on its way: it may still show them. */
  readonly #endedMeanwhile = new Set<LegId>();

  /** What a brain was told before it had adopted the call: the snapshot may be older. */
  #early: EngineEvent[] = [];

  constructor(o: ReconciliationWorld) {
    this.#o = o;
  }

  /** Safe at any time; a second one joins the first. Rejects when the engine cannot be asked. */
  run(): Promise<void> {
    this.#running ??= this.#once().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** The registry heard that a leg ended. */
  heardEnd(leg: LegId): void {
    if (this.#running) this.#endedMeanwhile.add(leg);
  }

  /** The registry heard of something that belongs to no call. */
  heardOfUnknown(event: EngineEvent): void {
    // Who asked for a transfer is told that it failed when the call is adopted.
    if (!this.#isAdopted && event.type !== 'leg:transfer') this.#early.push(event);
  }

  async #once(): Promise<void> {
    this.#endedMeanwhile.clear();
    const legsBefore = new Map(this.#o.calls().map((call) => [call, call.legs()]));
    const bridgesBefore = this.#bridges();
    const snapshot = await this.#o.engine.snapshot();
    const there = new Set<string>(snapshot.legs.map((l) => l.id));
    if (this.#isAdopted) this.#catchUp(snapshot, legsBefore, there);
    else this.#adopt(snapshot, there);
    this.#isAdopted = true;
    for (const event of this.#early.splice(0)) this.#o.hear(event);
    this.#sweepLegs(snapshot);
    this.#sweepBridges(snapshot, bridgesBefore);
    // Of calls that ended: their last events were lost with a connection.
    for (const [key, call] of this.#o.owners) if (call.hasEnded && !there.has(key)) this.#o.owners.delete(key);
  }

  #adopt(snapshot: EngineSnapshot, there: Set<string>): void {
    // A call that began since we connected is in the journal too, and is ours already.
    const begun = new Set<string>(this.#o.calls().map((call) => call.id));
    const kept = this.#o.journal.live().filter(({ id }) => !begun.has(id));
    for (const { state: plain } of kept) {
      const state = plain as CallState;
      // Of a brain that knew of none.
      state.charges ??= [];
      const organization = this.#o.organizations.get(state.organizationId) ?? deleted(state);
      const call = new Call(this.#o.world, organization, state);
      this.#o.take(call);
      if (call.legs().some((leg) => there.has(leg))) call.adopt(snapshot);
      else if (snapshot.startedAt && snapshot.startedAt > state.startedAt) call.lost('engine-lost', snapshot.startedAt);
      else call.lost('brain-restarted', this.#o.clock.now());
      this.#o.keep(call);
    }
    if (kept.length) this.#o.log.info('calls-adopted', { kept: kept.length, live: this.#o.calls().length });
  }

  #catchUp(snapshot: EngineSnapshot, legsBefore: Map<Call, LegId[]>, there: Set<string>): void {
    for (const [call, legs] of legsBefore) {
      call.catchUp(snapshot);
      this.#o.keep(call);
      const last = call.state.trace.at(-1);
      if (last && this.#o.clock.now() - last.at < SETTLED_AFTER) continue;
      for (const leg of legs) {
        if (there.has(leg) || this.#o.owners.get(leg) !== call) continue;
        this.#o.log.warn('leg-missed', { call: call.id, leg });
        this.#o.hear({ type: 'leg:ended', leg, cause: CAUSE.normal, at: this.#o.clock.now() });
      }
    }
  }

  #sweepLegs(snapshot: EngineSnapshot): void {
    const { clock, engine, log, owners } = this.#o;
    for (const leg of snapshot.legs) {
      if (this.#endedMeanwhile.has(leg.id)) continue;
      const owner = owners.get(leg.id);
      if (!leg.isOurs || (owner && !owner.hasEnded)) continue;
      if (!owner && isWaiting(leg)) {
        const { id, source, dialled, to, callerId, createdAt } = leg;
        this.#o.arrive({ type: 'leg:new', leg: id, source, dialled, to, callerId, at: createdAt });
      } else if (owner || clock.now() - leg.createdAt > ORPHAN_AFTER) {
        // Its call let it go and the order was lost with a connection, or it is of a brain that died.
        log.warn('orphan-leg', { leg: leg.id });
        engine.hangup(leg.id, CAUSE.normal).catch(() => {});
      } else clock.after(ORPHAN_AFTER, () => void this.run().catch(() => {}));
    }
  }

  #sweepBridges(snapshot: EngineSnapshot, before: Set<string>): void {
    const used = this.#bridges();
    for (const { id } of snapshot.bridges) {
      if (!used.has(id) && !before.has(id)) this.#o.engine.unbridge(bridgeId(id.slice(2))).catch(() => {});
    }
  }

  #bridges(): Set<string> {
    const all = this.#o
      .calls()
      .flatMap(({ state }) => [state.bridge, ...(state.attempt?.legs ?? []).map((l) => l.bridge)]);
    return new Set(all.filter((bridge) => bridge !== null));
  }
}

/** A caller whom no brain has seen. */
function isWaiting(leg: LegSnapshot): leg is LegSnapshot & { source: LegSource; dialled: string } {
  return leg.source !== null && leg.dialled !== null && leg.state !== 'answered';
}

/** Stand-in for an organization that was deleted while its call went on. */
function deleted(state: CallState): Organization {
  return {
    id: state.organizationId,
    slug: '',
    name: '',
    country: 'ZZ',
    isSuspended: true,
    timeZone: 'UTC',
    language: 'en',
    limits: { ...DEFAULT_LIMITS, storageBytes: 0 },
    controls: [],
    allowedCountries: [],
    defaultNumber: null,
    numbers: [],
    revision: { number: state.revision, content: EMPTY_CONTENT },
    devices: [],
    trunks: [],
    rateDecks: [],
    version: 0,
  };
}
