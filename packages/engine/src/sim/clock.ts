/**
 * Virtual time. It stands still until a test advances it, and after each timer it lets every promise settle before the
 * next timer runs, so code under test behaves as if it were infinitely fast between two moments.
 *
 * Structurally core's `Clock`. Two kinds of timers share one queue: those of `after` (core's, tests'), and work of the
 * simulated network, whose absence is what `runUntilIdle` waits for.
 */
export interface VirtualClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `fn` once after `delay` ms; the returned function cancels it. */
  after(delay: number, fn: () => void): () => void;
  /** As `after`, for work in flight: `runUntilIdle` waits for it. */
  inFlight(delay: number, fn: () => void): () => void;
  /** Lets `ms` pass, running what falls due, in order. */
  advance(ms: number): Promise<void>;
  /** Lets time pass until no work is in flight; throws when that takes more than `within` ms (default one hour). */
  runUntilIdle(within?: number): Promise<void>;
  /** Lets time pass until `isTrue()`; throws with `reason` after `within` ms (default 60 s). */
  until(reason: string, isTrue: () => boolean, within?: number): Promise<void>;
}

interface Timer {
  at: number;
  order: number;
  isWork: boolean;
  fn: () => void;
}

/** One turn of the real event loop: every promise chain that can go on has gone on. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A clock that stands at `start` (ms since the epoch). */
export function createVirtualClock(start: number): VirtualClock {
  let now = start;
  let order = 0;
  let inFlight = 0;
  const queue: Timer[] = [];

  const isBefore = (a: Timer, b: Timer) => a.at < b.at || (a.at === b.at && a.order < b.order);

  /** Binary search: a property test keeps hundreds of timers and adds each in the middle. */
  function insert(timer: Timer): void {
    let low = 0;
    let high = queue.length;
    while (low < high) {
      const mid = (low + high) >>> 1;
      if (isBefore(queue[mid]!, timer)) low = mid + 1;
      else high = mid;
    }
    queue.splice(low, 0, timer);
  }

  function add(delay: number, fn: () => void, isWork: boolean): () => void {
    const timer: Timer = { at: now + Math.max(0, delay), order: order++, isWork, fn };
    insert(timer);
    if (isWork) inFlight++;
    return () => {
      const index = queue.indexOf(timer);
      if (index < 0) return;
      queue.splice(index, 1);
      if (isWork) inFlight--;
    };
  }

  async function runNext(): Promise<void> {
    const timer = queue.shift()!;
    now = Math.max(now, timer.at);
    if (timer.isWork) inFlight--;
    timer.fn();
    await settle();
  }

  async function advance(ms: number): Promise<void> {
    const end = now + ms;
    await settle();
    while (queue[0] !== undefined && queue[0].at <= end) await runNext();
    now = Math.max(now, end);
  }

  async function until(reason: string, isTrue: () => boolean, within = 60_000): Promise<void> {
    const end = now + within;
    await settle();
    while (!isTrue()) {
      if (queue[0] === undefined || queue[0].at > end) throw new Error(`after ${within} ms still waiting: ${reason}`);
      await runNext();
    }
  }

  return {
    now: () => now,
    after: (delay, fn) => add(delay, fn, false),
    inFlight: (delay, fn) => add(delay, fn, true),
    advance,
    until,
    runUntilIdle: (within = 3_600_000) => until('the simulated network to be idle', () => inFlight === 0, within),
  };
}

/** Ways side by side: what is sent overtakes whatever is about other things. */
export interface Lanes {
  send(about: readonly (string | number)[], fn: () => void, late?: number): void;
}

/** Lanes whose delay is drawn by `delay` (ms) for each thing sent. */
export function createLanes(clock: VirtualClock, delay: () => number): Lanes {
  const last = new Map<string | number, number>();
  return {
    send(about, fn, late = 0) {
      const at = Math.max(clock.now() + delay() + late, ...about.map((thing) => last.get(thing) ?? 0));
      for (const thing of about) last.set(thing, at);
      clock.inFlight(at - clock.now(), fn);
    },
  };
}

/** A way between two places: what is sent arrives later, and nothing overtakes. */
export interface Lane {
  send(fn: () => void, late?: number): void;
}

export function createLane(clock: VirtualClock, delay: () => number): Lane {
  const lanes = createLanes(clock, delay);
  return { send: (fn, late) => lanes.send(['all'], fn, late) };
}
