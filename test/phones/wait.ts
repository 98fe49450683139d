/** Waiting with a deadline and a reason: no test sleeps, and every wait that fails says what was seen instead. */

export class NotInTime extends Error {
  override readonly name = 'NotInTime';
}

/**
 * How long tests wait for what they expect, when they do not say: a machine with little to spare takes seconds for what
 * is a matter of milliseconds, and a deadline costs nothing where it is kept. Milliseconds.
 */
export const PATIENCE = 15_000;

export interface Within {
  /** Deadline in milliseconds. */
  within?: number;
}

interface Waiter {
  check(): void;
  fail(error: Error): void;
}

/** Something that changes; `changed()` makes everybody who waits look again. */
export class Signal {
  readonly #waiters = new Set<Waiter>();

  changed(): void {
    for (const waiter of [...this.#waiters]) waiter.check();
  }

  /** Number of waits in progress. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * Resolves with the first value of `look` that is not undefined. `look` may throw to end the wait at once.
   * `reason` is called when the deadline passes.
   */
  until<T>(look: () => T | undefined, reason: () => string, within: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        act();
      };
      const waiter: Waiter = {
        check: () => {
          try {
            const value = look();
            if (value !== undefined) settle(() => resolve(value));
          } catch (error) {
            settle(() => reject(error));
          }
        },
        fail: (error) => settle(() => reject(error)),
      };
      const timer = setTimeout(() => waiter.fail(new NotInTime(reason())), within);
      this.#waiters.add(waiter);
      waiter.check();
    });
  }
}

/** `3000` as `3 s`, `250` as `250 ms`. */
export const duration = (ms: number): string => (ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`);

/** Polls `look` every `every` milliseconds; for things outside this process, such as files and children. */
export const eventually = async <T>(
  look: () => T | undefined | Promise<T | undefined>,
  { within = PATIENCE, every = 50, reason }: { within?: number; every?: number; reason: () => string },
): Promise<T> => {
  const deadline = performance.now() + within;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new NotInTime(reason());
    await new Promise((resolve) => setTimeout(resolve, every));
  }
};
