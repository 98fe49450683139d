import type { Log } from '@littlepbx/core/ports';
import { pino } from 'pino';

/** JSON lines on stdout. What could be a secret is removed by name, wherever it stands one level deep. */
export function createLog(level: string): Log {
  const secrets = ['password', 'token', 'authorization', 'secret', 'digestMd5', 'digestSha256'];
  const logger = pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: [...secrets, ...secrets.map((s) => `*.${s}`)], remove: true },
  });
  const at =
    (severity: 'debug' | 'info' | 'warn' | 'error') =>
    (event: string, fields: Record<string, unknown> = {}) =>
      logger[severity]({ event, ...fields });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
