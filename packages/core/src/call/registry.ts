/**
 * All calls of one engine: finds the call of an event, makes a call for a leg that arrives, and reconciles what it
 * believes with what the engine has: at every (re)connect, and every 30 s as a leak detector.
 *
 * The registry is the only owner of the maps; calls reach them through `CallWorld`.
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
import type { Clock, Ids, Journal, Log } from '../ports.ts';
import type { Organization } from '../tenancy/organization.ts';
import { Admission } from './admission.ts';
import { Call, type CallWorld } from './call.ts';
import type { CallState } from './call-state.ts';
import { Limits } from './limits.ts';
import { type Inbound, Organizations } from './organizations.ts';
import type { CallDirection, FinishedCall } from './record.ts';
import { extensionById, type Place, placeFor, placeForDid } from './routing.ts';
import { causeOf, type Reason } from './termination.ts';

export interface RegistryOptions {
  engine: Engine;
  clock: Clock;
  ids: Ids;
  log: Log;
  journal: Journal;
  /** Calls in set-up at once before new ones get 503. */
  maxInSetup: number;
}

const RECONCILE_EVERY = 30_000;
const RECONCILE_RETRY = 500;
const BEAT_EVERY = 500;
/** Younger legs may belong to a command that is on its way. */
const ORPHAN_AFTER = 5000;
/** Refused callers of one organization that may hear an announcement at the same time. */
const MAX_ANNOUNCEMENTS = 10;

export class CallRegistry {
  readonly organizations = new Organizations();
  readonly limits: Limits;
  readonly admission: Admission;
  readonly #o: RegistryOptions;
  readonly #calls = new Map<string, Call>();
  /** Legs, playbacks and recordings. */
  readonly #owners = new Map<string, Call>();
  readonly #inSetup = new Set<Call>();
  readonly #announcing = new Set<Call>();
  readonly #world: CallWorld;
  #isAdopted = false;
  #onAdopted: () => void = () => {};
  #lostAt: number | null = null;
  #reconciling: Promise<void> | null = null;
  #timers: (() => void)[] = [];
  #isStopped = false;

  constructor(o: RegistryOptions) {
    this.#o = o;
    this.limits = new Limits(o.clock);
    this.admission = new Admission(o.engine, o.clock, o.maxInSetup);
    this.#world = {
      engine: o.engine,
      clock: o.clock,
      ids: o.ids,
      log: o.log,
      now: (id) => this.organizations.get(id),
      devicesOf: (id) => this.organizations.devicesOf(id),
      attach: (id, call) => this.#owners.set(id, call),
      settled: (call) => this.#settled(call),
      ended: (call, record) => this.#ended(call, record),
      mayAnnounce: (call) => this.#mayAnnounce(call),
      takeRate: (organization) => this.limits.takeRate(organization),
      changed: (call) => this.#keep(call),
    };
    o.engine.onEvent((event) => this.#on(event));
  }

  /** Connects; calls of an earlier brain are adopted before it resolves. Organizations must be in place. */
  async start(): Promise<void> {
    const adopted = new Promise<void>((resolve) => {
      this.#onAdopted = resolve;
    });
    await this.#o.engine.start();
    await adopted;
    this.#every(BEAT_EVERY, () => this.#o.engine.beat());
    this.#every(RECONCILE_EVERY, () => this.reconcile());
  }

  /** Lets go of the engine; calls go on, and the next brain adopts them. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const cancel of this.#timers) cancel();
    await this.#o.engine.stop();
  }

  call(id: string): Call | null {
    return this.#calls.get(id) ?? null;
  }

  calls(): Call[] {
    return [...this.#calls.values()];
  }

  /** Ends every call that a device takes part in: its password was reset, it was suspended or deleted. */
  hangUpDevice(username: string): void {
    for (const call of this.calls()) {
      if (call.legs().some((leg) => call.state.parties[leg]?.device === username)) call.hangUp();
    }
  }

