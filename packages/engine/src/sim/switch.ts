/**
 * The simulated switch: it does what Asterisk does with legs and bridges, at once and without asking anybody. Delays
 * are those of the network (lines) and of the control connection (engine.ts), never of the switch.
 *
 * Invariants: a leg is in at most one bridge; a leg that ends leaves its bridge, ends its media and its spies, and, if
 * it was announced or originated by the brain, is told of by exactly one `leg:ended`.
 */
import type { BridgeId, CallerId, Cause, Done, EngineEvent, LegId, LegSource, TransferRequest } from '../port.ts';
import { CAUSE } from '../port.ts';
import { causeOfStatus, statusOfCause } from './causes.ts';
import type { VirtualClock } from './clock.ts';
import type { FarSignals, Line } from './line.ts';
import type { MediaRoom } from './media.ts';
import type { Channel, State } from './state.ts';

/** Milliseconds that the legs of a destroyed bridge need to be out of it. Asterisk takes a few. */
const STRANDED = 20;

/** An event before the switch stamps it. */
export type Unstamped = EngineEvent extends infer E ? (E extends EngineEvent ? Omit<E, 'at'> : never) : never;

export interface Arrival {
  line: Line;
  source: LegSource;
  dialled: string;
  to: string | null;
  callerId: CallerId;
}

export interface SwitchSetup {
  clock: VirtualClock;
  state: State;
  media: MediaRoom;
  emit: (event: Unstamped) => void;
}

export class Switch implements FarSignals {
  readonly #clock: VirtualClock;
  readonly #state: State;
  readonly #media: MediaRoom;
  readonly #emit: (event: Unstamped) => void;
  /** Set by the engine's own fallback, which hears of its legs instead of the brain. */
  onUnowned: { answered(channel: Channel): void; ended(channel: Channel, cause: Cause): void } | null = null;

  constructor(setup: SwitchSetup) {
    this.#clock = setup.clock;
    this.#state = setup.state;
    this.#media = setup.media;
    this.#emit = setup.emit;
  }

  // Legs that come in.

  /** A leg from outside, not yet given to anybody. */
  arrive(arrival: Arrival): Channel {
    const channel = this.#add(arrival.line, 'in', arrival.callerId);
    channel.source = arrival.source;
    channel.dialled = arrival.dialled;
    channel.to = arrival.to;
    return channel;
  }

  /** Gives a waiting leg to the brain. */
  announce(channel: Channel): void {
    channel.isOurs = true;
    const { id: leg, source, dialled, to, callerId } = channel;
    this.#emit({ type: 'leg:new', leg, source: source!, dialled: dialled!, to, callerId });
  }

  // Legs that go out.

  /** Makes a leg towards a far end that has been found; `ringTime` in ms. The line invites its far end afterwards. */
  dial(line: Line, callerId: CallerId, ringTime: number, isOurs: boolean): Channel {
    const channel = this.#add(line, 'out', callerId);
    channel.isOurs = isOurs;
    channel.stopRinging = this.#clock.inFlight(ringTime, () => this.end(channel, CAUSE.noAnswer));
    return channel;
  }

