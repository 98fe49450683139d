import { type Alert, CHANNELS, type OperatorChannel } from '@littlepbx/core/alerts/alert-book';
import type { Clock, Ids } from '@littlepbx/core/ports';
import type { AlertChannels } from './channels.ts';

/** Whoever asked waits for it. Milliseconds. */
const TIMEOUT = 10_000;

/** Sends something harmless by each channel that is set up, now. */
export function testChannels(
  channels: AlertChannels,
  ids: Ids,
  clock: Clock,
): Promise<{ channel: OperatorChannel; isSent: boolean; reason: string | null }[]> {
  const there = channels.there();
  const at = clock.now();
  const alert: Alert = {
    id: ids.next(),
    kind: 'brain-restarted',
    subject: null,
    organizationId: null,
    severity: 'warning',
    facts: {},
    raisedAt: at,
    resolvedAt: at,
    toldAt: at,
  };
  return Promise.all(
    CHANNELS.filter((channel) => there.includes(channel)).map(async (channel) => {
      const late = new Promise<{ kind: 'later'; reason: string }>((resolve) => {
        clock.after(TIMEOUT, () => resolve({ kind: 'later', reason: 'no answer within 10 s' }));
      });
      const sending = channels.send({ id: ids.next(), channel, what: 'test', alert, attempts: 0, nextAt: at });
      const sent = await Promise.race([sending, late]);
      return { channel, isSent: sent.kind === 'done', reason: sent.kind === 'done' ? null : sent.reason };
    }),
  );
}
