/**
 * Alerts, and who was told of them.
 *
 *     raised ── told (at once; the same one again not within `QUIET`) ──> resolved ── told, if the first was
 *
 * An alert is one per kind and subject. Notices go by each channel on its own, and are tried for half a day. At most
 * `NOTICES_AN_HOUR` alerts are told of in an hour; the others are told of when there is room and they still stand.
 *
 * What concerns one organization is told to that organization too: the beginning alone, at most `NOTICES_OF_ONE` an hour,
 * whatever the operator muted.
 *
 * All of it lives in memory and in the brain's local file, not in Postgres: that Postgres is away is one of the alerts.
 */
import type { Clock, Ids, Log } from '../ports.ts';
import {
  type About,
  ALERT_KINDS,
  type AlertKind,
  type Alerts,
  type Facts,
  isEvent,
  isForOrganization,
} from './kinds.ts';

export interface Alert {
  id: string;
  kind: AlertKind;
  subject: string | null;
  organizationId: string | null;
  severity: 'critical' | 'warning';
  facts: Facts;
  raisedAt: number;
  resolvedAt: number | null;
  /** When it was told of; null: not yet, or muted. */
  toldAt: number | null;
  /** The same of its organization; missing in what an older brain kept. */
  organizationToldAt?: number | null;
}

/** By which the operator is told. */
export const CHANNELS = ['mail', 'webhook'] as const;
export type OperatorChannel = (typeof CHANNELS)[number];
export type Channel = OperatorChannel | 'organization';

/** One message on its way by one channel. */
export interface Notice {
  /** The same however often it is tried. */
  id: string;
  channel: Channel;
  /** `test`: nothing happened, somebody wants to see whether it arrives. */
  what: 'raised' | 'resolved' | 'test';
  alert: Alert;
  attempts: number;
  nextAt: number;
}

export interface Remembered {
  alerts: Alert[];
  notices: Notice[];
}

/** Local memory; a `save` that fails is no reason not to tell. */
export interface AlertMemory {
  load(): Remembered | null;
  save(state: Remembered): void;
}

export type Sent = { kind: 'done' } | { kind: 'later'; reason: string } | { kind: 'never'; reason: string };

export interface AlertBookOptions {
  clock: Clock;
  ids: Ids;
  log: Log;
  memory: AlertMemory;
  isMuted(kind: AlertKind): boolean;
  /** The operator's that are set up now. */
  channels(): readonly OperatorChannel[];
  send(notice: Notice): Promise<Sent>;
}

/** Milliseconds. */
const QUIET = 10 * 60_000;
const HOUR = 3_600_000;
const TICK = 1_000;
const RETRIES = [2_000, 10_000, 30_000, 120_000, 600_000, HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR];
const NOTICES_AN_HOUR = 30;
const NOTICES_OF_ONE = 10;
const KEPT = 200;

export class AlertBook implements Alerts {
  readonly #o: AlertBookOptions;
  /** Oldest first. */
  #alerts: Alert[];
  #notices: Notice[];
  readonly #sending = new Set<Notice>();
  #cancel: (() => void) | null = null;

  constructor(o: AlertBookOptions) {
    this.#o = o;
    const { alerts, notices } = o.memory.load() ?? { alerts: [], notices: [] };
    // A later version may know other kinds.
    this.#alerts = alerts.filter(({ kind }) => kind in ALERT_KINDS);
    this.#notices = notices.filter(({ alert }) => alert.kind in ALERT_KINDS);
  }

  start(): void {
    this.#tick();
  }

  stop(): void {
    this.#cancel?.();
    this.#save();
  }

