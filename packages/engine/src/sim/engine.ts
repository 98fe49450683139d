/**
 * The `Engine` port on the simulated switch: one brain's control connection. Verbs and events take a little virtual
 * time each way. Verbs keep the order that the port promises and no more, as on Asterisk's several sockets.
 *
 *      idle ──start()──> connected ──lose()──> lost ──regain()──> connected
 *                            └── stop(), or another brain connects ──> closed
 */
import type {
  BridgeId,
  Cause,
  Done,
  Engine,
  EngineEvent,
  EngineSnapshot,
  LegId,
  Media,
  Originate,
  OriginateRefusal,
  PlayId,
  RecordId,
  RecordOptions,
} from '../port.ts';
import { EngineError } from '../port.ts';
import { createLane, createLanes, type Lane, type Lanes, type VirtualClock } from './clock.ts';
import type { EventFate, Faults, Verb } from './faults.ts';

/** What the port asks of the switch; at once, without delays. */
export interface Commands {
  snapshot(): EngineSnapshot;
  originate(o: Originate): 'ok' | OriginateRefusal;
  ring(leg: LegId): Done;
  answer(leg: LegId): Done;
  hangup(leg: LegId, cause: Cause): Done;
  play(target: LegId | BridgeId, media: Media[], id: PlayId): Done;
  record(target: LegId | BridgeId, o: RecordOptions): Done;
  stopMedia(id: PlayId | RecordId): Done;
  isRecording(id: RecordId): boolean;
  bridge(id: BridgeId, kind: 'talk' | 'talk-dtmf'): Done;
  unbridge(id: BridgeId): Done;
  join(id: BridgeId, legs: LegId[]): Done;
  leave(id: BridgeId, leg: LegId): Done;
  music(leg: LegId, on: boolean): Done;
  mute(leg: LegId, on: boolean): Done;
  sendDtmf(leg: LegId, digits: string): Done;
  snoop(leg: LegId, spy: LegId, mode: 'listen' | 'whisper' | 'barge'): Done;
  transferProgress(leg: LegId, progress: 'trying' | 'ringing' | 'succeeded' | 'failed'): Done;
  echo(leg: LegId): Done;
  shed(org: string | null, until: number): void;
  messagesWaiting(mailbox: string, fresh: number, old: number): void;
  beat(): void;
  /** This connection is the switch's one brain from now on. */
  connect(engine: SimEngine): void;
  disconnect(engine: SimEngine): void;
}

export interface SimEngineSetup {
  clock: VirtualClock;
  commands: Commands;
  /** Delay of one way over the control connection, in ms; drawn for each message. */
  delay: () => number;
}

export class SimEngine implements Engine {
  readonly name = 'sim' as const;
  readonly #clock: VirtualClock;
  readonly #commands: Commands;
  readonly #delay: () => number;
  readonly #requests: Lanes;
  readonly #events: Lane;
  readonly #lanes = new Map<string, Lane>();
  #handler: (event: EngineEvent) => void = () => {};
  #state: 'idle' | 'connected' | 'lost' | 'closed' = 'idle';
  /** Rejects what waits for an answer when the connection goes. */
  #pending = new Set<() => void>();
  #faults: Faults = {};
  /** Counts events: the verbs that one leads to keep their order. */
  #turn = 0;
  /** A new one with each connection: what was under way on an earlier one never arrives. */
  #epoch = 0;

  constructor({ clock, commands, delay }: SimEngineSetup) {
    this.#clock = clock;
    this.#commands = commands;
    this.#delay = delay;
    this.#requests = createLanes(clock, delay);
    this.#events = createLane(clock, delay);
  }

