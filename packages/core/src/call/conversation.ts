/**
 * What a machine says to one caller, and what the caller answers: prompts, keys, recordings, as promises. A coroutine
 * (voicemail, menu) is written on it from top to bottom; when the caller hangs up, or the call ends otherwise, whatever it
 * waits for rejects with `CallerLeft`, so that it unwinds through its `finally`.
 *
 * Keys pressed while nothing asks for them are kept for the next question: who knows the menu need not hear it.
 */
import { type LegId, type Media, type PlayId, playId, type RecordId, type RecordOptions } from '@littlepbx/engine/port';
import type { Clock } from '../ports.ts';
import type { SpokenLanguage } from '../tenancy/language.ts';
import type { CallParts } from './call-parts.ts';
import { inLanguage } from './phrases.ts';

/** The caller is gone; nothing can be said or asked any more. */
export class CallerLeft extends Error {
  override readonly name = 'CallerLeft';
}

/** Without a language: that is the conversation's. */
export type Saying = Media;

export interface Question {
  say: Saying[];
  /** How many keys at most. */
  digits: number;
  /** Key that ends the answer before; it is no part of it. Default `#`; null: none. */
  endOn?: string | null;
  /** Silence after the prompt that counts as no answer. Milliseconds; default 5000. */
  patience?: number;
}

const PATIENCE = 5000;
/** Between two keys. Milliseconds. */
const NEXT_KEY_WITHIN = 3500;
/** A playback whose end nobody hears of (lost with a connection) holds nobody longer. Milliseconds. */
const LONGEST_PROMPT = 60_000;

export type PlayEnd = 'done' | 'stopped' | 'failed';

export interface Talker extends Pick<CallParts, 'engine' | 'ids' | 'attach' | 'send'> {
  clock: Clock;
}

export class Conversation {
  readonly #o: Talker;
  readonly #leg: LegId;
  /** Of the prompts. */
  readonly language: SpokenLanguage;
  /** Keys nobody asked for yet. */
  #keys: string[] = [];
  #isOver = false;
  /** What waits for the end of a playback or recording. */
  readonly #media = new Map<string, { ended(result: PlayEnd): void; left(): void }>();
  /** What waits for a key. */
  #asking: { key(): void; left(): void } | null = null;

