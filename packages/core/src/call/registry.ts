/**
 * All calls of one engine: finds the call of an event, makes a call for a leg that arrives (`arrival.ts`), and has what
 * it believes compared with what the engine has (`reconciliation.ts`): at every (re)connect, and every 30 s as a leak
 * detector.
 *
 * The registry is the only owner of the maps; calls reach them through `CallWorld`.
 */
import type { Engine, EngineEvent, LegId } from '@littlepbx/engine/port';
import type { Files } from '../files/files.ts';
import type { Alerts, Clock, Ids, Journal, Log } from '../ports.ts';
import { AnomalyWatch, type Finding } from '../spending/anomaly.ts';
import { spentBy } from '../spending/charge.ts';
import { Spending } from '../spending/spending.ts';
import type { SpokenLanguage } from '../tenancy/language.ts';
import { controlOf, type Organization } from '../tenancy/organization.ts';
import type { BoxCounts, Boxes } from '../voicemail/box.ts';
import { Admission, type SetupLimits } from './admission.ts';
import { arrivalOf, type NewLeg } from './arrival.ts';
import { Call } from './call.ts';
import type { CallWorld } from './call-parts.ts';
import { type CallState, tellInNewTime } from './call-state.ts';
import { Limits } from './limits.ts';
import { type CallObserver, NOBODY } from './observer.ts';
import { Organizations } from './organizations.ts';
import { Reconciliation, SETTLED_AFTER } from './reconciliation.ts';
import type { FinishedCall } from './record.ts';
import { extensionById, type Place } from './routing.ts';
import { causeOf, type Reason } from './termination.ts';

export interface RegistryOptions {
  engine: Engine;
  clock: Clock;
  ids: Ids;
  log: Log;
  journal: Journal;
  files: Files;
  boxes: Boxes;
  boxCounts: BoxCounts;
  /** The language itself where its sounds are there, else English. */
  spoken(language: SpokenLanguage): SpokenLanguage;
  /** Control of the engine is there (again). */
  onEngineBack?: () => void;
  setupLimits: SetupLimits;
  observer?: CallObserver;
  alerts: Alerts;
  /** Part of a spending limit from which on its owner is told. */
  nearPercent?: () => number;
  /** Something that spends is suspended: the brain has acted already, and this makes it last. */
  suspended(finding: Finding): void;
}

const RECONCILE_EVERY = 30_000;
const RECONCILE_RETRY = 500;
const BEAT_EVERY = 500;
/** Refused callers of one organization that may hear an announcement at the same time. */
const MAX_ANNOUNCEMENTS = 10;

export class CallRegistry {
  readonly organizations = new Organizations();
  readonly limits: Limits;
  readonly admission: Admission;
  readonly spending: Spending;
  readonly #watch: AnomalyWatch;
  /** Usernames and extensions that the brain suspended by itself, until their organization says so. */
  readonly #suspended = new Set<string>();
  readonly #o: RegistryOptions;
  readonly #observer: CallObserver;
  readonly #calls = new Map<string, Call>();
  /** Legs, playbacks and recordings. */
  readonly #owners = new Map<string, Call>();
  readonly #inSetup = new Set<Call>();
  readonly #announcing = new Set<Call>();
  readonly #world: CallWorld;
  readonly #reconciliation: Reconciliation;
  #onAdopted: () => void = () => {};
  #lostAt: number | null = null;
  #timers: (() => void)[] = [];
  #isStopped = false;
  #isDraining = false;

