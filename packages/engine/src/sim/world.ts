/** The people around the simulated switch: phones and carriers, in people's words. */
import type { CallerId, LegId, LegSource, Originate, OriginateRefusal } from '../port.ts';
import { createLane, type VirtualClock } from './clock.ts';
import type { Entry } from './entry.ts';
import { type Behaviour, type FarSignals, Line } from './line.ts';
import { ear, type State, soundOf } from './state.ts';

export interface DialOptions {
  /** User part of To; a carrier's is the DID when it is not given, a device's is not told. */
  to?: string;
  name?: string;
  isPrivate?: boolean;
}

export interface Carrier {
  readonly address: string;
  /** What it does with calls to it; it rings and waits when empty. */
  behaviour: Behaviour;
  /** Calls in and out, oldest first. */
  readonly lines: Line[];
  /** A call from outside. `from` null: withheld by the carrier. */
  calls(did: string, from: string | null, options?: DialOptions): Line;
  /** The newest call that is not over; throws when there is none. */
  readonly line: Line;
}

export interface CarrierOptions {
  address: string;
  /** The one trunk it is known as, or null when several organizations share it. */
  trunkId: string | null;
  /** Trunks whose outbound calls it takes; default: its own. */
  takes?: string[];
}

export interface DeviceOptions {
  /** Registered from the start; default true. */
  register?: boolean;
  /** Organization id, for the shed gate. */
  org?: string;
  callerId?: CallerId;
  /** Voicemail box that its lamp is for. */
  mailbox?: string;
}

