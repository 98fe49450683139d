import type { Cdr, FinishedCall } from '@littlepbx/core/call/record';
import { uuidv7 } from './installation.ts';

/** A record as the call logic makes it. */
export function finishedCall(organizationId: string, cdr: Partial<Cdr> = {}): FinishedCall {
  const startedAt = cdr.startedAt ?? Date.now();
  return {
    cdr: {
      id: uuidv7(),
      organizationId,
      direction: 'internal',
      from: '101',
      fromName: 'Ann',
      to: '102',
      fromExtension: '101',
      answeredBy: '102',
      did: null,
      trunkId: null,
      result: 'answered',
      reason: 'caller-hung-up',
      blame: 'caller',
      startedAt,
      answeredAt: startedAt + 1_000,
      endedAt: startedAt + 5_000,
      ringDuration: 1_000,
      talkDuration: 4_000,
      revision: 1,
      handledBy: 'brain',
      cost: 0,
      currency: null,
      ...cdr,
    },
    trace: [{ at: startedAt, step: 'call-began', detail: { from: '101', quote: `it's "so"` } }],
  };
}