  onEvent(handler: (event: EngineEvent) => void): void {
    this.#handler = handler;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#clock.inFlight(this.#delay(), resolve));
    if (this.#state === 'closed') return;
    this.#open(false);
  }

  async stop(): Promise<void> {
    this.#close('closed');
  }

  version(): string | null {
    return this.#state === 'idle' ? null : 'sim';
  }

  get isConnected(): boolean {
    return this.#state === 'connected';
  }

  /** From now on events and verbs meet these faults; `{}` ends them. */
  meets(faults: Faults): void {
    this.#faults = faults;
  }

  /** The connection goes. */
  lose(): void {
    if (this.#state !== 'connected') return;
    this.#close('lost');
    this.#tell({ type: 'engine:lost', at: this.#clock.now() });
  }

  /** The connection is back; `isFresh` when the switch was restarted meanwhile. */
  regain(isFresh: boolean): void {
    if (this.#state === 'lost') this.#open(isFresh);
  }

  /** Brings an event to the brain, unless the connection goes first. */
  deliver(event: EngineEvent): void {
    const { copies = 1, late = 0 }: EventFate = this.#faults.event?.(event) ?? {};
    for (let copy = 0; copy < copies; copy++) {
      const epoch = this.#epoch;
      this.#laneOf(event).send(() => {
        if (epoch === this.#epoch && this.#state === 'connected') this.#tell(event);
      }, late);
    }
  }

  snapshot = (): Promise<EngineSnapshot> => this.#ask('snapshot', [], (to) => to.snapshot());
  originate(o: Originate): Promise<'ok' | OriginateRefusal> {
    if (!(o.ringTime > 0 && o.ringTime <= 4 * 3_600_000)) throw new RangeError('ringTime is not within 4 hours');
    return this.#ask('originate', [o.legId, o.bridge, ...(o.together ?? [])], (to) => to.originate(o), false);
  }
  ring = (leg: LegId): Promise<Done> => this.#ask('ring', [leg], (to) => to.ring(leg));
  answer = (leg: LegId): Promise<Done> => this.#ask('answer', [leg], (to) => to.answer(leg));
  hangup = (leg: LegId, cause: Cause): Promise<Done> => this.#ask('hangup', [leg], (to) => to.hangup(leg, cause));
  play = (target: LegId | BridgeId, media: Media[], id: PlayId): Promise<Done> =>
    this.#ask('play', [target, id], (to) => to.play(target, media, id));
  record = (target: LegId | BridgeId, o: RecordOptions): Promise<Done> =>
    this.#ask('record', [target, o.id], (to) => to.record(target, o));
  stopMedia = (id: PlayId | RecordId): Promise<Done> => this.#ask('stopMedia', [id], (to) => to.stopMedia(id));
  isRecording = (id: RecordId): Promise<boolean> => this.#ask('isRecording', [id], (to) => to.isRecording(id));
  bridge = (id: BridgeId, kind: 'talk' | 'talk-dtmf'): Promise<Done> =>
    this.#ask('bridge', [id], (to) => to.bridge(id, kind));
  unbridge = (id: BridgeId): Promise<Done> => this.#ask('unbridge', [id], (to) => to.unbridge(id));
  join = (id: BridgeId, ...legs: LegId[]): Promise<Done> => this.#ask('join', [id, ...legs], (to) => to.join(id, legs));
  leave = (id: BridgeId, leg: LegId): Promise<Done> => this.#ask('leave', [id, leg], (to) => to.leave(id, leg));
  music = (leg: LegId, on: boolean): Promise<Done> => this.#ask('music', [leg], (to) => to.music(leg, on));
  mute = (leg: LegId, on: boolean): Promise<Done> => this.#ask('mute', [leg], (to) => to.mute(leg, on));
  sendDtmf = (leg: LegId, digits: string): Promise<Done> =>
    this.#ask('sendDtmf', [leg], (to) => to.sendDtmf(leg, digits));
  snoop = (leg: LegId, spy: LegId, mode: 'listen' | 'whisper' | 'barge'): Promise<Done> =>
    this.#ask('snoop', [leg, spy], (to) => to.snoop(leg, spy, mode));
  transferProgress = (leg: LegId, progress: 'trying' | 'ringing' | 'succeeded' | 'failed'): Promise<Done> =>
    this.#ask('transferProgress', [leg], (to) => to.transferProgress(leg, progress));
  echo = (leg: LegId): Promise<Done> => this.#ask('echo', [leg], (to) => to.echo(leg));
  shed = (org: string | null, until: number): Promise<void> =>
    this.#ask('shed', ['brain'], (to) => to.shed(org, until));
  messagesWaiting = (mailbox: string, fresh: number, old: number): Promise<void> =>
    this.#ask('messagesWaiting', ['brain'], (to) => to.messagesWaiting(mailbox, fresh, old));
  beat = (): Promise<void> => this.#ask('beat', ['brain'], (to) => to.beat());

  #tell(event: EngineEvent): void {
    this.#turn += 1;
    this.#handler(event);
  }

  /** @param about ids of all that it names */
  /** @param isInTurn it keeps its order among all that its event leads to, too */
  #ask<T>(verb: Verb, about: string[], run: (to: Commands) => T, isInTurn = true): Promise<T> {
    if (this.#state !== 'connected') return Promise.reject(new EngineError(`not connected: ${verb}`));
    const { late = 0, fails } = this.#faults.verb?.(verb) ?? {};
    const epoch = this.#epoch;
    return new Promise((resolve, reject) => {
      const lost = () => reject(new EngineError(`connection lost: ${verb}`));
      this.#pending.add(lost);
      const things = about.length > 0 && isInTurn ? [...about, this.#turn] : about;
      this.#requests.send(
        things,
        () => {
          // A command that was on its way when the connection went is not carried out: Asterisk reads no closed socket.
          if (epoch !== this.#epoch) return;
          const result = fails === 'before' ? null : { value: run(this.#commands) };
          this.#clock.inFlight(this.#delay(), () => {
            if (!this.#pending.delete(lost)) return;
            if (result === null || fails === 'after') reject(new EngineError(`no answer: ${verb}`));
            else resolve(result.value);
          });
        },
        late,
      );
    });
  }

  #laneOf(event: EngineEvent): Lane {
    if (this.#faults.order === undefined || this.#faults.order === 'all') return this.#events;
    if (this.#faults.order === 'none') return createLane(this.#clock, this.#delay);
    const subject = 'leg' in event ? event.leg : 'id' in event ? event.id : '';
    const lane = this.#lanes.get(subject) ?? createLane(this.#clock, this.#delay);
    this.#lanes.set(subject, lane);
    return lane;
  }

  #open(isFresh: boolean): void {
    this.#state = 'connected';
    this.#commands.connect(this);
    this.#tell({ type: 'engine:back', isFresh, at: this.#clock.now() });
  }

  #close(state: 'lost' | 'closed'): void {
    this.#state = state;
    this.#epoch++;
    this.#commands.disconnect(this);
    const pending = [...this.#pending];
    this.#pending.clear();
    for (const lost of pending) lost();
  }
}
