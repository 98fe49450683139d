import { randomBytes } from 'node:crypto';
import type { Clock, Ids } from '@littlepbx/core/ports';

/** The machine's clock. Timers do not keep the process alive by themselves. */
export const systemClock: Clock = {
  now: () => Date.now(),
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
