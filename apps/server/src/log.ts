/**
 * JSON lines on stdout, one per event. Secrets are removed by name, wherever they stand one level deep. What is somebody's
 * (numbers, names, addresses, and what another's server said of them) stands in `personal` and nowhere else, so that the
 * operator can have it hashed or left out.
 *
 * A disk that is full must not end the brain: lines wait in memory, and past `MAX_WAITING` they are dropped and counted.
 */
import { createHmac } from 'node:crypto';
import type { Log } from '@littlepbx/core/ports';
import { pino } from 'pino';

/** How personal data is written: as it is, as a code that is the same for the same value, or not at all. */
export type PersonalData = 'plain' | 'hashed' | 'removed';

export interface LogOptions {
  level: string;
  personalData: PersonalData;
  /** Makes the codes; without it nobody can tell what they stand for by trying all numbers. */
  key: Buffer;
  /** A file descriptor or a file; stdout when left out. */
  to?: number | string;
  /** Bytes that may wait for the disk. */
  maxWaiting?: number;
}

const MAX_WAITING = 4 * 1024 * 1024;
const SECRETS = ['password', 'token', 'authorization', 'secret', 'digestMd5', 'digestSha256'];

export function createLog({ level, personalData, key, to = 1, maxWaiting = MAX_WAITING }: LogOptions): Log {
  const destination = pino.destination({ dest: to, sync: true, maxLength: maxWaiting });
  let dropped = 0;
  // Without a listener the error would be nobody's, and end the process. The line is kept and written with the next one.
  destination.on('error', () => {});
  destination.on('drop', () => {
    dropped += 1;
  });
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: [...SECRETS, ...SECRETS.map((s) => `*.${s}`)], remove: true },
    },
    destination,
  );
  const code = (value: unknown): unknown =>
    value === null || value === undefined
      ? value
      : createHmac('sha256', key).update(String(value)).digest('base64url').slice(0, 12);

  function shown(fields: Record<string, unknown>): Record<string, unknown> {
    const { personal, ...rest } = fields;
    if (personal === undefined || personalData === 'plain') return fields;
    if (personalData === 'removed') return rest;
    const coded = Object.entries(personal as object).map(([name, value]) => [name, code(value)]);
    return { ...rest, personal: Object.fromEntries(coded) };
  }

  const at =
    (severity: 'debug' | 'info' | 'warn' | 'error') =>
    (event: string, fields: Record<string, unknown> = {}): void => {
      const missed = dropped;
      logger[severity]({ event, ...shown(fields) });
      if (missed === 0 || dropped > missed) return;
      dropped = 0;
      logger.warn({ event: 'log-lines-dropped', lines: missed });
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