  constructor(o: Talker, leg: LegId, language: SpokenLanguage) {
    this.#o = o;
    this.#leg = leg;
    this.language = language;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Says it to its end. `failed`: there is no such sound. */
  async say(...what: Saying[]): Promise<PlayEnd> {
    return this.#play(what).ended;
  }

  /** Says it until a key is pressed, which the next question gets; says nothing when one has been pressed already. */
  async sayUntilKey(...what: Saying[]): Promise<PlayEnd | 'key'> {
    this.#throwIfOver();
    if (this.#keys.length > 0) return 'key';
    const playing = this.#play(what);
    const first = await Promise.race([playing.ended, this.#key(null)]);
    if (first === 'key') playing.stop();
    else this.#asking = null;
    return first === 'silence' ? 'done' : first;
  }

  /**
   * Says it until a key is pressed, and waits for the answer. The answer is what was pressed, without the key that ended
   * it; null when nothing was.
   */
  async ask({ say, digits, endOn = '#', patience = PATIENCE }: Question): Promise<string | null> {
    this.#throwIfOver();
    let answer = '';
    const take = (): boolean => {
      while (this.#keys.length > 0) {
        const key = this.#keys.shift()!;
        if (key === endOn) return true;
        answer += key;
        if (answer.length >= digits) return true;
      }
      return false;
    };
    let isAnswered = take();
    let hasBegun = answer !== '' || isAnswered;
    if (!hasBegun && say.length > 0) hasBegun = (await this.sayUntilKey(...say)) === 'key';
    isAnswered ||= take();
    while (!isAnswered) {
      hasBegun ||= answer !== '';
      if ((await this.#key(hasBegun ? NEXT_KEY_WITHIN : patience)) !== 'key') break;
      hasBegun = true;
      isAnswered = take();
    }
    return hasBegun ? answer : null;
  }

  /** Records the caller. Resolves when it ended for any reason but that the caller left; null: it could not be begun. */
  async record(options: RecordOptions): Promise<PlayEnd> {
    this.#throwIfOver();
    this.#keys = [];
    const ended = this.recordingEnds(options.id);
    this.#o.engine.record(this.#leg, options).then(
      (outcome) => outcome === 'ok' || this.mediaEnded(options.id, 'failed'),
      () => this.mediaEnded(options.id, 'failed'),
    );
    const result = await ended;
    // The key that ended it is no answer to what comes next.
    this.#keys = [];
    return result;
  }

  /** The end of a recording that an earlier brain began. */
  recordingEnds(id: RecordId): Promise<PlayEnd> {
    this.#o.attach(id);
    return this.#mediaEnd(id);
  }

  /** Forgets keys pressed so far: after a wrong answer, the rest of it is none either. */
  forgetKeys(): void {
    this.#keys = [];
  }

  /** Awaits something that is not the caller's; what it brings is nothing worth once the caller has left. */
  async meanwhile<T>(work: Promise<T>): Promise<T> {
    const result = await work;
    this.#throwIfOver();
    return result;
  }

  // What the call tells it.

  pressed(key: string): void {
    this.#keys.push(key);
    this.#asking?.key();
  }

  /** False when it is not of this conversation. */
  mediaEnded(id: PlayId | RecordId, result: PlayEnd): boolean {
    const waiting = this.#media.get(id);
    this.#media.delete(id);
    waiting?.ended(result);
    return waiting !== undefined;
  }

  /** The caller hung up, or the call goes on elsewhere. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const waiting = [...this.#media.values()];
    this.#media.clear();
    for (const one of waiting) one.left();
    this.#asking?.left();
  }

  #play(what: Saying[]): { ended: Promise<PlayEnd>; stop(): void } {
    this.#throwIfOver();
    const { engine, ids, clock, attach, send } = this.#o;
    const id = playId(ids.next());
    attach(id);
    const ended = this.#mediaEnd(id);
    const cancelGuard = clock.after(LONGEST_PROMPT * what.length, () => this.mediaEnded(id, 'failed'));
    engine.play(this.#leg, inLanguage(what, this.language), id).then(
      (outcome) => outcome === 'ok' || this.mediaEnded(id, 'failed'),
      () => this.mediaEnded(id, 'failed'),
    );
    const guarded = ended.finally(cancelGuard);
    // Whoever was overtaken by a key listens no more.
    guarded.catch(() => {});
    return { ended: guarded, stop: () => send(engine.stopMedia(id)) };
  }

  #mediaEnd(id: PlayId | RecordId): Promise<PlayEnd> {
    const { promise, resolve, reject } = Promise.withResolvers<PlayEnd>();
    promise.catch(() => {});
    this.#media.set(id, { ended: resolve, left: () => reject(new CallerLeft()) });
    return promise;
  }

  /** @param within milliseconds; null: no limit */
  #key(within: number | null): Promise<'key' | 'silence'> {
    this.#throwIfOver();
    if (this.#keys.length > 0) return Promise.resolve('key');
    const { promise, resolve, reject } = Promise.withResolvers<'key' | 'silence'>();
    promise.catch(() => {});
    let cancel = (): void => {};
    const done = (settle: () => void) => () => {
      cancel();
      if (this.#asking === asking) this.#asking = null;
      settle();
    };
    const asking = { key: done(() => resolve('key')), left: done(() => reject(new CallerLeft())) };
    if (within !== null)
      cancel = this.#o.clock.after(
        within,
        done(() => resolve('silence')),
      );
    this.#asking = asking;
    return promise;
  }

  #throwIfOver(): void {
    if (this.#isOver) throw new CallerLeft();
  }
}
