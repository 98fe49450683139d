/**
 * A time-out for what somebody else is asked. What this process was kept from running, by a busy machine or by itself, is no
 * silence of theirs: the answer may lie in its socket, and timers come before sockets. So it is counted in steps, between
 * which sockets are read, and a stall counts as one of them.
 */
import { StoreUnavailable } from '@littlepbx/core/tenancy/stores';

const STEP = 100;

export class Patience {
  /** Rejects when the time is over, unless `end` came before. */
  readonly over: Promise<never>;
  #timer: NodeJS.Timeout | undefined;

  /** @param time milliseconds */
  constructor(time: number) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.over = promise;
    // Who waits for nothing at that moment learns it with the next question.
    promise.catch(() => {});
    let left = time;
    const step = (): void => {
      if (left < 0) {
        reject(new StoreUnavailable(new Error('no answer in time')));
        return;
      }
      // The last one is short, and has the sockets read once more.
      const next = Math.max(1, Math.min(left, STEP));
      left -= next;
      this.#timer = setTimeout(step, next);
    };
    step();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
