/**
 * A telephone engine that exists only in virtual time: the `Engine` port, phones and carriers to call with, and the
 * faults that real engines and networks have. The same seed and the same commands give the same run.
 *
 *     const sim = createSim();
 *     await sim.connect(sim.engine);                         // start() while time passes
 *     const ann = sim.world.device('ann');
 *     const call = ann.dial('102');
 *     await sim.clock.advance(50);                           // leg:new has come
 *     sim.world.device('bob').behaviour = { answers: 3000 };
 *     …
 *     await sim.clock.runUntilIdle();
 *     sim.assertQuiet();
 *
 * Core is tested against this, so it is trusted only for what `conformance/` shows to be the same on Asterisk.
 */
import type { BridgeId, LegId, RecordId } from '../port.ts';
import { CAUSE } from '../port.ts';
import { createVirtualClock, type VirtualClock } from './clock.ts';
import { type Commands, SimEngine } from './engine.ts';
import { createEntry, type Entry } from './entry.ts';
import type { Faults } from './faults.ts';
import { createMediaRoom, type Recording } from './media.ts';
import { createRandom } from './random.ts';
import { emptyState } from './state.ts';
import { Switch, type Unstamped } from './switch.ts';
import { createWorld, type World } from './world.ts';

export type { Lane, VirtualClock } from './clock.ts';
export { SimEngine } from './engine.ts';
export { type EventFate, type FaultOdds, type Faults, randomFates, type Verb, type VerbFate } from './faults.ts';
export type { Behaviour, Line, LineState } from './line.ts';
export type { Recording } from './media.ts';
export { createRandom, type Random } from './random.ts';
export type { Carrier, CarrierOptions, Device, DeviceOptions, World } from './world.ts';

export interface SimOptions {
  seed?: number;
  /** Virtual time at the start. Milliseconds since the epoch. */
  startAt?: number;
  /** Shortest and longest delay between phones and switch, and between switch and brain. Milliseconds. */
  delay?: { network?: [number, number]; control?: [number, number] };
  /** Length of stock prompts in ms, or null for a name that does not exist. Default: each lasts 1 s. */
  promptLength?: (name: string, language: string | undefined) => number | null;
  /** How long a new call waits for a brain that is away, before the fallback. Milliseconds; default 1000. */
  patience?: number;
  /** A brain that has beaten once and then not for so long counts as away. Milliseconds; default 2000. */
  beatWithin?: number;
  /** Devices the engine rings by itself, while no brain is there, for a number that a device or carrier dialled. */
  fallback?: (dialled: string) => string[];
  /** Numbers that no gate refuses. */
  emergencyNumbers?: string[];
}

export interface Sim {
  /** The first brain's connection; not started yet. */
  readonly engine: SimEngine;
  readonly clock: VirtualClock;
  readonly world: World;
  readonly recordings: ReadonlyMap<RecordId, Recording>;
  /** Stored sounds by `<organization>/<id>`: their length in ms. */
  readonly files: Map<string, number>;
  /** Starts a connection and lets the little time pass that this takes. */
  connect(engine: SimEngine): Promise<void>;
  /** Another brain's connection, not started; once started it takes over, and the brain before hears nothing more. */
  secondEngine(): SimEngine;
  /** `kill -9` of the brain: its connection goes, and it is not even told. */
  killBrain(): void;
  /** Cuts the control connection; calls go on. */
  loseEngine(): void;
  /** Gives the connection back. */
  regainEngine(): void;
  /** The engine's process dies and comes back after `downtime` ms: every leg is gone, and phones hear no goodbye. */
  restartEngine(downtime?: number): Promise<void>;
  /** Faults on the present brain's connection, and on later ones; `{}` ends them. */
  meets(faults: Faults): void;
  /** Throws, naming what is left, unless there is no leg, bridge, playback, recording or far end in a call. */
  assertQuiet(): void;
}

