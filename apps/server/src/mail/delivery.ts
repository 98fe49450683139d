/** The worker of queued mails: each by the mail server as it is set at that moment. */
import { MAIL_JOB, type MailTransport, type QueuedMail } from '@littlepbx/core/mail/mail';
import type { Log } from '@littlepbx/core/ports';
import { mailServer } from '@littlepbx/core/tenancy/mail';
import type { Stores } from '@littlepbx/core/tenancy/stores';
import type { JobKind } from '@littlepbx/data';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** A day, all together. */
const RETRIES = [
  10 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  8 * HOUR,
];

export interface MailDeliveryOptions {
  stores: Pick<Stores, 'asOperator'>;
  transport: MailTransport;
  log: Log;
  /** Milliseconds, see `JobKind`. */
  retries?: readonly number[];
}

export function mailDelivery({ stores, transport, log, retries = RETRIES }: MailDeliveryOptions): {
  [MAIL_JOB]: JobKind;
} {
  return {
    [MAIL_JOB]: {
      concurrency: 4,
      retries,
      async run({ id, organizationId, payload }) {
        const server = await stores.asOperator(({ settings }) => mailServer(settings));
        const mail = payload as QueuedMail;
        if (server === null) {
          log.warn('mail-dropped', { mail: id, organization: organizationId, reason: 'no-mail-server' });
          return { kind: 'done' };
        }
        const outcome = await transport.send(server, id, mail);
        if (outcome.kind === 'done') log.info('mail-sent', { mail: id, organization: organizationId });
        return outcome;
      },
    },
  };
}
