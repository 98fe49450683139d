/** The conformance world in virtual time: the simulator and its scripted people. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { bridgeId, type Engine, legId, playId, type RecordId, recordId } from '../src/port.ts';
import { createSim, type Line, type Sim, type SimEngine, type VirtualClock } from '../src/sim/index.ts';
import { Brain } from './brain.ts';
import { type CarrierEnd, type FarCall, MAILBOXES, type Person, type Phone, type World } from './world.ts';

const TRUNK = '6f1c1d0e-4a35-4f0e-9a53-5b7e0c3f8a11';
const PROGRESS_STATUS: Record<string, number> = { trying: 100, ringing: 180, succeeded: 200, failed: 503 };

class SimCall implements FarCall {
  readonly #line: Line;
  readonly #sim: Sim;

  constructor(line: Line, sim: Sim) {
    this.#line = line;
    this.#sim = sim;
  }

  get isRinging() {
    return this.#line.hasRung || this.#line.state === 'ringing';
  }
  get hasEarlyMedia() {
    return this.#line.hasEarlyMedia;
  }
  get isAnswered() {
    return this.#line.state === 'answered';
  }
  get isEnded() {
    return this.#line.state === 'ended';
  }
  get status() {
    return this.#line.status;
  }
  get isAnsweredElsewhere() {
    return this.#line.isAnsweredElsewhere;
  }
  get digits() {
    return this.#line.digits;
  }
  get shows() {
    return this.#line.shows;
  }
  get transferStatuses() {
    return this.#line.transferProgress.map((progress) => PROGRESS_STATUS[progress]!);
  }

  answer = () => this.#line.answer();
  sendEarlyMedia = () => this.#line.sendEarlyMedia();
  refuse = (status: number) => this.#line.reject(status);
  hangUp = () => this.#line.hangUp();
  hold = () => this.#line.hold();
  resume = () => this.#line.resume();
  presses = (digits: string) => this.#line.presses(digits);
  transferBlind = (to: string) => this.#line.transferBlind(to);
  transferAttended = (other: FarCall) => this.#line.transferAttended((other as SimCall).#line);
  hears = (other: FarCall) => this.#sim.world.hears(this.#line, (other as SimCall).#line);
  hearsSound = () => this.#sim.world.hearsAnything(this.#line);
}

/** Verbs take virtual time, and scenarios just await them: time runs while somebody waits. */
function timely(engine: SimEngine, clock: VirtualClock): Engine {
  return new Proxy<Engine>(engine, {
    get(_target, property) {
      const value: unknown = Reflect.get(engine, property, engine);
      if (typeof value !== 'function') return value;
      const call = value.bind(engine) as (...args: unknown[]) => unknown;
      if (property === 'onEvent' || property === 'version') return call;
      return async (...args: unknown[]) => {
        let isSettled = false;
        const result = Promise.resolve(call(...args)).finally(() => {
          isSettled = true;
        });
        result.catch(() => {});
        for (let ms = 0; ms < 10_000 && !isSettled; ms++) await clock.advance(1);
        assert.ok(isSettled, `${String(property)} never resolved`);
        return result;
      };
    },
  });
}

export interface SimWorld extends World {
  readonly sim: Sim;
}

/** A fresh simulated engine with a brain that beats. */
export async function createSimWorld(seed: number): Promise<SimWorld> {
  const sim = createSim({
    seed,
    promptLength: (name) => (name === 'no-such-prompt' ? null : 800),
  });
  const { clock } = sim;
  const calls = new Map<Line, FarCall>();
  const callOf = (line: Line): FarCall => {
    const known = calls.get(line) ?? new SimCall(line, sim);
    calls.set(line, known);
    return known;
  };
  const connected = async (engine: SimEngine): Promise<Brain> => {
    const brain = new Brain(timely(engine, clock));
    await sim.connect(engine);
    const beat = () => {
      if (!engine.isConnected) return;
      void engine.beat().catch(() => {});
      clock.after(500, beat);
    };
    beat();
    return brain;
  };
  let brain = await connected(sim.engine);

  const phone = (who: Person): Phone => {
    const mailbox = MAILBOXES[who];
    const device = sim.world.device(who, { mailbox });
    return {
      username: who,
      mailbox,
      get waiting() {
        return device.waiting;
      },
      get calls() {
        return device.lines.map(callOf);
      },
      dial: (number) => callOf(device.dial(number)),
      async unregister() {
        device.unregister();
      },
      async register() {
        device.register();
      },
    };
  };
  const far = sim.world.carrier({ address: '192.0.2.10', trunkId: TRUNK });
  const carrier: CarrierEnd = {
    trunkId: TRUNK,
    address: far.address,
    get calls() {
      return far.lines.map(callOf);
    },
    dial: (did, from) => callOf(far.calls(did, from)),
  };

  return {
    sim,
    get brain() {
      return brain;
    },
    phone,
    carrier,
    async until(reason, isTrue, within = 5000) {
      const end = clock.now() + within;
      while (!(await isTrue())) {
        if (clock.now() >= end) throw new Error(`after ${within} ms still waiting: ${reason}`);
        await clock.advance(1);
      }
    },
    pass: (ms) => clock.advance(ms),
    async killBrain() {
      sim.killBrain();
    },
    async startBrain() {
      brain = await connected(sim.secondEngine());
      return brain;
    },
    async recording(id: RecordId) {
      const recording = sim.recordings.get(id);
      if (recording === undefined) throw new Error(`no recording ${id}`);
      return { duration: recording.duration, hasSound: recording.sounds.size > 0 };
    },
    storedSound(duration) {
      const sound = { kind: 'file', organizationId: randomUUID(), id: randomUUID() } as const;
      sim.files.set(`${sound.organizationId}/${sound.id}`, duration);
      return sound;
    },
    crossings: Array.from({ length: 60 }, (_, step) => (step < 30 ? step : (step - 29) * 10)),
    newLeg: () => legId(randomUUID()),
    newBridge: () => bridgeId(randomUUID()),
    ownBridges: [],
    newPlay: () => playId(randomUUID()),
    newRecord: () => recordId(randomUUID()),
    now: () => clock.now(),
  };
}