/** A switch with nobody around it yet. */
export function createSim(options: SimOptions = {}): Sim {
  const { seed = 1, startAt = Date.UTC(2026, 0, 5, 9), patience = 1000, beatWithin = 2000 } = options;
  const { network = [0, 2], control = [0, 2] } = options.delay ?? {};
  const random = createRandom(seed);
  const clock = createVirtualClock(startAt);
  const state = emptyState();
  let brain: SimEngine | null = null;
  let faults: Faults = {};
  let lastBeat: number | null = null;
  let startedAt = startAt;

  const emit = (event: Unstamped) => brain?.deliver({ ...event, at: clock.now() });
  const promptLength = options.promptLength ?? (() => 1000);
  const media = createMediaRoom({ clock, state, emit, promptLength });
  const switchboard = new Switch({ clock, state, media, emit });
  const networkDelay = () => random.between(...network);
  const entryOf = (): Entry => entry;
  const world = createWorld({ clock, state, signals: switchboard, delay: networkDelay, entry: entryOf });
  const entry = createEntry({
    clock,
    switchboard,
    patience,
    isBrainThere: () => brain !== null && (lastBeat === null || clock.now() - lastBeat <= beatWithin),
    isEmergency: (dialled) => options.emergencyNumbers?.includes(dialled) ?? false,
    fallback: (dialled, { callerId }) =>
      (options.fallback?.(dialled) ?? []).flatMap((username, index) => {
        const id = `fallback-${clock.now()}-${index}` as LegId;
        const line = world.reach({ kind: 'device', username }, id, callerId);
        return typeof line === 'string' ? [] : [line];
      }),
  });

  const commands: Commands = {
    snapshot: () => ({
      legs: [...state.channels.values()].map((channel) => ({
        id: channel.id,
        // Asterisk's "Ring", a caller who waits, reads as ringing.
        state: channel.direction === 'in' && channel.state === 'down' ? 'ringing' : channel.state,
        isOurs: channel.isOurs,
        source: channel.source,
        dialled: channel.dialled,
        to: channel.to,
        callerId: channel.callerId,
        createdAt: channel.createdAt,
      })),
      bridges: [...state.bridges.values()].map(({ id, legs }) => ({ id, legs: [...legs] })),
      startedAt,
    }),
    originate(o) {
      const line = world.reach(o.to, o.legId, o.callerId);
      if (typeof line === 'string') return line;
      const channel = switchboard.dial(line, o.callerId, o.ringTime, true);
      const joined = switchboard.join(o.bridge, [o.legId, ...(o.together ?? [])]);
      if (joined === 'gone') switchboard.end(channel, CAUSE.normal);
      return 'ok';
    },
    ring: (leg) => switchboard.ring(leg),
    answer: (leg) => switchboard.answer(leg),
    hangup: (leg, cause) => switchboard.hangup(leg, cause),
    play(target, what, id) {
      const caller = state.channels.get(target as LegId);
      if (caller?.isOurs) switchboard.startEarlyMedia(caller);
      return media.play(target, what, id);
    },
    record: (target, o) => media.record(target, o),
    stopMedia: (id) => media.stop(id),
    isRecording: (id) => state.media.has(id),
    bridge: (id, kind) => switchboard.bridge(id, kind),
    unbridge: (id: BridgeId) => switchboard.unbridge(id),
    join: (id, legs) => switchboard.join(id, legs),
    leave: (id, leg) => switchboard.leave(id, leg),
    music: (leg, on) => switchboard.music(leg, on),
    mute: (leg, on) => switchboard.mute(leg, on),
    sendDtmf: (leg, digits) => switchboard.sendDtmf(leg, digits),
    snoop: (leg, spy, mode) => switchboard.snoop(leg, spy, mode),
    transferProgress: (leg, progress) => switchboard.transferProgress(leg, progress),
    echo: (leg) => switchboard.echo(leg),
    shed: (org, until) => entry.shed(org, until),
    messagesWaiting: (mailbox, fresh, old) => world.lamp(mailbox, { fresh, old }),
    beat() {
      lastBeat = clock.now();
    },
    connect(engine) {
      const before = brain;
      brain = engine;
      engine.meets(faults);
      // A new brain has not beaten yet.
      lastBeat = null;
      if (before !== null && before !== engine) void before.stop();
    },
    disconnect(engine) {
      if (brain === engine) brain = null;
    },
  };

  const newEngine = () => new SimEngine({ clock, commands, delay: () => random.between(...control) });
  const engine = newEngine();
  let lost: SimEngine | null = null;

  function leftovers(): string[] {
    const lines = world.lines().filter((line) => line.state !== 'ended');
    return [
      ...[...state.channels.values()].map(({ id, state: s, bridge }) => `leg ${id} (${s}, bridge ${bridge})`),
      ...[...state.bridges.values()].map(({ id, legs }) => `bridge ${id} with ${legs.size} legs`),
      ...[...state.media.values()].map(({ id, kind }) => `${kind} ${id}`),
      ...lines.map((line) => `far end ${line.name} (${line.state})`),
    ];
  }

  const sim: Sim = {
    engine,
    clock,
    world,
    recordings: media.recordings,
    files: media.files,
    async connect(which) {
      let isStarted = false;
      const started = which.start().then(() => {
        isStarted = true;
      });
      await clock.until('the brain to connect', () => isStarted, 1000);
      await started;
    },
    secondEngine: newEngine,
    killBrain() {
      void brain?.stop();
    },
    loseEngine() {
      lost = brain;
      brain?.lose();
    },
    regainEngine() {
      lost?.regain(false);
      lost = null;
    },
    async restartEngine(downtime = 1000) {
      const before = brain ?? lost;
      before?.lose();
      switchboard.die();
      world.forgetLamps();
      await clock.advance(downtime);
      startedAt = clock.now();
      before?.regain(true);
      lost = null;
    },
    meets(those) {
      faults = those;
      brain?.meets(those);
    },
    assertQuiet() {
      const left = leftovers();
      if (left.length > 0) throw new Error(`left behind: ${left.join('; ')}`);
    },
  };
  return sim;
}
