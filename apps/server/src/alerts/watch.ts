/**
 * Looks at the installation and says what is wrong with it. Each look compares figures with the operator's thresholds;
 * raising what stands already costs nothing, so no state is kept here but what a comparison over time needs.
 */
import type { AlertBook } from '@littlepbx/core/alerts/alert-book';
import type { AlertKind, Facts } from '@littlepbx/core/alerts/kinds';
import type { Thresholds } from '@littlepbx/core/alerts/settings';
import type { CallObserver } from '@littlepbx/core/call/observer';
import type { Clock } from '@littlepbx/core/ports';
import type { EngineDirectory } from '@littlepbx/engine/directory';
import type { Live } from '../http/live.ts';
import type { Machine } from '../metrics/machine.ts';
import { type OrganizationSources, OrganizationWatch } from './of-organizations.ts';

export interface WatchSources {
  alerts: AlertBook;
  thresholds(): Thresholds;
  live: Pick<Live, 'health'>;
  directory: Pick<EngineDirectory, 'trunkRegistrations'>;
  registry: OrganizationSources['registry'];
  files: OrganizationSources['files'];
  machine: Machine;
  journalStuckSince(): number | null;
  mailsGivenUp(): Promise<number>;
  /** When the first brain began here. Milliseconds since the epoch. */
  installedAt(): number;
  clock: Clock;
}

/** Milliseconds. */
const LOOK_EVERY = 100;
const LOOK_SLOWLY = 30_000;
/** A start is no fault. */
const GRACE = 10_000;
/** Longer than a lost connection takes to come back, shorter than any start of the engine. */
const ENGINE_PATIENCE = 250;
const DATABASE_PATIENCE = 5_000;
const JOURNAL_PATIENCE = 2_000;
const DROP_WINDOW = 300_000;
const FAIL_WINDOW = 600_000;
const DAY = 86_400_000;
const MIN_REGISTERED = 10;
const MIN_CALLS = 20;
const GIGABYTE = 1e9;

export class Watch {
  readonly #o: WatchSources;
  readonly #startedAt: number;
  readonly #organizations: OrganizationWatch;
  readonly #missingSince = new Map<AlertKind, number>();
  #registered: { at: number; count: number }[] = [];
  #ended: { at: number; isFailed: boolean }[] = [];
  readonly #badTrunks = new Set<string>();
  #cancels: (() => void)[] = [];
  #isStopped = false;
  #hadEngine = false;

  constructor(o: WatchSources) {
    this.#o = o;
    this.#startedAt = o.clock.now();
    this.#organizations = new OrganizationWatch(o);
  }

  /** Calls that ended are counted here. */
  readonly observer: Pick<CallObserver, 'ended'> = {
    ended: ({ cdr }) => {
      const isOurs = cdr.blame === 'platform' || cdr.blame === 'carrier';
      // A death of the engine ends many calls at once, and is an alert by itself.
      if (cdr.reason === 'engine-lost') return;
      this.#ended.push({ at: this.#o.clock.now(), isFailed: cdr.result === 'failed' && isOurs });
    },
  };

  start(): void {
    this.#every(LOOK_EVERY, async () => this.look());
    this.#every(LOOK_SLOWLY, () => this.lookSlowly());
  }