  ring(id: LegId): Done {
    return this.#onLeg(id, (channel) => {
      if (channel.direction === 'in' && channel.state !== 'answered') channel.line?.far.ringing();
    });
  }

  answer(id: LegId): Done {
    return this.#onLeg(id, (channel) => this.#answerCaller(channel));
  }

  hangup(id: LegId, cause: Cause): Done {
    const channel = this.#state.channels.get(id);
    if (channel === undefined || !channel.isOurs) return 'gone';
    this.end(channel, cause);
    return 'ok';
  }

  // Bridges.

  bridge(id: BridgeId, kind: 'talk' | 'talk-dtmf'): Done {
    if (this.#state.bridges.has(id)) return 'gone';
    this.#state.bridges.set(id, { id, kind, legs: new Set() });
    return 'ok';
  }

  unbridge(id: BridgeId): Done {
    const bridge = this.#state.bridges.get(id);
    if (bridge === undefined) return 'gone';
    this.#media.targetEnded(id);
    for (const leg of bridge.legs) {
      const channel = this.#state.channels.get(leg)!;
      channel.bridge = null;
      channel.strandedUntil = this.#clock.now() + STRANDED;
    }
    this.#state.bridges.delete(id);
    return this.#changed();
  }

  /** All or none: Asterisk refuses the whole request when one leg of it is gone. */
  join(id: BridgeId, legs: LegId[]): Done {
    if (!this.#state.bridges.has(id)) return 'gone';
    const channels = legs.map((leg) => this.#own(leg));
    if (channels.some((channel) => channel === undefined)) return 'gone';
    for (const channel of channels) this.#enter(id, channel!);
    return this.#changed();
  }

  leave(id: BridgeId, leg: LegId): Done {
    const channel = this.#own(leg);
    if (channel === undefined || channel.bridge !== id) return 'gone';
    this.#leaveBridge(channel);
    return this.#changed();
  }

  // What happens to one leg.

  music(id: LegId, on: boolean): Done {
    return this.#onLeg(id, (channel) => {
      channel.hasMusic = on;
    });
  }

  mute(id: LegId, on: boolean): Done {
    return this.#onLeg(id, (channel) => {
      channel.isMuted = on;
    });
  }

  /** Digits of 100 ms with 100 ms between. */
  sendDtmf(id: LegId, digits: string): Done {
    return this.#onLeg(id, (channel) => {
      [...digits].forEach((digit, index) => {
        this.#clock.inFlight(index * 200 + 100, () => channel.line?.far.digit(digit));
      });
    });
  }

  snoop(id: LegId, spyId: LegId, mode: 'listen' | 'whisper' | 'barge'): Done {
    return this.#onLeg(id, () => {
      const spy = this.#add(null, 'spy', { name: null, number: null }, spyId);
      spy.isOurs = true;
      spy.state = 'answered';
      spy.spy = { target: id, mode };
    });
  }

  transferProgress(id: LegId, progress: string): Done {
    return this.#onLeg(id, (channel) => channel.line?.far.transferProgress(progress));
  }

  echo(id: LegId): Done {
    return this.#onLeg(id, (channel) => {
      channel.isEcho = true;
    });
  }

  // What far ends do.

  farRinging(id: LegId): void {
    const channel = this.#state.channels.get(id);
    if (channel === undefined || channel.state !== 'down') return;
    channel.state = 'ringing';
    if (channel.isOurs) this.#emit({ type: 'leg:state', leg: id, state: 'ringing' });
    for (const caller of this.#callersBeside(channel)) caller.line?.far.ringing();
  }

  farEarlyMedia(id: LegId): void {
    const channel = this.#state.channels.get(id);
    if (channel === undefined || channel.bridge === null || channel.state === 'answered') return;
    channel.hasEarlyMedia = true;
    if (channel.isOurs) this.#emit({ type: 'leg:state', leg: id, state: 'early-media' });
    for (const caller of this.#callersBeside(channel)) this.startEarlyMedia(caller);
    this.#changed();
  }

  farAnswered(id: LegId): void {
    const channel = this.#state.channels.get(id);
    if (channel === undefined || channel.state === 'answered') return;
    channel.state = 'answered';
    channel.stopRinging();
    if (channel.isOurs) this.#emit({ type: 'leg:state', leg: id, state: 'answered' });
    else this.onUnowned?.answered(channel);
    for (const caller of this.#callersBeside(channel)) this.#answerCaller(caller);
    this.#changed();
  }

  farRefused(id: LegId, status: number): void {
    const channel = this.#state.channels.get(id);
    if (channel !== undefined) this.end(channel, causeOfStatus(status), { isTold: true });
  }

  farHungUp(id: LegId): void {
    const channel = this.#state.channels.get(id);
    if (channel !== undefined) this.end(channel, CAUSE.normal, { isTold: true });
  }

  farDigit(id: LegId, digit: string, duration: number): void {
    const channel = this.#state.channels.get(id);
    if (channel === undefined) return;
    const bridge = channel.bridge === null ? undefined : this.#state.bridges.get(channel.bridge);
    // A plain bridge forwards media natively: Asterisk may not see the digit at all.
    if (channel.isOurs && bridge?.kind !== 'talk') this.#emit({ type: 'leg:dtmf', leg: id, digit, duration });
    if (channel.isOurs) this.#media.digit(id, digit);
    for (const other of bridge?.legs ?? []) {
      if (other !== id) this.#state.channels.get(other)?.line?.far.digit(digit);
    }
  }

  farHold(id: LegId, isHeld: boolean): void {
    const channel = this.#state.channels.get(id);
    if (channel === undefined) return;
    channel.isHeld = isHeld;
    if (channel.isOurs) this.#emit({ type: 'leg:hold', leg: id, isHeld });
    this.#changed();
  }

  farTransfer(id: LegId, request: TransferRequest): void {
    if (this.#own(id) !== undefined) this.#emit({ type: 'leg:transfer', leg: id, request });
  }

  /** Opens the audio path to an unanswered caller (183). */
  startEarlyMedia(channel: Channel): void {
    if (channel.direction !== 'in' || channel.state === 'answered' || channel.hasEarlyMedia) return;
    channel.hasEarlyMedia = true;
    channel.line?.far.earlyMedia();
  }

  /** Ends a leg once and for all; `isTold`: its far end knows, since it did it. */
  end(channel: Channel, cause: Cause, { isTold = false } = {}): void {
    const { channels } = this.#state;
    if (channels.get(channel.id) !== channel) return;
    channel.stopRinging();
    this.#media.targetEnded(channel.id);
    this.#leaveBridge(channel);
    channels.delete(channel.id);
    for (const spy of [...channels.values()]) {
      if (spy.spy?.target === channel.id) this.end(spy, CAUSE.normal);
    }
    if (!isTold) channel.line?.far.ended(statusOfCause(cause), cause);
    if (channel.isOurs) this.#emit({ type: 'leg:ended', leg: channel.id, cause });
    else this.onUnowned?.ended(channel, cause);
    this.#changed();
  }

  /** The process died: everything is gone, and nobody is told. */
  die(): void {
    for (const channel of this.#state.channels.values()) {
      channel.stopRinging();
      channel.line?.loseEngine();
    }
    this.#media.die();
    this.#state.channels.clear();
    this.#state.bridges.clear();
  }

  #add(line: Line | null, direction: Channel['direction'], callerId: CallerId, id = line!.leg): Channel {
    const channel: Channel = {
      id,
      direction,
      line,
      callerId,
      state: 'down',
      isOurs: false,
      source: null,
      dialled: null,
      to: null,
      createdAt: this.#clock.now(),
      bridge: null,
      strandedUntil: 0,
      hasEarlyMedia: false,
      isMuted: false,
      hasMusic: false,
      isHeld: false,
      isEcho: false,
      spy: null,
      stopRinging: () => {},
    };
    this.#state.channels.set(id, channel);
    return channel;
  }

  /** A leg that verbs reach. */
  #own(id: LegId): Channel | undefined {
    const channel = this.#state.channels.get(id);
    return channel?.isOurs ? channel : undefined;
  }

  #onLeg(id: LegId, act: (channel: Channel) => void): Done {
    const channel = this.#own(id);
    if (channel === undefined) return 'gone';
    act(channel);
    return this.#changed();
  }

  #answerCaller(channel: Channel): void {
    if (channel.direction !== 'in' || channel.state === 'answered') return;
    channel.state = 'answered';
    channel.line?.far.answered();
    if (channel.isOurs) this.#emit({ type: 'leg:state', leg: channel.id, state: 'answered' });
  }

  /** Unanswered callers in the same bridge: progress of an originated leg reaches them by itself. */
  #callersBeside(channel: Channel): Channel[] {
    const bridge = channel.bridge === null ? undefined : this.#state.bridges.get(channel.bridge);
    return [...(bridge?.legs ?? [])]
      .map((id) => this.#state.channels.get(id)!)
      .filter((other) => other !== channel && other.direction === 'in' && other.state !== 'answered');
  }

  #enter(id: BridgeId, channel: Channel): void {
    this.#leaveBridge(channel);
    channel.bridge = id;
    channel.strandedUntil = 0;
    channel.isEcho = false;
    this.#state.bridges.get(id)!.legs.add(channel.id);
  }

  #leaveBridge(channel: Channel): void {
    if (channel.bridge !== null) this.#state.bridges.get(channel.bridge)?.legs.delete(channel.id);
    channel.bridge = null;
  }

  #changed(): 'ok' {
    this.#media.listen();
    return 'ok';
  }
}
