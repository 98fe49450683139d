/** Lets at most so many in at once per key; the rest wait in line until their deadline. */
export class Gate {
  readonly #width: number;
  readonly #inside = new Map<string, { count: number; waiting: ((isOpen: boolean) => void)[] }>();

  constructor(width: number) {
    this.#width = width;
  }

  /**
   * Resolves to true when in (then `leave` must follow), to false when the deadline passed before.
   * @param deadline by `performance.now()`
   */
  async enter(key: string, deadline: number): Promise<boolean> {
    const place = this.#inside.get(key) ?? { count: 0, waiting: [] };
    this.#inside.set(key, place);
    if (place.count < this.#width) {
      place.count++;
      return true;
    }
    return new Promise((resolve) => {
      const answer = (isOpen: boolean): void => {
        clearTimeout(timer);
        resolve(isOpen);
      };
      const timer = setTimeout(
        () => {
          place.waiting.splice(place.waiting.indexOf(answer), 1);
          resolve(false);
        },
        Math.max(deadline - performance.now(), 0),
      );
      place.waiting.push(answer);
    });
  }

  leave(key: string): void {
    const place = this.#inside.get(key)!;
    const next = place.waiting.shift();
    // The place passes on: the count stays.
    if (next) next(true);
    else if (--place.count === 0) this.#inside.delete(key);
  }
}