  stop(): void {
    this.#isStopped = true;
    for (const cancel of this.#cancels) cancel();
  }

  look(): void {
    const { live, clock, journalStuckSince } = this.#o;
    const now = clock.now();
    const { engine, database, calls, isDraining } = live.health();
    this.#hadEngine ||= engine.isConnected;
    const isStarting = now - this.#startedAt < GRACE;
    // One that is drained is about to be restarted.
    const enginePatience = isDraining || (isStarting && !this.#hadEngine) ? GRACE : ENGINE_PATIENCE;
    this.#lasting('engine-down', !engine.isConnected, enginePatience, { calls });
    this.#lasting('database-down', !database.isConnected, isStarting ? GRACE : DATABASE_PATIENCE);
    const stuck = journalStuckSince();
    this.#is('journal-stuck', stuck !== null && now - stuck > JOURNAL_PATIENCE);
  }

  async lookSlowly(): Promise<void> {
    const { live, machine, clock, mailsGivenUp } = this.#o;
    const limits = this.#o.thresholds();
    const now = clock.now();
    const { eventLoopLag, engine, registrations } = live.health();
    this.#is('event-loop-late', eventLoopLag.p99 > limits.eventLoopLag, { milliseconds: Math.round(eventLoopLag.p99) });
    const until = machine.certificateExpiry();
    const days = until === null ? null : Math.floor((until - now) / DAY);
    this.#is('certificate-expiring', days !== null && days < limits.certificateInDays, { daysLeft: days ?? 0 });
    this.#callsFailing(now, limits.failedCallsPercent);
    this.#organizations.look(limits);
    const backup = await machine.lastBackup();
    const age = now - (backup ?? this.#o.installedAt());
    this.#is('backup-old', age > limits.backupInDays * DAY, {
      daysAgo: Math.floor(age / DAY),
      ...(backup === null ? { backups: 0 } : {}),
    });
    if (engine.isConnected) {
      this.#registrationsDropped(now, registrations, limits.registrationsDropPercent);
      await this.#trunks();
    }
    const [worst] = (await machine.disks()).sort((a, b) => a.free / a.total - b.free / b.total);
    if (worst) {
      const percent = (100 * worst.free) / worst.total;
      const isLow = percent < limits.diskFreePercent;
      const megabytesFree = Math.round(worst.free / 1e6);
      this.#is('disk-low', isLow || worst.free < GIGABYTE, { freePercent: Math.round(percent), megabytesFree });
    }
    const givenUp = await mailsGivenUp().catch(() => null);
    if (givenUp !== null) this.#is('mail-failing', givenUp > 0, { mails: givenUp });
  }

  #is(kind: AlertKind, isSo: boolean, facts: Facts = {}): void {
    if (isSo) this.#o.alerts.raise(kind, facts);
    else this.#o.alerts.resolve(kind);
  }

  /** Only what lasts longer than `patience` is an alert. */
  #lasting(kind: AlertKind, isSo: boolean, patience: number, facts: Facts = {}): void {
    const now = this.#o.clock.now();
    if (!isSo) {
      this.#missingSince.delete(kind);
      this.#o.alerts.resolve(kind);
      return;
    }
    // Not later than now: the clock may have been set back since.
    const since = Math.min(this.#missingSince.get(kind) ?? now, now);
    this.#missingSince.set(kind, since);
    if (now - since >= patience) this.#o.alerts.raise(kind, facts);
  }

  #callsFailing(now: number, percent: number): void {
    this.#ended = this.#ended.filter(({ at }) => now - at < FAIL_WINDOW);
    const failed = this.#ended.filter(({ isFailed }) => isFailed).length;
    const share = (100 * failed) / Math.max(this.#ended.length, 1);
    this.#is('calls-failing', this.#ended.length >= MIN_CALLS && share > percent, {
      failed,
      calls: this.#ended.length,
    });
  }

  /** Against the most of the last minutes: what has been low for so long is how it is. */
  #registrationsDropped(now: number, count: number, percent: number): void {
    this.#registered = [...this.#registered.filter(({ at }) => now - at < DROP_WINDOW), { at: now, count }];
    const before = Math.max(...this.#registered.map((one) => one.count));
    const isDrop = before >= MIN_REGISTERED && 100 * (before - count) > percent * before;
    this.#is('registrations-dropped', isDrop, { before, now: count });
  }

  /** Twice in a row: a registration is renewed in between. */
  async #trunks(): Promise<void> {
    const { directory, alerts, registry } = this.#o;
    const states = await directory.trunkRegistrations().catch(() => null);
    if (states === null) return;
    const owners = new Map(
      registry.organizations.all().flatMap((o) => o.trunks.map((trunk) => [trunk.id, o.id] as const)),
    );
    const bad = new Map(
      states.filter((s) => s.state !== 'registered' && owners.has(s.trunkId)).map((s) => [s.trunkId, s]),
    );
    for (const subject of alerts.subjects('trunk-unregistered')) {
      if (!bad.has(subject)) alerts.resolve('trunk-unregistered', { subject });
    }
    for (const [subject, { state }] of bad) {
      if (!this.#badTrunks.has(subject)) continue;
      alerts.raise('trunk-unregistered', { state }, { subject, organizationId: owners.get(subject)! });
    }
    this.#badTrunks.clear();
    for (const id of bad.keys()) this.#badTrunks.add(id);
  }

  #every(interval: number, work: () => Promise<void>): void {
    if (this.#isStopped) return;
    const cancel = this.#o.clock.after(interval, () => {
      this.#cancels = this.#cancels.filter((other) => other !== cancel);
      void work()
        .catch(() => {})
        .finally(() => this.#every(interval, work));
    });
    this.#cancels.push(cancel);
  }
}