  /** What core believes against what the engine has. Safe at any time; a second one joins the first. */
  reconcile(): Promise<void> {
    this.#reconciling ??= this.#reconcile().finally(() => {
      this.#reconciling = null;
    });
    return this.#reconciling;
  }

  #on(event: EngineEvent): void {
    switch (event.type) {
      case 'engine:lost':
        this.#lostAt = event.at;
        this.#o.log.warn('engine-lost', { calls: this.#calls.size });
        return;
      case 'engine:back':
        this.#o.log.info('engine-back', { isFresh: event.isFresh });
        if (event.isFresh) this.#engineDied();
        this.#reconcileNow();
        return;
      case 'leg:new':
        this.#arrive(event);
        return;
      case 'leg:replaced': {
        const call = this.#owners.get(event.leg);
        if (call) this.#owners.set(event.by, call);
        return;
      }
    }
    const key = event.type === 'media:ended' ? event.id : event.leg;
    const call = this.#owners.get(key);
    if (event.type === 'leg:ended' || event.type === 'media:ended') this.#owners.delete(key);
    if (!call) return;
    const isByPhone = event.type === 'leg:transfer' && call.state.parties[event.leg]?.kind === 'device';
    if (event.type === 'leg:transfer' && isByPhone && event.request.kind === 'attended') {
      this.#attendedTransfer(call, event.leg, event.request.replaces);
    } else call.on(event);
    this.#keep(call);
  }

  #arrive(leg: Extract<EngineEvent, { type: 'leg:new' }>): void {
    if (this.#owners.has(leg.leg)) return;
    if (leg.source.kind === 'device') this.#fromDevice(leg, leg.source.username);
    else this.#fromCarrier(leg, leg.source);
  }

  #fromDevice(leg: Extract<EngineEvent, { type: 'leg:new' }>, username: string): void {
    const found = this.organizations.byDevice(username);
    if (!found) return this.#turnAway(leg.leg, 'unknown-number');
    const { organization, device } = found;
    const extension = extensionById(organization, device.extensionId);
    const place: Place = placeFor(leg.dialled, organization);
    const state = this.#newState(leg, organization, place.kind === 'outside' ? 'outbound' : 'internal');
    state.fromDevice = username;
    state.isEmergency = place.kind === 'emergency';
    if (place.kind === 'emergency') state.direction = 'outbound';
    if (extension) {
      state.fromExtension = { id: extension.id, number: extension.number };
      state.callerId = { name: extension.name, number: extension.number, isPrivate: false };
    }
    state.parties[leg.leg] = {
      kind: 'device',
      device: username,
      extensionId: device.extensionId,
      label: extension?.number ?? username,
    };
    this.#begin(
      state,
      organization,
      extension || state.isEmergency ? place : { kind: 'nowhere', reason: 'unknown-number' },
    );
  }

  #fromCarrier(leg: Extract<EngineEvent, { type: 'leg:new' }>, source: Extract<LegSource, { kind: 'carrier' }>): void {
    const inbound: Inbound = this.organizations.inbound(source.trunkId, source.address, leg.dialled, leg.to);
    if (!inbound.ok) {
      this.#o.log.warn('inbound-refused', { reason: inbound.reason, address: source.address, dialled: leg.dialled });
      if (!inbound.organization) return this.#turnAway(leg.leg, inbound.reason);
      const state = this.#newState(leg, inbound.organization, 'inbound');
      state.trunkId = source.trunkId;
      this.#begin(state, inbound.organization, { kind: 'nowhere', reason: inbound.reason });
      return;
    }
    const { organization, did, trunk } = inbound;
    const state = this.#newState(leg, organization, 'inbound');
    state.did = did;
    state.trunkId = trunk.id;
    state.parties[leg.leg] = {
      kind: 'trunk',
      device: null,
      extensionId: null,
      label: leg.callerId.number ?? '',
    };
    this.#begin(state, organization, placeForDid(did, organization));
  }

  #newState(
    leg: Extract<EngineEvent, { type: 'leg:new' }>,
    organization: Organization,
    direction: CallDirection,
  ): CallState {
    return {
      id: this.#o.ids.next(),
      organizationId: organization.id,
      revision: organization.revision.number,
      direction,
      phase: 'routing',
      callerLeg: leg.leg,
      callerId: leg.callerId,
      fromExtension: null,
      fromDevice: null,
      dialled: leg.dialled,
      did: null,
      trunkId: null,
      anchor: leg.leg,
      isAnchorAnswered: false,
      far: null,
      bridge: null,
      attempt: null,
      parties: {},
      recording: null,
      transferor: null,
      visited: [],
      isEmergency: false,
      answeredBy: null,
      startedAt: leg.at,
      answeredAt: null,
      trace: [],
      refusal: null,
      isAdopted: false,
      isHeld: false,
    };
  }

  /** The only way a call comes into being: limits and overload are asked here, emergency calls excepted. */
  #begin(state: CallState, organization: Organization, place: Place): void {
    let refusal: Reason | null = null;
    if (state.isEmergency) {
      this.limits.count(organization.id);
      this.admission.beginAlways();
    } else {
      refusal = this.#admit(organization);
      if (refusal === 'overload' || refusal) this.limits.count(organization.id);
    }
    const call = new Call(this.#world, organization, state);
    this.#calls.set(call.id, call);
    if (refusal === null || state.isEmergency) this.#inSetup.add(call);
    if (refusal) {
      const blame = refusal === 'overload' ? 'platform' : 'organization';
      call.refuse({ result: 'refused', reason: refusal, blame });
    } else call.route(place);
    this.#keep(call);
  }

  #admit(organization: Organization): Reason | null {
    if (organization.isSuspended) return 'organization-suspended';
    const verdict = this.limits.admit(organization);
    if (verdict !== 'ok') {
      if (verdict === 'too-many-calls-per-second') this.admission.refusedForRate(organization.id);
      return verdict;
    }
    if (this.admission.begin()) return null;
    this.limits.release(organization.id);
    return 'overload';
  }

  /** A leg that is nobody's: no organization to record it for. */
  #turnAway(leg: LegId, reason: Reason): void {
    this.#o.engine.hangup(leg, causeOf(reason)).catch(() => {});
  }

  /** Two calls of one phone become one: the other ends of both talk, the phone's legs go. */
  #attendedTransfer(call: Call, by: LegId, replaces: LegId): void {
    const other = this.#owners.get(replaces);
    const party = other?.otherThan(replaces) ?? null;
    // The look-up of Replaces is global in the engine; another organization's call looks like none.
    const isOurs = other && other !== call && other.state.organizationId === call.state.organizationId;
    if (isOurs && party && call.otherThan(by)) {
      call.takeOver(by, party.leg, party.party);
      other.giveAway(party.leg);
      this.#keep(other);
      return;
    }
    // The second call still rings: it is dropped, and the first one's far end goes where it was going.
    if (isOurs && other.state.phase === 'ringing' && other.state.callerLeg === replaces) {
      const to = other.state.dialled;
      other.end({ result: 'cancelled', reason: 'transferred', blame: 'organization' });
      this.#keep(other);
      call.blindTransfer(by, to);
      return;
    }
    this.#o.engine.transferProgress(by, 'failed').catch(() => {});
  }

  #settled(call: Call): void {
    if (this.#inSetup.delete(call)) this.admission.end();
  }

  #ended(call: Call, record: FinishedCall): void {
    this.#calls.delete(call.id);
    this.limits.release(call.state.organizationId);
    this.#announcing.delete(call);
    call.isDirty = false;
    this.#o.journal.finish(record);
  }

  #mayAnnounce(call: Call): boolean {
    let held = 0;
    for (const other of this.#announcing) if (other.state.organizationId === call.state.organizationId) held += 1;
    if (held >= MAX_ANNOUNCEMENTS) return false;
    this.#announcing.add(call);
    return true;
  }

  /** Writes down what a use case changed; events do this by themselves. */
  keep(call: Call): void {
    this.#keep(call);
  }

  #keep(call: Call): void {
    if (!call.isDirty || call.hasEnded) return;
    call.isDirty = false;
    this.#o.journal.keep(call.id, call.state);
  }

  /** The engine was restarted: every leg is gone, and the calls end with that as their reason. */
  #engineDied(): void {
    for (const call of this.calls()) call.lost('engine-lost', this.#lostAt ?? this.#o.clock.now());
    this.#owners.clear();
  }

  async #reconcile(): Promise<void> {
    const before = new Map(this.calls().map((call) => [call, call.legs()]));
    const bridgesBefore = new Set(this.calls().flatMap((c) => [c.state.bridge, c.state.attempt?.bridge ?? null]));
    const snapshot = await this.#o.engine.snapshot();
    if (this.#isStopped) return;
    if (!this.#isAdopted) {
      this.#isAdopted = true;
      this.#adopt(snapshot);
    } else {
      const there = new Set(snapshot.legs.map((l) => l.id));
      for (const [call, legs] of before) {
        call.catchUp(snapshot);
        this.#keep(call);
        for (const leg of legs) {
          // A leg whose originate is still on its way is not there yet; it is younger than any reconcile.
          if (!there.has(leg) && this.#owners.get(leg) === call && this.#isSettledLeg(call)) {
            this.#o.log.warn('leg-missed', { call: call.id, leg });
            this.#on({ type: 'leg:ended', leg, cause: CAUSE.normal, at: this.#o.clock.now() });
          }
        }
      }
    }
    this.#sweep(snapshot, bridgesBefore);
  }

  /** After a connection: until it succeeds, since nothing is certain before. A lost connection begins it anew. */
  #reconcileNow(): void {
    this.reconcile().then(
      () => this.#onAdopted(),
      (error: unknown) => {
        this.#o.log.warn('reconcile-failed', { error: String(error) });
        this.#o.clock.after(RECONCILE_RETRY, () => this.#isStopped || this.#reconcileNow());
      },
    );
  }

  #isSettledLeg(call: Call): boolean {
    const last = call.state.trace.at(-1);
    return !last || this.#o.clock.now() - last.at > 1000;
  }

  #adopt(snapshot: EngineSnapshot): void {
    const live = this.#o.journal.live();
    const legs = new Set<string>(snapshot.legs.map((l) => l.id));
    for (const { state: kept } of live) {
      const state = kept as CallState;
      if (this.#calls.has(state.id)) continue;
      const organization = this.organizations.get(state.organizationId) ?? gone(state);
      this.limits.count(state.organizationId);
      const call = new Call(this.#world, organization, state);
      this.#calls.set(call.id, call);
      if (![...call.legs()].some((l) => legs.has(l)))
        call.lost(state.answeredAt === null ? 'brain-restarted' : 'engine-lost', this.#o.clock.now());
      else call.adopt(snapshot);
      this.#keep(call);
    }
    if (live.length) this.#o.log.info('calls-adopted', { kept: live.length, live: this.#calls.size });
  }

  /** What the engine has and nobody owns: callers who arrived while no brain was there, and orphans. */
  #sweep(snapshot: EngineSnapshot, bridgesBefore: Set<string | null>): void {
    const now = this.#o.clock.now();
    for (const leg of snapshot.legs) {
      const owner = this.#owners.get(leg.id);
      if (!leg.isOurs || (owner && !owner.hasEnded)) continue;
      if (owner) {
        // Its call let it go, and the order to hang up was lost with a connection.
        this.#o.engine.hangup(leg.id, CAUSE.normal).catch(() => {});
      } else if (isWaiting(leg)) {
        this.#arrive({
          type: 'leg:new',
          leg: leg.id,
          source: leg.source,
          dialled: leg.dialled,
          to: leg.to,
          callerId: leg.callerId,
          at: leg.createdAt,
        });
      } else if (now - leg.createdAt > ORPHAN_AFTER) {
        this.#o.log.warn('orphan-leg', { leg: leg.id });
        this.#o.engine.hangup(leg.id, CAUSE.normal).catch(() => {});
      } else this.#o.clock.after(ORPHAN_AFTER, () => void this.reconcile().catch(() => {}));
    }
    const used = new Set(this.calls().flatMap((c) => [c.state.bridge, c.state.attempt?.bridge ?? null]));
    for (const { id } of snapshot.bridges) {
      if (used.has(id) || bridgesBefore.has(id)) continue;
      this.#o.engine.unbridge(bridgeId(id.slice(2))).catch(() => {});
    }
  }

  #every(interval: number, work: () => Promise<unknown>): void {
    const again = () => {
      if (this.#isStopped) return;
      this.#timers = this.#timers.filter((t) => t !== cancel);
      work().catch((error: unknown) => this.#o.log.debug('periodic-failed', { error: String(error) }));
      this.#every(interval, work);
    };
    const cancel = this.#o.clock.after(interval, again);
    this.#timers.push(cancel);
  }
}

function isWaiting(leg: LegSnapshot): leg is LegSnapshot & { source: LegSource; dialled: string } {
  return leg.source !== null && leg.dialled !== null && leg.state !== 'answered';
}

/** Stand-in for an organization that was deleted while its call went on. */
function gone(state: CallState): Organization {
  return {
    id: state.organizationId,
    slug: '',
    name: '',
    country: 'ZZ',
    isSuspended: true,
    limits: { concurrentCalls: 0, callsPerSecond: 0 },
    allowedCountries: [],
    defaultNumber: null,
    numbers: [],
    revision: { number: state.revision, content: { extensions: [], routes: [] } },
    devices: [],
    trunks: [],
    version: 0,
  };
}
