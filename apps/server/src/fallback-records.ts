/** Brings the calls that the engine made by itself, while no brain was there, into the records. */
import { type FinishedCall, timesOf } from '@littlepbx/core/call/record';
import type { Termination } from '@littlepbx/core/call/termination';
import type { Ids, Journal, Log } from '@littlepbx/core/ports';
import type { EngineDirectory, FallbackCall } from '@littlepbx/engine/directory';

/** Milliseconds. */
const LOOK_EVERY = 2000;

/** Looks at once and then every two seconds; returns what ends it. */
export function collectFallbackCalls(directory: EngineDirectory, journal: Journal, ids: Ids, log: Log): () => void {
  let isStopped = false;
  let timer: NodeJS.Timeout | null = null;
  const look = async (): Promise<void> => {
    const ended = await directory.endedFallbackCalls();
    if (ended.length === 0) return;
    for (const call of ended) journal.finish(recordOf(call, ids.next()), []);
    // On disk before the engine forgets them: a brain that dies in between records them twice rather than never.
    journal.flush();
    await directory.acknowledgeFallbackCalls(ended.map((c) => c.id));
    log.info('fallback-calls-recorded', { calls: ended.length });
  };
  const again = (): void => {
    void look()
      .catch((error: unknown) => log.warn('fallback-calls-not-read', { error: String(error) }))
      .finally(() => {
        if (!isStopped) timer = setTimeout(again, LOOK_EVERY);
      });
  };
  again();
  return () => {
    isStopped = true;
    if (timer) clearTimeout(timer);
  };
}

const TERMINATIONS: Record<FallbackCall['outcome'], Termination> = {
  answer: { result: 'answered', reason: 'fallback', blame: 'platform' },
  busy: { result: 'busy', reason: 'busy', blame: 'callee' },
  noanswer: { result: 'no-answer', reason: 'no-answer', blame: 'callee' },
  cancel: { result: 'cancelled', reason: 'caller-hung-up', blame: 'caller' },
  congestion: { result: 'failed', reason: 'carrier-congestion', blame: 'carrier' },
  chanunavail: { result: 'no-answer', reason: 'no-device-registered', blame: 'callee' },
  'engine-lost': { result: 'failed', reason: 'engine-lost', blame: 'platform' },
};

function recordOf(call: FallbackCall, id: string): FinishedCall {
  const termination = TERMINATIONS[call.outcome];
  const times = timesOf(call);
  const { answeredAt, startedAt, endedAt } = times;
  return {
    cdr: {
      id,
      organizationId: call.organizationId,
      direction: call.kind === 'emergency' ? 'outbound' : call.kind,
      from: call.from || null,
      fromName: null,
      to: call.to,
      fromExtension: call.kind === 'inbound' ? null : call.from || null,
      // Where a DID led is not told.
      answeredBy: answeredAt === null && call.kind === 'inbound' ? null : call.to,
      did: call.kind === 'inbound' ? call.to : null,
      trunkId: null,
      ...termination,
      ...(answeredAt === null ? {} : { result: 'answered' as const }),
      ...times,
      revision: 0,
      handledBy: 'fallback',
      // Inside calls, and emergency calls, whose price nobody asks.
      cost: 0,
      currency: null,
    },
    trace: [
      { at: startedAt, step: 'call-began', detail: { handledBy: 'fallback', dialled: call.to, from: call.from } },
      ...(answeredAt === null ? [] : [{ at: answeredAt, step: 'answered' as const, detail: { by: call.to } }]),
      { at: endedAt, step: 'ended', detail: { ...termination } },
    ],
  };
}
