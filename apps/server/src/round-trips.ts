/**
 * How long phones take to answer, of those that somebody looks at. Nobody else is asked: with thousands of phones that would be
 * thousands of messages. Each is asked once in `ASK_EVERY` at most, and no more than `BATCH` in `BATCH_TIME` of the whole
 * installation; the organizations that wait take turns, so a large one does not keep a small one waiting.
 *
 *     (unknown) ── wanted ──> waiting ── its turn ──> asked ──> known ── `ASK_EVERY` ──> may be asked again
 *                                                                  └── at another address, or after `KEPT_FOR` ──> (unknown)
 */
import type { Clock, Log } from '@littlepbx/core/ports';
import type { DeviceRegistration, EngineDirectory } from '@littlepbx/engine/directory';
import type { Answering } from './http/live.ts';

/** Milliseconds. */
const ASK_EVERY = 30_000;
const KEPT_FOR = 300_000;
/** Whoever looks says so again all the time. */
const WANTED_FOR = 10_000;
const BATCH = 20;
const BATCH_TIME = 1_000;

type Place = Pick<DeviceRegistration, 'username' | 'address'>;

interface Waiting {
  since: number;
  /** By username, in the order they are asked in. */
  places: Map<string, Place>;
}

interface Answer extends Answering {
  address: string;
  at: number;
}

const UNKNOWN: Answering = { roundTrip: null, isSilent: false };

export class RoundTrips {
  readonly #directory: Pick<EngineDirectory, 'roundTrips'>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #answers = new Map<string, Answer>();
  /** By who wants it. */
  readonly #waiting = new Map<string, Waiting>();
  /** Now. */
  readonly #asked = new Set<string>();
  readonly #watching = new Map<string, Set<() => void>>();
  #isAsking = false;
  #cancel: (() => void) | null = null;
  #isStopped = false;

  constructor(o: { directory: Pick<EngineDirectory, 'roundTrips'>; clock: Clock; log: Log }) {
    this.#directory = o.directory;
    this.#clock = o.clock;
    this.#log = o.log;
  }

  /** What is known of a phone at this address. */
  of({ username, address }: Place): Answering {
    const answer = this.#answers.get(username);
    if (answer?.address !== address || this.#age(answer) > KEPT_FOR) return UNKNOWN;
    return { roundTrip: answer.roundTrip, isSilent: answer.isSilent };
  }

  /** Asks those of them that were not asked lately, the longest ago first. @param asker an organization; each takes its turn */
  want(asker: string, places: Iterable<Place>): void {
    const last = ({ username }: Place) => this.#answers.get(username)?.at ?? 0;
    const wanted = [...places].filter((place) => !this.#isFresh(place)).sort((a, b) => last(a) - last(b));
    this.#waiting.delete(asker);
    if (wanted.length === 0 || this.#isStopped) return;
    const since = this.#clock.now();
    this.#waiting.set(asker, { since, places: new Map(wanted.map((place) => [place.username, place])) });
    this.#next();
  }

  /** Resolves when this phone was asked lately, or after `patience` at the latest. */
  async known(place: Place, patience: number): Promise<void> {
    if (this.#isFresh(place) || this.#isStopped) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const asker = `phone ${place.username}`;
    const watching = this.#watching.get(place.username) ?? new Set();
    this.#watching.set(place.username, watching.add(resolve));
    const cancel = this.#clock.after(patience, resolve);
    if (!this.#asked.has(place.username)) this.want(asker, [place]);
    await promise;
    cancel();
    watching.delete(resolve);
    if (watching.size > 0) return;
    this.#watching.delete(place.username);
    this.#waiting.delete(asker);
  }

  stop(): void {
    this.#isStopped = true;
    this.#waiting.clear();
    this.#cancel?.();
  }

  #age = ({ at }: Answer): number => this.#clock.now() - at;

  #isFresh({ username, address }: Place): boolean {
    const answer = this.#answers.get(username);
    // The clock may have been set back.
    return answer?.address === address && Math.abs(this.#age(answer)) < ASK_EVERY;
  }

  #next(): void {
    if (this.#isAsking || this.#cancel || this.#isStopped) return;
    const batch = this.#take();
    if (batch.length === 0) return;
    this.#isAsking = true;
    this.#cancel = this.#clock.after(BATCH_TIME, () => {
      this.#cancel = null;
      this.#next();
    });
    this.#ask(batch)
      .catch((error: unknown) => this.#log.debug('phones-not-asked', { error: String(error) }))
      .finally(() => {
        this.#asked.clear();
        this.#isAsking = false;
        this.#next();
      });
  }

  /** One of each asker in turn. */
  #take(): Place[] {
    const batch = new Map<string, Place>();
    const now = this.#clock.now();
    while (batch.size < BATCH && this.#waiting.size > 0) {
      for (const [asker, { since, places }] of [...this.#waiting]) {
        if (batch.size >= BATCH) break;
        const [place] = places.values();
        this.#waiting.delete(asker);
        if (!place || Math.abs(now - since) > WANTED_FOR) continue;
        places.delete(place.username);
        // Behind those who still wait.
        this.#waiting.set(asker, { since, places });
        if (!this.#isFresh(place)) batch.set(place.username, place);
      }
    }
    return [...batch.values()];
  }

  async #ask(batch: Place[]): Promise<void> {
    for (const { username } of batch) this.#asked.add(username);
    const answers = await this.#directory.roundTrips(batch.map(({ username }) => username));
    const at = this.#clock.now();
    for (const [username, answer] of this.#answers) if (this.#age(answer) > KEPT_FOR) this.#answers.delete(username);
    for (const { username, address } of batch) {
      const roundTrip = answers.get(username);
      // Who could not be asked is not asked again at once either.
      const isSilent = roundTrip === null;
      this.#answers.set(username, { address, at, roundTrip: roundTrip ?? null, isSilent });
      for (const resolve of this.#watching.get(username) ?? []) resolve();
    }
  }
}