const NUMBER = /^\+?[0-9*#]{1,32}$/;
const USERNAME = /^[A-Za-z0-9]{2,64}$/;

/** A phone. Its verbs act on its newest call that is not over; `lines` has all of them. */
export class Device {
  readonly username: string;
  isRegistered: boolean;
  /** What its lamp shows; null: never told. */
  waiting: { fresh: number; old: number } | null = null;
  /** What it does with calls to it; it rings and waits when empty. */
  behaviour: Behaviour = {};
  readonly lines: Line[] = [];
  /** Voicemail box that its lamp is for. */
  readonly mailbox: string | null;
  readonly #dial: (number: string, options: DialOptions) => Line;
  readonly #registered: (device: Device) => void;

  constructor(
    username: string,
    isRegistered: boolean,
    mailbox: string | null,
    dial: (number: string, options: DialOptions) => Line,
    registered: (device: Device) => void,
  ) {
    this.username = username;
    this.isRegistered = isRegistered;
    this.mailbox = mailbox;
    this.#dial = dial;
    this.#registered = registered;
  }

  register(): void {
    this.isRegistered = true;
    this.#registered(this);
  }

  unregister(): void {
    this.isRegistered = false;
  }

  dial(number: string, options: DialOptions = {}): Line {
    const line = this.#dial(number, options);
    this.lines.push(line);
    return line;
  }

  /** The newest call that is not over; throws when there is none. */
  get line(): Line {
    return newest(this.lines, this.username);
  }

  get isRinging(): boolean {
    return this.lines.some((line) => line.state === 'ringing' && line.called === this.username);
  }

  ring = (): void => this.line.ring();
  answer = (): void => this.line.answer();
  busy = (): void => this.line.busy();
  reject = (status?: number): void => this.line.reject(status);
  hangUp = (): void => this.line.hangUp();
  presses = (digits: string): void => this.line.presses(digits);
  hold = (): void => this.line.hold();
  resume = (): void => this.line.resume();
  transferBlind = (to: string): void => this.line.transferBlind(to);
  transferAttended = (other: Line): void => this.line.transferAttended(other);
}

function newest(lines: Line[], whose: string): Line {
  const line = lines.findLast((candidate) => candidate.state !== 'ended');
  if (line === undefined) throw new Error(`${whose} has no call`);
  return line;
}

export interface World {
  /** A phone; made at first mention. Options apply then. */
  device(username: string, options?: DeviceOptions): Device;
  /** A carrier; one for each address. */
  carrier(options: CarrierOptions): Carrier;
  /** Whether `listener` hears what `speaker` says at this moment. */
  hears(listener: Line, speaker: Line): boolean;
  hearsMusic(listener: Line): boolean;
  /** Whether a playback reaches the listener. */
  hearsPlayback(listener: Line, playId: string): boolean;
  hearsAnything(listener: Line): boolean;
}

export interface WorldSetup {
  clock: VirtualClock;
  state: State;
  signals: FarSignals;
  delay: () => number;
  entry: () => Entry;
}

/** Also finds the far end of a destination, for the switch. */
export interface Surroundings extends World {
  /** Tells the phones of a box how many messages wait. */
  lamp(mailbox: string, waiting: { fresh: number; old: number }): void;
  /** The engine was restarted: it knows of no message. Lamps stay as they were. */
  forgetLamps(): void;
  reach(to: Originate['to'], legId: LegId, shows: CallerId): Line | OriginateRefusal;
  lines(): Line[];
}

export function createWorld({ clock, state, signals, delay, entry }: WorldSetup): Surroundings {
  const devices = new Map<string, Device>();
  const carriers: { carrier: Carrier; takes: Set<string> }[] = [];
  const organizations = new Map<string, string>();
  const lamps = new Map<string, { fresh: number; old: number }>();
  let callers = 0;

  function makeLine(name: string, leg: LegId, direction: 'in' | 'out', shows: CallerId, called: string): Line {
    const toSwitch = createLane(clock, delay);
    const toFar = createLane(clock, delay);
    return new Line({ name, leg, direction, clock, toSwitch, toFar, signals, shows, called });
  }

  /** INVITE to us. The leg's id is the switch's own choice, as Asterisk's channel ids are. */
  function callIn(
    who: string,
    dialled: string,
    source: LegSource,
    callerId: CallerId,
    to: string | null,
    org?: string,
  ) {
    const leg = `in-${++callers}` as LegId;
    const line = makeLine(`${who}/${leg}`, leg, 'in', { name: null, number: null }, dialled);
    clock.inFlight(delay(), () => {
      if (line.state !== 'ended') entry().arrive({ line, source, dialled, to, callerId }, org ?? null);
    });
    return line;
  }

  function invite(lines: Line[], line: Line, behaviour: () => Behaviour): Line {
    lines.push(line);
    clock.inFlight(delay(), () => line.state !== 'ended' && line.behave(behaviour()));
    return line;
  }

  /** NOTIFY with what the engine knows of its box. */
  function light(device: Device): void {
    const waiting = lamps.get(device.mailbox ?? '') ?? { fresh: 0, old: 0 };
    clock.inFlight(delay(), () => {
      if (device.isRegistered) device.waiting = waiting;
    });
  }

  function heardBy(listener: Line): Set<string> {
    const channel = state.channels.get(listener.leg);
    return channel === undefined || listener.state === 'ended' ? new Set() : ear(state, channel);
  }

  const world: Surroundings = {
    device(username, { register = true, org, mailbox, callerId = { name: null, number: null } } = {}) {
      const known = devices.get(username);
      if (known !== undefined) return known;
      if (org !== undefined) organizations.set(username, org);
      const dial = (number: string, { to, name, isPrivate }: DialOptions) => {
        const shown = { ...callerId, ...(name === undefined ? {} : { name }), ...(isPrivate ? { isPrivate } : {}) };
        return callIn(username, number, { kind: 'device', username }, shown, to ?? null, org);
      };
      const device = new Device(username, register, mailbox ?? null, dial, light);
      devices.set(username, device);
      return device;
    },

    carrier({ address, trunkId, takes = trunkId === null ? [] : [trunkId] }) {
      const known = carriers.find(({ carrier }) => carrier.address === address);
      if (known !== undefined) return known.carrier;
      const lines: Line[] = [];
      const carrier: Carrier = {
        address,
        behaviour: {},
        lines,
        calls(did, from, { to = did, name = null, isPrivate = false } = {}) {
          const callerId = { name, number: from, ...(isPrivate ? { isPrivate } : {}) };
          const line = callIn(address, did, { kind: 'carrier', trunkId, address }, callerId, to);
          lines.push(line);
          return line;
        },
        get line() {
          return newest(lines, address);
        },
      };
      carriers.push({ carrier, takes: new Set(takes) });
      return carrier;
    },

    lamp(mailbox, waiting) {
      lamps.set(mailbox, waiting);
      for (const device of devices.values()) if (device.mailbox === mailbox) light(device);
    },
    forgetLamps: () => lamps.clear(),

    reach(to, legId, shows) {
      if (to.kind === 'device') {
        if (!USERNAME.test(to.username)) return 'invalid';
        const device = devices.get(to.username);
        if (device === undefined || !device.isRegistered) return 'unreachable';
        const line = makeLine(`${to.username}/${legId}`, legId, 'out', shows, to.username);
        return invite(device.lines, line, () => device.behaviour);
      }
      if (!NUMBER.test(to.number)) return 'invalid';
      const found = carriers.find(({ takes }) => takes.has(to.trunkId));
      if (found === undefined) return 'unreachable';
      const line = makeLine(`${found.carrier.address}/${legId}`, legId, 'out', shows, to.number);
      return invite(found.carrier.lines, line, () => found.carrier.behaviour);
    },

    lines: () => [...devices.values(), ...carriers.map(({ carrier }) => carrier)].flatMap(({ lines }) => lines),
    hears: (listener, speaker) => speaker.state !== 'ended' && heardBy(listener).has(soundOf(speaker)),
    hearsMusic: (listener) => heardBy(listener).has('music'),
    hearsPlayback: (listener, playId) => heardBy(listener).has(`play:${playId}`),
    hearsAnything: (listener) => heardBy(listener).size > 0,
  };
  return world;
}
