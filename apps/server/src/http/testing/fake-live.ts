/** A brain with one call in progress, for tests of the HTTP side alone. */
import { randomUUID } from 'node:crypto';
import type { Cdr } from '@littlepbx/core/call/record';
import type { Live, LiveCall, LiveOutcome } from '../live.ts';

export interface FakeLive extends Live {
  calls: (LiveCall & { organizationId: string })[];
  /** What was asked of it. */
  asked: string[];
  isEngineAway: boolean;
  isDraining: boolean;
}

export function fakeLive(): FakeLive {
  const find = (organizationId: string, id: string) =>
    live.calls.find((c) => c.organizationId === organizationId && c.id === id);
  const act = async (organizationId: string, id: string, what: string): Promise<LiveOutcome> => {
    if (live.isEngineAway) return 'engine-away';
    if (!find(organizationId, id)) return 'gone';
    live.asked.push(what);
    return 'ok';
  };
  const live: FakeLive = {
    calls: [],
    asked: [],
    isEngineAway: false,
    isDraining: false,
    liveCalls: (organizationId) => live.calls.filter((c) => c.organizationId === organizationId),
    devicesInCalls: () => new Set(),
    liveCall: (organizationId, id) =>
      live.calls.find((c) => c.organizationId === organizationId && c.id === id) ?? null,
    trace: (organizationId, id) => {
      const call = find(organizationId, id);
      return call ? [{ at: call.startedAt, step: 'call-began', detail: { dialled: call.to } }] : null;
    },
    usage: () => {
      const tally = { calls: 0, duration: 0, cost: 0 };
      return {
        timeZone: 'UTC',
        currency: null,
        isOffHours: false,
        hour: { since: 1_753_142_400_000, ...tally },
        day: { since: 1_753_142_400_000, ...tally },
        callsInProgress: 0,
        caps: [],
        extensions: [],
        alerts: [],
      };
    },
    hangUp: (organizationId, id) => act(organizationId, id, 'hang-up'),
    transfer: (organizationId, id, to) => act(organizationId, id, `transfer ${to}`),
    record: (organizationId, id, on) => act(organizationId, id, on ? 'record' : 'stop-recording'),
    async registrations() {
      if (live.isEngineAway) throw new Error('no engine');
      return new Map();
    },
    async registration() {
      if (live.isEngineAway) throw new Error('no engine');
      return null;
    },
    look: () => {},
    async trunkStates() {
      if (live.isEngineAway) throw new Error('no engine');
      return new Map();
    },
    drain(on, stopCalls) {
      live.isDraining = on;
      if (stopCalls) live.calls = [];
    },
    health: () => ({
      version: '0.1.0',
      languages: [{ language: 'en', state: 'there', percent: null, reason: null, isWanted: true }],
      startedAt: 1_753_142_400_000,
      engine: { isConnected: !live.isEngineAway, name: 'asterisk', version: '22.10.1' },
      database: { isConnected: true, version: '18.6' },
      organizations: 2,
      calls: live.calls.length,
      callsInSetup: 0,
      registrations: 0,
      recordsWaiting: 0,
      isDraining: live.isDraining,
      eventLoopLag: { mean: 0.1, p99: 1.5, max: 3 },
    }),
    machine: async () => ({
      disks: [{ holds: ['brain', 'sounds'], free: 50_000_000_000, size: 200_000_000_000 }],
      certificateExpiresAt: 1_760_000_000_000,
      memory: 150_000_000,
      engineTasks: 0,
      engineRequests: 0,
    }),
  };
  return live;
}

export function liveCallOf(organizationId: string): LiveCall & { organizationId: string } {
  return {
    organizationId,
    id: randomUUID(),
    direction: 'internal',
    from: '101',
    fromName: 'Alice',
    to: '102',
    fromExtension: '101',
    did: null,
    trunkId: null,
    state: 'talking',
    with: '102',
    startedAt: 1_753_142_400_000,
    answeredAt: 1_753_142_404_000,
    isRecorded: false,
    revision: 1,
  };
}

/** Its record, once it ended. */
export function pastCallOf(call: LiveCall & { organizationId: string }): Cdr {
  const { id, organizationId, direction, from, fromName, to, fromExtension, did, trunkId, startedAt, answeredAt } =
    call;
  return {
    ...{ id, organizationId, direction, from, fromName, to, fromExtension, did, trunkId, startedAt, answeredAt },
    answeredBy: '102',
    result: 'answered',
    reason: 'caller-hung-up',
    blame: 'caller',
    endedAt: startedAt + 60_000,
    ringDuration: 4_000,
    talkDuration: 56_000,
    revision: 1,
    cost: 0,
    currency: null,
    handledBy: 'brain',
  };
}