  /** Those that stand first, then newest first. */
  list(): Alert[] {
    const standing = (alert: Alert) => (alert.resolvedAt === null ? 0 : 1);
    return [...this.#alerts].reverse().sort((a, b) => standing(a) - standing(b));
  }

  raise(kind: AlertKind, facts: Facts = {}, { subject, organizationId }: About = {}): void {
    const standing = this.#standing(kind, subject);
    if (standing) {
      standing.facts = facts;
      return;
    }
    const now = this.#o.clock.now();
    const { severity } = ALERT_KINDS[kind];
    const alert: Alert = {
      id: this.#o.ids.next(),
      kind,
      subject: subject ?? null,
      organizationId: organizationId ?? null,
      severity,
      facts,
      raisedAt: now,
      resolvedAt: isEvent(kind) ? now : null,
      toldAt: null,
      organizationToldAt: null,
    };
    const { extension, ...figures } = facts;
    this.#o.log.warn('alert-raised', {
      alert: alert.id,
      kind,
      subject: alert.subject,
      organization: alert.organizationId,
      ...figures,
      ...(extension === undefined ? {} : { personal: { extension } }),
    });
    this.#alerts.push(alert);
    this.#tellOf(alert);
    this.#changed();
  }

  resolve(kind: AlertKind, { subject }: Pick<About, 'subject'> = {}): void {
    const alert = this.#standing(kind, subject);
    if (!alert) return;
    alert.resolvedAt = this.#o.clock.now();
    this.#o.log.info('alert-resolved', { alert: alert.id, kind, subject: alert.subject });
    if (alert.toldAt !== null) this.#queue(alert, 'resolved', this.#o.channels());
    this.#changed();
  }

  /** Subjects of this kind that stand. */
  subjects(kind: AlertKind): string[] {
    return this.#alerts.flatMap((a) =>
      a.kind === kind && a.resolvedAt === null && a.subject !== null ? a.subject : [],
    );
  }

  #standing(kind: AlertKind, subject: string | undefined): Alert | undefined {
    return this.#alerts.find((a) => a.kind === kind && a.subject === (subject ?? null) && a.resolvedAt === null);
  }

  #tellOf(alert: Alert): void {
    const { clock, isMuted, channels } = this.#o;
    const now = clock.now();
    if (alert.toldAt === null && !isMuted(alert.kind)) {
      if (this.#hasRoom(alert, this.#alerts, 'toldAt', NOTICES_AN_HOUR)) {
        alert.toldAt = now;
        this.#queue(alert, 'raised', channels());
      }
    }
    if (alert.organizationToldAt === null && alert.organizationId !== null && isForOrganization(alert.kind)) {
      const own = this.#alerts.filter(({ organizationId }) => organizationId === alert.organizationId);
      if (!this.#hasRoom(alert, own, 'organizationToldAt', NOTICES_OF_ONE)) return;
      alert.organizationToldAt = now;
      this.#queue(alert, 'raised', ['organization']);
    }
  }

  /** Whether one more of an hour's notices may be told of, and this one was not just told of. */
  #hasRoom(alert: Alert, among: Alert[], toldAt: 'toldAt' | 'organizationToldAt', most: number): boolean {
    const now = this.#o.clock.now();
    let told = 0;
    for (const other of among) {
      const age = now - (other[toldAt] ?? Number.NEGATIVE_INFINITY);
      if (age < QUIET && other.kind === alert.kind && other.subject === alert.subject) return false;
      if (age < HOUR) told += 1;
    }
    return told < most;
  }

  #queue(alert: Alert, what: Notice['what'], channels: readonly Channel[]): void {
    const { ids, clock } = this.#o;
    for (const channel of channels) {
      this.#notices.push({ id: ids.next(), channel, what, alert: { ...alert }, attempts: 0, nextAt: clock.now() });
    }
  }

  #tick(): void {
    for (const alert of this.#alerts) if (alert.resolvedAt === null) this.#tellOf(alert);
    this.#deliver();
    this.#cancel = this.#o.clock.after(TICK, () => this.#tick());
  }

  #deliver(): void {
    const { clock, channels } = this.#o;
    const there: Channel[] = [...channels(), 'organization'];
    // A channel that was taken away takes its notices with it.
    if (this.#notices.some(({ channel }) => !there.includes(channel))) {
      this.#notices = this.#notices.filter(({ channel }) => there.includes(channel));
      this.#save();
    }
    const busy = new Set([...this.#sending].map(({ channel }) => channel));
    for (const notice of this.#notices) {
      // In order, one after the other: nobody wants to hear the end before the beginning.
      if (busy.has(notice.channel)) continue;
      busy.add(notice.channel);
      if (notice.nextAt <= clock.now()) void this.#send(notice);
    }
  }

  async #send(notice: Notice): Promise<void> {
    const { clock, log } = this.#o;
    this.#sending.add(notice);
    const { id, channel, what, alert } = notice;
    const about = { notice: id, channel, what, alert: alert.id, kind: alert.kind };
    const sent = await this.#o.send(notice).catch((error: unknown): Sent => ({ kind: 'later', reason: String(error) }));
    this.#sending.delete(notice);
    const delay = sent.kind === 'later' ? RETRIES[notice.attempts] : undefined;
    if (sent.kind === 'done') log.info('alert-told', about);
    else if (delay === undefined) log.error('alert-not-told', { ...about, personal: { reason: sent.reason } });
    else {
      notice.attempts += 1;
      notice.nextAt = clock.now() + delay;
      log.warn('alert-notice-delayed', { ...about, retryIn: delay, personal: { reason: sent.reason } });
    }
    if (delay === undefined) this.#notices = this.#notices.filter((other) => other !== notice);
    this.#changed();
  }

  #changed(): void {
    const over = this.#alerts.filter(({ resolvedAt }) => resolvedAt !== null);
    if (over.length > KEPT) {
      const gone = new Set(over.slice(0, over.length - KEPT));
      this.#alerts = this.#alerts.filter((alert) => !gone.has(alert));
    }
    this.#save();
    this.#deliver();
  }

  #save(): void {
    try {
      this.#o.memory.save({ alerts: this.#alerts, notices: this.#notices });
    } catch (error) {
      this.#o.log.warn('alerts-not-saved', { error: String(error) });
    }
  }
}
