/**
 * What only the running brain knows (a call begins, is answered; a connection to a carrier comes or goes), for webhooks: it
 * listens to the live events of organizations whose webhooks ask for that, and writes down what they are to be told. What
 * Postgres sees by itself (ends of calls, messages, revisions) is written down there, by triggers of the same transaction.
 *
 * An organization without such a webhook is not listened to. What is not written down yet when the brain dies is not told.
 */
import type { Happening, LiveEvent } from '@littlepbx/contract';
import type { Clock, Log } from '@littlepbx/core/ports';
import type { OrganizationId } from '@littlepbx/core/tenancy/organization';
import type { Stores } from '@littlepbx/core/tenancy/stores';
import type { WebhookEvent, WebhookNews } from '@littlepbx/core/webhooks/webhook';
import type { EventHub, Hearing } from '../events/hub.ts';

/** News that come together are written together. Milliseconds. */
const GATHER = 200;
const AGAIN = 1_000;
/** In one transaction. */
const BATCH = 200;
/** While Postgres is away. What comes then is not told. */
const MOST_WAITING = 10_000;
/** Also read without having been told of a change. Milliseconds. */
const READ_EVERY = 60_000;

/** Live events that tell what is wanted. */
const NEEDS: Partial<Record<WebhookEvent, readonly Happening['type'][]>> = {
  'call-began': ['call-began'],
  'call-answered': ['call-began', 'call-changed', 'call-ended'],
  'trunk-registration': ['trunk-registration'],
};

export interface LiveNewsOptions {
  hub: EventHub;
  stores: Pick<Stores, 'asOperator'>;
  clock: Clock;
  log: Log;
}

interface Ear {
  wanted: Set<WebhookEvent>;
  /** The live events that tell it. */
  needs: Set<Happening['type']>;
  hearing: Hearing;
  /** What was answered earlier was told by an earlier brain, or to nobody. */
  since: number;
  /** Calls in progress that were told to be answered. */
  answered: Set<string>;
}

export class LiveNews {
  readonly #o: LiveNewsOptions;
  readonly #ears = new Map<OrganizationId, Ear>();
  #waiting: WebhookNews[] = [];
  #isLosing = false;
  #flushing: Promise<void> | null = null;
  #reading: Promise<void> | null = null;
  #isOld = false;
  #cancelRead = () => {};
  #cancelFlush: (() => void) | null = null;
  #isStopped = false;

  constructor(o: LiveNewsOptions) {
    this.#o = o;
  }

  start(): void {
    this.#read();
  }

  /** @param payload as announced by Postgres; null: some were lost */
  heard(payload: string | null): void {
    if (payload === null || /"resource": "(webhook|organization)"/.test(payload)) this.#read();
  }

  /** What is known is written down first. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelRead();
    this.#cancelFlush?.();
    for (const { hearing } of this.#ears.values()) hearing.stop();
    this.#ears.clear();
    await this.#flushing;
    await this.#write().catch(() => {});
  }

  #read(): void {
    this.#isOld = true;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = null;
    });
  }

  async #readAll(): Promise<void> {
    this.#cancelRead();
    let next = READ_EVERY;
    while (this.#isOld && !this.#isStopped) {
      this.#isOld = false;
      try {
        this.#listen(await this.#o.stores.asOperator(({ webhooks }) => webhooks.wanted()));
      } catch (error) {
        this.#o.log.debug('webhooks-not-read', { error: String(error) });
        next = AGAIN;
      }
    }
    if (!this.#isStopped) this.#cancelRead = this.#o.clock.after(next, () => this.#read());
  }

  #listen(all: Map<OrganizationId, Set<WebhookEvent>>): void {
    if (this.#isStopped) return;
    for (const [id, ear] of this.#ears) {
      ear.wanted = all.get(id) ?? new Set();
      ear.needs = needsOf(ear.wanted);
      if (ear.needs.size > 0) continue;
      ear.hearing.stop();
      this.#ears.delete(id);
    }
    for (const [id, wanted] of all) {
      const needs = needsOf(wanted);
      if (this.#ears.has(id) || needs.size === 0) continue;
      const ear: Omit<Ear, 'hearing'> = { wanted, needs, since: this.#o.clock.now(), answered: new Set() };
      const hearing = this.#o.hub.listen(id, null, {
        authorId: 'webhooks',
        hears: (happening) => (this.#ears.get(id)?.needs.has(happening.type) ? happening : null),
        wantsRegistrations: () => (this.#ears.get(id)?.needs ?? needs).has('trunk-registration'),
        looksAtPhones: () => false,
        send: (text) => this.#hear(id, JSON.parse(text) as LiveEvent),
        dismiss: () => {},
        check: () => {},
      });
      if (hearing) this.#ears.set(id, { ...ear, hearing });
      else this.#o.log.warn('webhooks-not-listening', { organization: id, reason: 'too many streams' });
    }
  }

  #hear(organizationId: OrganizationId, event: LiveEvent): void {
    const ear = this.#ears.get(organizationId);
    if (!ear) return;
    const tell = (name: WebhookEvent, at: number, data: object) => {
      if (ear.wanted.has(name)) this.#add({ organizationId, event: name, at, data });
    };
    switch (event.type) {
      case 'call-began':
      case 'call-changed': {
        const { type, call } = event;
        if (type === 'call-began') tell('call-began', call.startedAt, { call });
        if (call.answeredAt === null || call.answeredAt < ear.since || ear.answered.has(call.id)) return;
        ear.answered.add(call.id);
        tell('call-answered', call.answeredAt, { call });
        return;
      }
      case 'call-ended':
        ear.answered.delete(event.id);
        return;
      case 'trunk-registration':
        tell('trunk-registration', event.at, { trunkId: event.trunkId, state: event.state });
    }
  }

  #add(news: WebhookNews): void {
    const isFull = this.#waiting.length >= MOST_WAITING;
    if (isFull !== this.#isLosing) this.#o.log.warn(isFull ? 'webhook-news-lost' : 'webhook-news-kept', {});
    this.#isLosing = isFull;
    if (isFull) return;
    this.#waiting.push(news);
    this.#flushIn(GATHER);
  }

  #flushIn(delay: number): void {
    if (this.#isStopped || this.#cancelFlush || this.#flushing) return;
    this.#cancelFlush = this.#o.clock.after(delay, () => {
      this.#cancelFlush = null;
      let next = GATHER;
      this.#flushing = this.#write()
        .catch((error: unknown) => {
          this.#o.log.debug('webhook-news-wait', { error: String(error) });
          next = AGAIN;
        })
        .finally(() => {
          this.#flushing = null;
          if (this.#waiting.length > 0) this.#flushIn(next);
        });
    });
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH);
      await this.#o.stores.asOperator(({ webhooks }) => webhooks.tell(batch));
      this.#waiting = this.#waiting.slice(batch.length);
    }
  }
}

function needsOf(wanted: Set<WebhookEvent>): Set<Happening['type']> {
  return new Set([...wanted].flatMap((event) => NEEDS[event] ?? []));
}
