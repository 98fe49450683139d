/** `Live`: what the API asks of the running brain, from the registry's and the engine's present state. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Call } from '@littlepbx/core/call/call';
import type { CallRegistry } from '@littlepbx/core/call/registry';
import type { DeviceRegistration, EngineDirectory, EngineQueue, TrunkRegistration } from '@littlepbx/engine/directory';
import type { Health, Live, LiveCall, LiveOutcome, MachineState, SeenRegistration } from './http/live.ts';
import type { Disk, Machine } from './metrics/machine.ts';
import type { PromptSounds } from './prompt-sounds.ts';
import type { RoundTrips } from './round-trips.ts';
import type { RecentAlerts } from './spending-alerts.ts';
import { usageOf } from './usage.ts';

export interface LiveSources {
  registry: CallRegistry;
  alerts: RecentAlerts;
  directory: EngineDirectory;
  roundTrips: RoundTrips;
  engine: { name: string; isConnected: boolean; pendingRequests: number; version(): string | null };
  database: { isConnected(): boolean; version(): string | null };
  prompts: Pick<PromptSounds, 'states'>;
  /** Finished calls that Postgres does not have yet. */
  recordsWaiting(): number;
  version: string;
  machine: Pick<Machine, 'disks' | 'certificateExpiry'>;
  queues: () => Promise<EngineQueue[]>;
}

/** Milliseconds. */
const REGISTRATIONS_AGE = 1000;
const COUNT_AGE = 5000;
/** Whoever reads one device waits so long for its answer. */
const ANSWER_PATIENCE = 4000;
const LAG_RESOLUTION = 10;
/** The lag is told of the present and the last of such windows. */
const LAG_WINDOW = 30_000;