  constructor(o: RegistryOptions) {
    this.#o = o;
    this.#observer = o.observer ?? NOBODY;
    this.limits = new Limits(o.clock);
    this.admission = new Admission(o.engine, o.clock, o.setupLimits);
    this.#watch = new AnomalyWatch({ ...o, countries: o.journal.countries, found: (finding) => this.suspend(finding) });
    this.spending = new Spending({ ...o, watch: this.#watch });
    this.#world = {
      engine: o.engine,
      clock: o.clock,
      ids: o.ids,
      log: o.log,
      files: o.files,
      boxes: o.boxes,
      boxCounts: o.boxCounts,
      spoken: o.spoken,
      now: (id) => this.organizations.get(id),
      devicesOf: (id) => this.organizations.devicesOf(id).filter(({ username }) => !this.#isSuspended(username)),
      attach: (id, call) => this.#owners.set(id, call),
      settled: (call) => this.#settled(call),
      ended: (call, record) => this.#ended(call, record),
      mayAnnounce: (call) => this.#mayAnnounce(call),
      outbound: {
        takeRate: (organization) => this.limits.takeRate(organization),
        isDeviceSuspended: (username) => this.#isSuspended(username),
        isExtensionSuspended: (organization, id) => this.#isExtensionSuspended(organization, id),
        reserve: (...wish) => this.spending.reserve(...wish),
      },
      spending: this.spending,
      changed: (call) => this.keep(call),
    };
    this.#reconciliation = new Reconciliation({
      ...o,
      organizations: this.organizations,
      world: this.#world,
      owners: this.#owners,
      calls: () => this.calls(),
      take: (call) => {
        this.limits.count(call.state.organizationId);
        this.spending.adopt(call.organization, call.state.charges);
        for (const charge of call.state.charges) this.#watch.adopted(call.state.organizationId, charge);
        this.#calls.set(call.id, call);
      },
      keep: (call) => this.keep(call),
      arrive: (leg) => this.#arrive(leg),
      hear: (event) => this.#on(event),
    });
    o.engine.onEvent((event) => this.#on(event));
  }

  /** The machine's clock was set. @param by milliseconds; negative: back */
  clockWasSet(by: number): void {
    if (this.#lostAt !== null) this.#lostAt += by;
    for (const call of this.calls()) {
      tellInNewTime(call.state, by);
      this.keep(call);
    }
  }

  /** Connects; calls of an earlier brain are adopted before it resolves. Organizations must be in place. */
  async start(): Promise<void> {
    const adopted = new Promise<void>((resolve) => {
      this.#onAdopted = resolve;
    });
    this.spending.restore(this.#o.journal.spent());
    await this.#o.engine.start();
    // Calls come to us already: on a busy machine they would go to the fallback before all that ran are adopted.
    this.#every(BEAT_EVERY, () => this.#o.engine.beat());
    await adopted;
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
  hangUpDevice(username: string, reason?: Reason): void {
    for (const call of this.calls()) {
      if (call.state.isEmergency) continue;
      if (call.legs().some((leg) => call.state.parties[leg]?.device === username)) call.hangUp(reason);
    }
  }

  /** Whether new calls are refused, emergency calls excepted, because the engine is about to be stopped. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Holds until it is lifted, or another engine is there: it was about the one that ran. Calls in progress go on. */
  drain(on: boolean): void {
    if (this.#isDraining !== on) this.#o.log.info(on ? 'drain-began' : 'drain-lifted', { calls: this.#calls.size });
    this.#isDraining = on;
  }

  /** Ends every call, as the operator's doing, so that the records say so before the engine goes. */
  stopCalls(): void {
    for (const call of this.calls()) call.stop();
  }

  /** Ends every call that phones of an extension take part in, or that it was forwarded or handed on by. */
  hangUpExtension(id: string, reason?: Reason): void {
    for (const call of this.calls()) {
      const { parties, charges } = call.state;
      const isParty = call.legs().some((leg) => parties[leg]?.extensionId === id);
      if (isParty || charges.some((charge) => charge.extensionId === id && charge.endedAt === null)) {
        call.hangUp(reason);
      }
    }
  }

  hangUpOrganization(id: string): void {
    for (const call of this.calls()) {
      if (call.state.organizationId === id && !call.state.isEmergency) call.hangUp('organization-suspended');
    }
  }

  /** At once, whatever Postgres says meanwhile; its calls end. */
  suspend(finding: Finding): void {
    if (this.#suspended.has(finding.id)) return;
    this.#suspended.add(finding.id);
    const isDevice = finding.kind === 'device';
    const organization = this.organizations.get(finding.organizationId);
    const extensionId = isDevice ? this.organizations.byDevice(finding.id)?.device.extensionId : finding.id;
    const extension = organization && extensionId ? extensionById(organization, extensionId) : null;
    this.#o.alerts.raise({
      id: isDevice ? 'device-suspended' : 'extension-suspended',
      organizationId: finding.organizationId,
      at: finding.at,
      detail: {
        reason: finding.reason,
        device: isDevice ? finding.id : null,
        extension: extension?.number ?? null,
        extensionId: extensionId ?? null,
      },
    });
    this.#o.suspended(finding);
    // Not now: a leg that is just being placed belongs to no call yet.
    this.#o.clock.after(0, () => {
      if (finding.kind === 'device') this.hangUpDevice(finding.id, 'device-suspended');
      else this.hangUpExtension(finding.id, 'extension-suspended');
    });
  }

  /** Whether this phone or extension is suspended by the brain itself, and its organization does not say so yet. */
  isSuspending(id: string): boolean {
    return this.#suspended.has(id);
  }

  /** The organization says so itself from now on. */
  suspensionKept(finding: Finding): void {
    this.#suspended.delete(finding.id);
  }

  #isSuspended(username: string): boolean {
    if (this.#suspended.has(username)) return true;
    const found = this.organizations.byDevice(username);
    if (!found) return false;
    return found.device.suspension != null || this.#isExtensionSuspended(found.organization, found.device.extensionId);
  }

  #isExtensionSuspended(organization: Organization, id: string): boolean {
    return this.#suspended.has(id) || controlOf(organization, id)?.suspension != null;
  }

  /** What core believes against what the engine has. Safe at any time; a second one joins the first. */
  reconcile(): Promise<void> {
    return this.#reconciliation.run();
  }

  #on(event: EngineEvent): void {
    // A clock that was set is noticed when it is read: before anything is noted by the new time.
    this.#o.clock.now();
    switch (event.type) {
      case 'engine:lost':
        this.#lostAt = event.at;
        this.#o.log.warn('engine-lost', { calls: this.#calls.size });
        return;
      case 'engine:back':
        this.#o.log.info('engine-back', { isFresh: event.isFresh });
        this.#o.onEngineBack?.();
        if (event.isFresh) this.#engineDied();
        if (event.isFresh) this.drain(false);
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
    if (event.type === 'leg:ended') this.#reconciliation.heardEnd(event.leg);
    const key = event.type === 'media:ended' ? event.id : event.leg;
    const call = this.#owners.get(key);
    if (event.type === 'leg:ended' || event.type === 'media:ended') this.#owners.delete(key);
    if (!call) return this.#reconciliation.heardOfUnknown(event);
    const isByPhone = event.type === 'leg:transfer' && call.state.parties[event.leg]?.kind === 'device';
    if (event.type === 'leg:transfer' && isByPhone && event.request.kind === 'attended') {
      this.#attendedTransfer(call, event.leg, event.request.replaces);
    } else call.on(event);
    this.keep(call);
  }

  #arrive(leg: NewLeg): void {
    if (this.#owners.has(leg.leg)) return;
    const arrival = arrivalOf(leg, this.organizations, this.#o.ids.next());
    if (arrival.kind === 'call') return this.#begin(arrival.state, arrival.organization, arrival.place);
    // Nobody's: there is no organization to record it for.
    this.#o.log.warn('turned-away', {
      reason: arrival.reason,
      kind: leg.source.kind,
      personal: { source: JSON.stringify(leg.source), dialled: leg.dialled },
    });
    this.#o.engine.hangup(leg.leg, causeOf(arrival.reason)).catch(() => {});
  }

