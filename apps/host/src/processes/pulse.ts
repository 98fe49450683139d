/**
 * Tells a process that hangs from one that is slow, by what it answers and, while it starts, by the work it does: on a
 * machine with far more to do than processors a start takes long, and a new brain would begin it from nothing.
 *
 *     starting ── first answer, and the grace is over ──> running ── silent for 3 s ──> hung
 *        ├── no answer, and no work for 3 s either when the grace is over ──> hung
 *        ├── answered before, and now neither answer nor work for 3 s ──> hung
 *        └── no answer within a minute ──> hung
 *
 * All times are milliseconds of a clock that nobody sets.
 */

const SILENCE_IS_DEATH = 3000;
/** Reading the source takes a loaded machine some seconds, and waiting for a disk is no work. */
const START_GRACE = 10_000;
const FIRST_ANSWER_WITHIN = 60_000;
const ASK_EVERY = 500;
/** While it starts: calls wait for it. */
const ASK_STARTING_EVERY = 100;

export class Pulse {
  readonly #startedAt: number;
  #heardAt: number;
  #hasAnswered = false;
  /** Processor time it had used when that was looked at last, and when it had grown. */
  #worked: number | null = null;
  #workedAt: number;

  constructor(startedAt: number) {
    this.#startedAt = startedAt;
    this.#heardAt = startedAt;
    this.#workedAt = startedAt;
  }

  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** How long after a question the next one comes. */
  askEvery(now: number): number {
    return !this.#hasAnswered && this.#isInGrace(now) ? ASK_STARTING_EVERY : ASK_EVERY;
  }

  answered(now: number): void {
    this.#hasAnswered = true;
    this.#heardAt = now;
  }

  /** Nobody listened until now: the silence proves nothing. */
  forgive(now: number): void {
    this.#heardAt = Math.max(this.#heardAt, now);
  }

  /**
   * For how long it has been silent when it hangs, else null.
   * @param worked reads the processor time that it has used
   */
  hungFor(now: number, worked: () => number): number | null {
    const isInGrace = this.#isInGrace(now);
    if ((!this.#hasAnswered || isInGrace) && this.#isAtWork(now, worked())) return null;
    if (!this.#hasAnswered && isInGrace) return null;
    const silence = now - this.#heardAt;
    return silence >= SILENCE_IS_DEATH ? silence : null;
  }

  #isInGrace(now: number): boolean {
    return now - this.#startedAt < START_GRACE;
  }

  #isAtWork(now: number, worked: number): boolean {
    if (this.#worked === null || worked > this.#worked) {
      this.#worked = worked;
      this.#workedAt = now;
    }
    const isLate = !this.#hasAnswered && now - this.#startedAt >= FIRST_ANSWER_WITHIN;
    return !isLate && now - this.#workedAt < SILENCE_IS_DEATH;
  }
}