export function createLive(sources: LiveSources): Live & { close(): void } {
  const { registry, directory, engine, database, roundTrips } = sources;
  const startedAt = Date.now();
  const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION });
  lag.enable();
  const inMs = (ns: number) => Math.round(ns / 1e4) / 100;
  const ofWindow = () => ({ mean: inMs(lag.mean), p99: inMs(lag.percentile(99)), max: inMs(lag.max) });
  let last: ReturnType<typeof ofWindow> | null = null;
  const windows = setInterval(() => {
    last = ofWindow();
    lag.reset();
  }, LAG_WINDOW).unref();
  let registered: ReadonlyMap<string, DeviceRegistration> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  const refresh = (): Promise<void> => {
    reading ??= directory
      .deviceRegistrations()
      .then(
        (all) => {
          registered = new Map(all.map((r) => [r.username, r]));
          readAt = performance.now();
        },
        // The engine is away: what was known last stands until it is back.
        () => {},
      )
      .finally(() => {
        reading = null;
      });
    return reading;
  };

  const withAnswer = (r: DeviceRegistration): SeenRegistration => ({ ...r, ...roundTrips.of(r) });

  const find = (organizationId: string, callId: string): Call | null => {
    const call = registry.call(callId);
    return call?.state.organizationId === organizationId ? call : null;
  };

  const withCall = (organizationId: string, callId: string, act: (call: Call) => LiveOutcome): LiveOutcome => {
    const call = find(organizationId, callId);
    if (!call) return 'gone';
    if (!engine.isConnected) return 'engine-away';
    const outcome = act(call);
    registry.keep(call);
    return outcome;
  };

  return {
    liveCalls: (organizationId) =>
      registry
        .calls()
        .filter((call) => call.state.organizationId === organizationId)
        .map(liveCall)
        .sort((a, b) => a.startedAt - b.startedAt),
    liveCall(organizationId, callId) {
      const call = find(organizationId, callId);
      return call && liveCall(call);
    },
    trace: (organizationId, callId) => find(organizationId, callId)?.state.trace ?? null,
    devicesInCalls(organizationId) {
      const calls = registry.calls().filter(({ state }) => state.organizationId === organizationId);
      const devices = calls.flatMap((call) => call.legs().map((leg) => call.state.parties[leg]?.device));
      return new Set(devices.filter((device) => device != null));
    },
    usage: (organizationId) => usageOf(registry, sources.alerts, organizationId),
    hangUp: async (organizationId, callId) =>
      withCall(organizationId, callId, (call) => {
        call.hangUp();
        return 'ok';
      }),
    transfer: async (organizationId, callId, to) =>
      withCall(organizationId, callId, (call) => {
        // The one who was called is let go; the caller goes on to the new place.
        const { far } = call.state;
        return far ? call.blindTransfer(far, to, true) : 'not-now';
      }),
    record: async (organizationId, callId, on) =>
      withCall(organizationId, callId, (call) => {
        if (on) return call.startRecording();
        call.stopRecording();
        return 'ok';
      }),
    async registrations() {
      if (performance.now() - readAt > REGISTRATIONS_AGE) await refresh();
      const where = registered;
      return {
        has: (username) => where.has(username),
        get(username) {
          const found = where.get(username);
          return found && withAnswer(found);
        },
      };
    },
    async registration(username) {
      if (performance.now() - readAt > REGISTRATIONS_AGE) await refresh();
      const where = registered.get(username);
      if (!where) return null;
      await roundTrips.known(where, ANSWER_PATIENCE);
      return withAnswer(where);
    },
    look: (organizationId, registrations) => roundTrips.want(organizationId, registrations),
    async trunkStates() {
      const states = await directory.trunkRegistrations().catch((): TrunkRegistration[] => []);
      return new Map(states.map((s) => [s.trunkId, s]));
    },
    drain(on, stopCalls) {
      registry.drain(on);
      if (stopCalls) registry.stopCalls();
    },
    health(): Health {
      if (engine.isConnected && performance.now() - readAt > COUNT_AGE) void refresh();
      const now = ofWindow();
      return {
        version: sources.version,
        startedAt,
        engine: { isConnected: engine.isConnected, name: engine.name, version: engine.version() },
        database: { isConnected: database.isConnected(), version: database.version() },
        organizations: registry.organizations.all().length,
        calls: registry.calls().length,
        callsInSetup: registry.admission.inSetup,
        registrations: registered.size,
        languages: sources.prompts.states(),
        recordsWaiting: sources.recordsWaiting(),
        isDraining: registry.isDraining,
        eventLoopLag: last === null ? now : worse(last, now),
      };
    },
    async machine() {
      const [disks, queues] = await Promise.all([sources.machine.disks(), sources.queues()]);
      return {
        disks: fileSystems(disks),
        certificateExpiresAt: sources.machine.certificateExpiry(),
        memory: process.memoryUsage.rss(),
        engineTasks: queues.length === 0 ? null : queues.reduce((sum, { waiting }) => sum + waiting, 0),
        engineRequests: engine.pendingRequests,
      };
    },
    close() {
      clearInterval(windows);
      lag.disable();
    },
  };
}

function fileSystems(disks: Disk[]): MachineState['disks'] {
  return [...Map.groupBy(disks, (disk) => disk.device).values()].map((same) => ({
    holds: same.map(({ name }) => name),
    free: same[0]!.free,
    size: same[0]!.total,
  }));
}

/** A histogram without a sample has no mean, and a maximum of 0. */
function worse(a: Health['eventLoopLag'], b: Health['eventLoopLag']): Health['eventLoopLag'] {
  const of = (x: number, y: number) => Math.max(x || 0, y || 0);
  return { mean: of(a.mean, b.mean), p99: of(a.p99, b.p99), max: of(a.max, b.max) };
}

function liveCall(call: Call): LiveCall {
  const { state } = call;
  return {
    id: state.id,
    direction: state.direction,
    from: state.callerId.isPrivate ? null : state.callerId.number,
    fromName: state.callerId.isPrivate ? null : state.callerId.name,
    to: state.dialled,
    fromExtension: state.fromExtension?.number ?? null,
    did: state.did,
    trunkId: state.trunkId,
    state: state.phase === 'talking' || state.phase === 'echo' ? (state.isHeld ? 'held' : 'talking') : 'ringing',
    // While a transfer rings, not who asked for it.
    with: state.attempt?.label ?? state.answeredBy ?? null,
    startedAt: state.startedAt,
    answeredAt: state.answeredAt,
    isRecorded: state.recording !== null,
    revision: state.revision,
  };
}