  /** The only way a call comes into being: limits and overload are asked here, emergency calls excepted. */
  #begin(state: CallState, organization: Organization, place: Place): void {
    let refusal: Reason | null = null;
    if (state.isEmergency) {
      this.limits.count(organization.id);
      this.admission.beginAlways();
    } else {
      refusal = this.#admit(organization, state.fromDevice);
      if (refusal === 'overload' || refusal) this.limits.count(organization.id);
    }
    const call = new Call(this.#world, organization, state);
    this.#observer.began(state);
    this.#calls.set(call.id, call);
    if (refusal === null || state.isEmergency) this.#inSetup.add(call);
    if (refusal) {
      const blame = refusal === 'overload' || refusal === 'draining' ? 'platform' : 'organization';
      call.refuse({ result: 'refused', reason: refusal, blame });
    } else call.route(place);
    this.keep(call);
  }

  #admit(organization: Organization, device: string | null): Reason | null {
    if (organization.isSuspended) return 'organization-suspended';
    if (this.#isDraining) return 'draining';
    if (device !== null && this.#isSuspended(device)) return 'device-suspended';
    const verdict = this.limits.admit(organization);
    if (verdict !== 'ok') {
      if (verdict === 'too-many-calls-per-second') this.admission.refusedForRate(organization.id);
      return verdict;
    }
    if (this.admission.begin()) return null;
    this.limits.release(organization.id);
    return 'overload';
  }

  /** Two calls of one phone become one: the other ends of both talk, the phone's legs go. */
  #attendedTransfer(call: Call, by: LegId, replaces: LegId): void {
    const other = this.#owners.get(replaces);
    // The look-up of Replaces is global in the engine; another organization's call looks like none.
    const isOurs = other && other !== call && other.state.organizationId === call.state.organizationId;
    if (isOurs && call.attendedTransfer(by, other, replaces)) return this.keep(other);
    this.#o.engine.transferProgress(by, 'failed').catch(() => {});
  }

  #settled(call: Call): void {
    if (!this.#inSetup.delete(call)) return;
    this.admission.end();
    if (!call.hasEnded && call.state.attempt) this.#observer.dialled(this.#o.clock.now() - call.state.startedAt);
  }

  #ended(call: Call, record: FinishedCall): void {
    this.#calls.delete(call.id);
    this.limits.release(call.state.organizationId);
    this.#announcing.delete(call);
    call.isDirty = false;
    this.#o.journal.finish(record, spentBy(call.state.organizationId, call.state.charges));
    this.#observer.ended(record);
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
    if (!call.isDirty || call.hasEnded) return;
    call.isDirty = false;
    this.#o.journal.keep(call.id, call.state);
    this.#observer.changed(call.state);
  }

  /** The engine was restarted: every leg is gone, and the calls end with that as their reason. */
  #engineDied(): void {
    for (const call of this.calls()) call.lost('engine-lost', this.#lostAt ?? this.#o.clock.now());
    this.#owners.clear();
  }

  /** After a connection: until it succeeds, since nothing is certain before. A lost connection begins it anew. */
  #reconcileNow(): void {
    this.reconcile().then(
      () => {
        this.#onAdopted();
        // By then even the youngest call has settled: what ended while there was no connection is seen.
        this.#o.clock.after(2 * SETTLED_AFTER, () => this.#isStopped || void this.reconcile().catch(() => {}));
      },
      (error: unknown) => {
        this.#o.log.warn('reconcile-failed', { error: String(error) });
        this.#o.clock.after(RECONCILE_RETRY, () => this.#isStopped || this.#reconcileNow());
      },
    );
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
