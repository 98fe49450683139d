/**
 * What somebody types into a field that stores itself, from the first key to the server's answer.
 *
 *     stored --change--> typed --pause, leave--> on its way --taken--> stored
 *                          ^                         |--refused--> typed, with the reason
 *                          |                         |--nobody answers--> typed, sent again
 *                          |                         '--stale--> torn between two values --settle--> typed or stored
 *
 * Each time it says what stood there when the typing began, so that what somebody else has stored meanwhile is never
 * overwritten unseen. Of two, the second keeps both values until it has chosen.
 */
import { ApiProblem } from '@littlepbx/contract/client';
import { isNobodyThere } from '../app/unread.ts';

/** After the last key. Milliseconds. */
export const PAUSE = 600;
/** Nobody answered: what was typed is sent again, until somebody does. */
const AGAIN_AFTER = 2000;

/** Somebody else stored something while this was typed. */
export interface Torn<T> {
  mine: T;
  theirs: T;
  /** Null: the server did not say. */
  by: string | null;
  at: number | null;
}

export interface EditSettings<T> {
  /** @param was what stood there when the typing began. Answers with what the server made of it, where that may differ. */
  store(value: T, was: T): Promise<T | undefined>;
  /** What the API calls the present value, as the field has it. */
  told(current: unknown): T;
  /** Something of what the field shows is different. */
  onChange(): void;
  /** It is taken: `was` can be had again by storing it instead of `value`. */
  onTaken?(value: T, was: T): void;
}

export class Edit<T> {
  settings: EditSettings<T>;
  failure: unknown = null;
  torn: Torn<T> | null = null;
  #stored: T;
  /** What was read last: it says nothing new until it differs. */
  #read: T;
  #typed: { value: T; was: T } | null = null;
  /** What was typed last still has to be sent. */
  #isUnsent = false;
  #isSending = false;
  /** Done when what was sent last is answered. */
  #answered = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(stored: T, settings: EditSettings<T>) {
    this.#stored = stored;
    this.#read = stored;
    this.settings = settings;
  }

  get value(): T {
    if (this.torn !== null) return this.torn.mine;
    return this.#typed === null ? this.#stored : this.#typed.value;
  }

  get isSending(): boolean {
    return this.#isSending;
  }

  /** Something typed is not stored, and would be lost with the page. */
  get isOpen(): boolean {
    return this.isOnItsWay || this.torn !== null;
  }

  /** It is being sent, or will be without anybody's doing. */
  get isOnItsWay(): boolean {
    return this.#isUnsent || this.#isSending;
  }

  /** What stands there was refused, and nothing of it is on its way. */
  get isRefused(): boolean {
    return this.failure !== null && !this.isOpen;
  }

  /** What the server has was read anew. */
  read(stored: T): void {
    if (Object.is(stored, this.#read)) return;
    this.#read = stored;
    this.#stored = stored;
  }

  /** A key was pressed. */
  change(value: T): void {
    if (this.torn !== null) {
      // Whoever types on has not yet said whose is to stay.
      this.torn = { ...this.torn, mine: value };
    } else {
      this.#typed = { value, was: this.#typed === null ? this.#stored : this.#typed.was };
      this.#isUnsent = true;
      this.#sendIn(PAUSE);
    }
    this.settings.onChange();
  }

  /** Sends what was typed, without waiting for more. Done when what is on its way is answered. */
  send(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#typed !== null && this.#isUnsent && !this.#isSending) this.#answered = this.#send(this.#typed);
    return this.#answered;
  }

  /** Sends all that was typed, until it is answered. Whether it is stored now; if not, nobody answers or it is refused. */
  async finish(): Promise<boolean> {
    do await this.send();
    while (this.isOnItsWay && !isNobodyThere(this.failure));
    return this.failure === null && this.torn === null;
  }

  async #send(sent: { value: T; was: T }): Promise<void> {
    this.#isUnsent = false;
    this.#isSending = true;
    this.settings.onChange();
    try {
      // What is there already needs no storing, whoever stored it.
      if (Object.is(sent.value, this.#stored)) this.#taken(sent, sent.value);
      else {
        const made = (await this.settings.store(sent.value, sent.was)) ?? sent.value;
        this.#taken(sent, made);
        this.settings.onTaken?.(made, sent.was);
      }
    } catch (error) {
      // Nothing is left of it when it was taken back meanwhile.
      if (this.#typed !== null) this.#refused(this.#typed.value, error);
    } finally {
      this.#isSending = false;
      this.settings.onChange();
    }
  }

  #taken(sent: { value: T; was: T }, made: T): void {
    this.#stored = made;
    this.failure = null;
    // What was typed meanwhile began from what is stored now.
    if (this.#typed === sent) this.#typed = null;
    else if (this.#typed !== null) this.#typed.was = made;
    if (this.#isUnsent) this.#sendIn(PAUSE);
  }

  #refused(mine: T, error: unknown): void {
    const field = error instanceof ApiProblem && error.id === 'stale' ? error.fields[0] : undefined;
    if (field !== undefined) {
      clearTimeout(this.#timer);
      const { current, changedBy, changedAt } = field;
      this.torn = { mine, theirs: this.settings.told(current), by: changedBy?.name ?? null, at: changedAt ?? null };
      this.#typed = null;
      this.#isUnsent = false;
      this.failure = null;
      if (Object.is(mine, this.torn.theirs)) this.settle('theirs');
      return;
    }
    this.failure = error;
    if (isNobodyThere(error)) {
      this.#isUnsent = true;
      this.#sendIn(AGAIN_AFTER);
    } else if (this.#isUnsent) this.#sendIn(PAUSE);
  }

  /** Both values were seen, and one was chosen. */
  settle(whose: 'mine' | 'theirs'): void {
    if (this.torn === null) return;
    const { mine, theirs } = this.torn;
    this.torn = null;
    this.#stored = theirs;
    this.#typed = whose === 'mine' ? { value: mine, was: theirs } : null;
    this.#isUnsent = whose === 'mine';
    this.settings.onChange();
    void this.send();
  }

  /** Back to what is stored. Nothing of two values is forgotten unasked. */
  forget(): void {
    if (this.torn !== null) return;
    clearTimeout(this.#timer);
    this.#typed = null;
    this.#isUnsent = false;
    this.failure = null;
    this.settings.onChange();
  }

  #sendIn(time: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.send(), time);
  }
}
