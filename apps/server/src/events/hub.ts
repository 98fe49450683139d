/**
 * Who hears what happens in an organization, and what happened lately, for those who come again after a gap.
 *
 *     (nobody) ── somebody listens ──> heard ── the last one left ──> kept for a while ── nobody came ──> (nobody)
 *
 * While nobody listens nothing is looked at, kept or written: `isHeard` is asked first, everywhere. The name of a stream
 * is new each time (and with each brain), so a sequence of an earlier one is known as such and answered with `reset`.
 */
import { randomBytes } from 'node:crypto';
import type { Happening, LiveEvent } from '@littlepbx/contract';
import type { Clock } from '@littlepbx/core/ports';
import type { OrganizationId } from '@littlepbx/core/tenancy/organization';

/** Events kept for those who come again. */
const KEPT = 1_000;
/** Milliseconds that they are kept when nobody listens any more. */
const KEPT_FOR = 120_000;
/** Streams of one organization. */
const MAX_LISTENERS = 300;

export interface Listener {
  /** Of the key or person. */
  authorId: string;
  /** What it is told of it; null: nothing. */
  hears(happening: Happening): Happening | null;
  /** Left out: yes. They have to be looked for. */
  wantsRegistrations?(): boolean;
  /** Left out: yes. It wants to hear of phones how they answer, so that they have to be asked. */
  looksAtPhones?(): boolean;
  /** One message. It must not block. */
  send(text: string): void;
  /** The key is gone. */
  dismiss(): void;
  /** What it may hear may have changed: it asks anew. */
  check(): void;
}

export interface Hearing {
  /** Where the stream stands. */
  sequence(): string;
  stop(): void;
}

interface Told {
  number: number;
  stamp: { sequence: string; at: number };
  happening: Happening;
  /** As it is told to who may know all of it. */
  text: string;
}

interface Stream {
  /** Random. */
  name: string;
  /** Number of the last event. */
  last: number;
  kept: Told[];
  listeners: Set<Listener>;
  /** Set while nobody listens. */
  forget: (() => void) | null;
}

export class EventHub {
  readonly #clock: Clock;
  readonly #streams = new Map<OrganizationId, Stream>();
  #onHeard: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Called whenever somebody begins to listen. */
  set onHeard(handler: () => void) {
    this.#onHeard = handler;
  }

  isHeard(organizationId: OrganizationId): boolean {
    return this.#streams.has(organizationId);
  }

  /** Organizations of which somebody wants to hear registrations; and those that were listened to a moment ago. */
  registrationsHeard(): OrganizationId[] {
    const isWanted = (listener: Listener) => listener.wantsRegistrations?.() ?? true;
    return [...this.#streams]
      .filter(([, { listeners }]) => listeners.size === 0 || [...listeners].some(isWanted))
      .map(([id]) => id);
  }

  /** Whether somebody looks at the organization's phones just now. */
  isLookedAt(organizationId: OrganizationId): boolean {
    const listeners = this.#streams.get(organizationId)?.listeners ?? [];
    return [...listeners].some((listener) => listener.looksAtPhones?.() ?? true);
  }

  /** Tells everybody who may know. Without effect when nobody listens. */
  publish(organizationId: OrganizationId, happening: Happening): void {
    const stream = this.#streams.get(organizationId);
    if (!stream) return;
    stream.last += 1;
    const stamp = { sequence: sequenceOf(stream), at: this.#clock.now() };
    const event: Told = { number: stream.last, stamp, happening, text: JSON.stringify({ ...stamp, ...happening }) };
    stream.kept.push(event);
    // Seldom, since it copies.
    if (stream.kept.length > 2 * KEPT) stream.kept = stream.kept.slice(-KEPT);
    for (const listener of stream.listeners) tell(listener, event);
  }

  /**
   * Greets a listener, sends what it missed since `after`, and all that happens from then on.
   * Null: the organization has too many already.
   */
  listen(organizationId: OrganizationId, after: string | null, listener: Listener): Hearing | null {
    let stream = this.#streams.get(organizationId);
    if (stream && stream.listeners.size >= MAX_LISTENERS) return null;
    if (!stream) {
      const name = randomBytes(5).toString('hex');
      stream = { name, last: 0, kept: [], listeners: new Set(), forget: null };
      this.#streams.set(organizationId, stream);
    }
    const joined = stream;
    joined.forget?.();
    joined.forget = null;
    const [sequence, missed] = [sequenceOf(joined), after === null ? null : missedSince(joined, after)];
    const greeting: LiveEvent =
      after !== null && missed === null
        ? { type: 'reset', sequence, reason: 'too-long-ago' }
        : {
            type: 'hello',
            sequence: missed?.length ? after! : sequence,
            organizationId,
            isResumed: after !== null,
          };
    listener.send(JSON.stringify(greeting));
    for (const event of missed ?? []) tell(listener, event);
    joined.listeners.add(listener);
    this.#onHeard();
    return {
      sequence: () => sequenceOf(joined),
      stop: () => this.#left(organizationId, joined, listener),
    };
  }

  /** Events were lost on their way to us: everybody reads anew. */
  reset(): void {
    for (const stream of this.#streams.values()) {
      stream.last += 1;
      stream.kept = [];
      const event: LiveEvent = { type: 'reset', sequence: sequenceOf(stream), reason: 'events-lost' };
      for (const listener of stream.listeners) listener.send(JSON.stringify(event));
    }
  }

  /** A login, a membership or a role has changed: whoever listens in this name asks anew whether it may. */
  check(authorId: string): void {
    for (const { listeners } of this.#streams.values()) {
      for (const listener of listeners) if (listener.authorId === authorId) listener.check();
    }
  }

  /** The organization was suspended, or is back. */
  checkAll(organizationId: OrganizationId): void {
    for (const listener of this.#streams.get(organizationId)?.listeners ?? []) listener.check();
  }

  /** A key is gone, and its streams with it. */
  dismiss(organizationId: OrganizationId, authorId: string): void {
    for (const listener of [...(this.#streams.get(organizationId)?.listeners ?? [])]) {
      if (listener.authorId === authorId) listener.dismiss();
    }
  }

  #left(organizationId: OrganizationId, stream: Stream, listener: Listener): void {
    stream.listeners.delete(listener);
    if (stream.listeners.size > 0 || this.#streams.get(organizationId) !== stream || stream.forget) return;
    stream.forget = this.#clock.after(KEPT_FOR, () => this.#streams.delete(organizationId));
  }
}

function tell(listener: Listener, { stamp, happening, text }: Told): void {
  const heard = listener.hears(happening);
  if (heard !== null) listener.send(heard === happening ? text : JSON.stringify({ ...stamp, ...heard }));
}

const sequenceOf = ({ name, last }: Stream): string => `${name}-${last}`;

/** Null: that cannot be told any more. */
function missedSince({ name, last, kept }: Stream, after: string): Stream['kept'] | null {
  const [stream, text] = after.split('-');
  const number = Number(text);
  if (stream !== name || number > last) return null;
  const first = kept[0]?.number ?? last + 1;
  return number < first - 1 ? null : kept.filter((event) => event.number > number);
}
