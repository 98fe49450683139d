/** Calls as numbers. Labels are bounded: what a call was and why it ended, never whose it was. */
import type { CallObserver } from '@littlepbx/core/call/observer';
import type { MetricsPage } from './exposition.ts';

/** Seconds. */
const SETUP_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80];
const TALK_BOUNDS = [1, 5, 15, 30, 60, 180, 600, 1800, 3600, 14_400];

export function observeCalls(page: MetricsPage): CallObserver {
  const begun = page.counter('littlepbx_calls_begun_total', 'Calls that began.');
  const ended = page.counter('littlepbx_calls_ended_total', 'Calls that ended, by what became of them.');
  const setup = page.histogram(
    'littlepbx_call_setup_seconds',
    'From the arrival of the INVITE until the called were dialled, until the first rang, until the answer.',
    SETUP_BOUNDS,
  );
  const talk = page.histogram('littlepbx_call_talk_seconds', 'From the answer to the end.', TALK_BOUNDS);
  return {
    began: ({ direction }) => begun.add({ direction }),
    changed() {},
    dialled: (took) => setup.observe(Math.max(took, 0) / 1000, { stage: 'dialled' }),
    ended({ cdr, trace }) {
      const { direction, result, reason, blame, startedAt, answeredAt, talkDuration } = cdr;
      ended.add({ direction, result, reason, blame });
      const rangAt = trace.find(({ step }) => step === 'rang')?.at;
      if (rangAt !== undefined) setup.observe(Math.max(rangAt - startedAt, 0) / 1000, { stage: 'ringing' });
      if (answeredAt === null) return;
      setup.observe(Math.max(answeredAt - startedAt, 0) / 1000, { stage: 'answered' });
      talk.observe(talkDuration / 1000);
    },
  };
}
