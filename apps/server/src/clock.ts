import { randomBytes } from 'node:crypto';
import type { Clock, Ids } from '@littlepbx/core/ports';

/** A smaller step is none: the clock is steered into place. Milliseconds. */
const STEP = 500;
/** Of the clock that is set from the one that only counts. */
let offset = Date.now() - performance.now();
let onSet: (by: number) => void = () => {};

/** Calls `fn` with the milliseconds by which somebody set the clock, before anybody is told the new time. */
export function whenClockIsSet(fn: (by: number) => void): void {
  onSet = fn;
}

/** The machine's clock. Timers do not keep the process alive by themselves. */
export const systemClock: Clock = {
  now() {
    const now = Date.now();
    const moved = now - performance.now() - offset;
    offset += moved;
    if (Math.abs(moved) >= STEP) onSet(Math.round(moved));
    return now;
  },
  after(delay, fn) {
    const timer = setTimeout(fn, delay);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** UUIDv7 (RFC 9562, section 5.7): sorts by time, 74 random bits. */
export const ids: Ids = {
  next() {
    const bytes = randomBytes(16);
    bytes.writeUIntBE(Date.now(), 0, 6);
    bytes[6] = (bytes[6]! & 0x0f) | 0x70;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const hex = bytes.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  },
};
