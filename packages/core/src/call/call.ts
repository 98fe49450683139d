/**
 * One call: an actor whose events come one at a time (the registry calls `on`), whose phases are drawn in
 * `lifecycle.ts`, and whose every path ends in one idempotent `end`.
 *
 * Handlers never wait. They send engine verbs in order and move on: the engine carries them out in that order, and
 * what went wrong comes back as an event (`leg:ended`), because a verb that came too late always meets a leg that ended.
 */
import {
  bridgeId,
  CAUSE,
  type Cause,
  type Engine,
  type EngineEvent,
  type EngineSnapshot,
  type LegId,
  type PlayId,
  playId,
  type RecordId,
  recordId,
} from '@littlepbx/engine/port';
import type { Clock, Ids, Log } from '../ports.ts';
import type { Device, Extension, Organization } from '../tenancy/organization.ts';
import { announcementFor } from './announcements.ts';
import { type Attempt, type CallState, MAX_DURATION, MAX_HOPS, OUTSIDE_RING_TIME, type Party } from './call-state.ts';
import { mayMove, type Phase } from './lifecycle.ts';
import { outboundLeg } from './outbound.ts';
import type { FinishedCall, TraceStep } from './record.ts';
import { recordOf } from './record.ts';
import { Ringing, type RingPlace } from './ringing.ts';
import { extensionById, type Place, placeFor } from './routing.ts';
import { causeOf, type Reason, type Termination } from './termination.ts';

/** What a call asks of its surroundings; the registry is the only one that provides it. */
export interface CallWorld {
  engine: Engine;
  clock: Clock;
  ids: Ids;
  log: Log;
  /** The organization as it is now: what acts at once is read here, never from the pinned one. */
  now(organizationId: string): Organization | null;
  devicesOf(extensionId: string): readonly Device[];
  /** Events of this leg, playback or recording come to the call from now on. */
  attach(id: LegId | PlayId | RecordId, call: Call): void;
  /** The call needs nothing more from the set-up capacity: something rings, talks, or it ended. */
  settled(call: Call): void;
  ended(call: Call, record: FinishedCall): void;
  /** Whether this caller may be held for an announcement; takes one of the organization's places for it. */
  mayAnnounce(call: Call): boolean;
  /** Takes one of the organization's calls per second for a further leg to the outside (forward, transfer). */
  takeRate(organization: Organization): boolean;
  /** The state changed outside of an event. */
  changed(call: Call): void;
}

const GUARD = 15_000;

export class Call {
  readonly state: CallState;
  /** Pinned: what routes this call until it ends. */
  readonly organization: Organization;
  /** Something changed since the journal last kept it. */
  isDirty = true;
  readonly #world: CallWorld;
  readonly #gone = new Set<LegId>();
  readonly #ringing: Ringing;
  #announcement: PlayId | null = null;
  #cancelTimer: () => void;

  constructor(world: CallWorld, organization: Organization, state: CallState) {
    this.#world = world;
    this.organization = organization;
    this.state = state;
    const left = Math.max(1000, state.startedAt + MAX_DURATION - world.clock.now());
    this.#cancelTimer = world.clock.after(left, () => this.end(this.#over('max-duration', 'platform')));
    for (const leg of this.legs()) world.attach(leg, this);
    this.#ringing = new Ringing({
      state,
      engine: world.engine,
      ids: world.ids,
      attach: (leg) => world.attach(leg, this),
      letGo: (leg, cause) => this.#letGo(leg, cause),
      gone: (leg) => this.#gone.add(leg),
      trace: (step, detail, leg) => this.#trace(step, detail, leg),
      send: (verb) => this.#send(verb),
      changed: () => world.changed(this),
      rang: () => this.#rang(),
      answered: (leg, attempt) => this.#answered(leg, attempt),
      nobodyAnswered: (outcome, attempt) => this.#nobodyAnswered(outcome, attempt),
    });
  }

  get id(): string {
    return this.state.id;
  }
  get hasEnded(): boolean {
    return this.state.phase === 'ended';
  }

  /** Legs this call holds and that have not ended. */
  legs(): LegId[] {
    const { anchor, far, transferor, callerLeg, attempt } = this.state;
    const rung = attempt?.legs.filter((l) => !l.failed).map((l) => l.id) ?? [];
    const all = [anchor, callerLeg, ...rung, ...(far ? [far] : []), ...(transferor ? [transferor] : [])];
    return [...new Set(all)].filter((l) => !this.#gone.has(l));
  }

  /** Goes to the first place. Call once, right after the constructor. */
  route(place: Place): void {
    this.#trace('call-began', { dialled: this.state.dialled, from: this.state.callerId.number });
    this.#go(place, this.state.fromExtension?.id ?? null);
  }

  on(event: EngineEvent): void {
    if (this.hasEnded) return;
    switch (event.type) {
      case 'leg:state':
        if (event.state === 'answered') this.#ringing.answered(event.leg);
        else this.#ringing.rings(event.leg);
        break;
      case 'leg:ended':
        this.#legEnded(event.leg, event.cause);
        break;
      case 'leg:hold':
        this.state.isHeld = event.isHeld;
        this.#trace(event.isHeld ? 'held' : 'resumed', {}, event.leg);
        break;
      case 'leg:transfer':
        // A carrier's REFER would have us call on the organization's account.
        if (this.state.parties[event.leg]?.kind !== 'device') {
          this.#send(this.#world.engine.transferProgress(event.leg, 'failed'));
        } else if (event.request.kind === 'blind') this.blindTransfer(event.leg, event.request.to);
        break;
      case 'media:ended':
        if (event.id === this.#announcement) this.end(this.state.refusal!);
        else if (event.id === this.state.recording) {
          this.state.recording = null;
          this.#trace('recording-ended', { recording: event.id });
        }
        break;
    }
  }

  /** Ends it from outside: the admin, a drill, a shutdown. */
  hangUp(reason: Reason = 'hung-up-by-admin'): void {
    this.end(this.#over(reason, 'organization'));
  }

  /** It was over before anybody could see it: the engine died, or everybody left while no brain was there. */
  lost(reason: 'engine-lost' | 'brain-restarted', at: number): void {
    this.end(this.#over(reason, 'platform'), at);
  }

  /** Refuses a call that never got anywhere. */
  refuse(termination: Termination): void {
    this.#trace('refused', { reason: termination.reason });
    this.#fail(termination);
  }

  /**
   * Sends the other end of `by` to a new place; `by` is let go when something rings there, and talks on when nothing
   * can. The new leg passes the same choke point as every other.
   */
  blindTransfer(by: LegId, to: string): 'ok' | 'refused' {
    const { state } = this;
    const { engine } = this.#world;
    const party = state.parties[by];
    const other = by === state.anchor ? state.far : by === state.far ? state.anchor : null;
    const place = placeFor(to, this.organization);
    if (state.phase !== 'talking' || !other || !party || place.kind === 'nowhere' || place.kind === 'echo') {
      this.#trace('transfer-refused', { to }, by);
      this.#send(engine.transferProgress(by, 'failed'));
      return 'refused';
    }
    this.#trace('transfer-began', { to, by: party.label }, by);
    this.#send(engine.transferProgress(by, 'trying'));
    this.#dropBridge();
    state.transferor = by;
    state.anchor = other;
    state.isAnchorAnswered = true;
    state.far = null;
    state.visited = [];
    this.#go(place, party.extensionId ?? state.fromExtension?.id ?? null);
    return 'ok';
  }

  /** The far end of `by` talks to `leg` from now on, taken from another call; `by` is let go. */
  takeOver(by: LegId, leg: LegId, party: Party): void {
    const { state } = this;
    const { engine } = this.#world;
    this.#world.attach(leg, this);
    state.parties[leg] = party;
    if (by === state.anchor) state.anchor = leg;
    else state.far = leg;
    this.#trace('transferred', { by: state.parties[by]?.label ?? null, to: party.label }, leg);
    if (state.bridge) this.#send(engine.join(state.bridge, leg));
    this.#send(engine.transferProgress(by, 'succeeded'));
    this.#letGo(by, CAUSE.normal);
    this.moveTo('talking');
  }

  /** Gives a leg away to another call and ends; the transferor's leg goes with it. */
  giveAway(leg: LegId): void {
    this.#gone.add(leg);
    this.end({ result: 'answered', reason: 'transferred', blame: 'organization' });
  }

  /** The one who talks with the party at `leg`; null when nobody does. */
  otherThan(leg: LegId): { leg: LegId; party: Party } | null {
    const { anchor, far, parties, phase } = this.state;
    const other = leg === anchor ? far : leg === far ? anchor : null;
    const party = other && parties[other];
    return phase === 'talking' && other && party ? { leg: other, party } : null;
  }

  /** Records both ends from now on; `null` when nobody talks, else the recording's id. */
  startRecording(): RecordId | null {
    const { state } = this;
    if (state.phase !== 'talking' || !state.bridge || state.recording) return state.recording;
    const id = recordId(this.#world.ids.next());
    state.recording = id;
    this.#world.attach(id, this);
    const options = { id, maxDuration: MAX_DURATION, maxSilence: 0, beep: false, endOn: 'none' as const };
    this.#world.engine.record(state.bridge, options).then(
      (outcome) => {
        if (outcome !== 'ok') this.#recordingFailed(id);
      },
      (error: unknown) => {
        this.#world.log.warn('recording-failed', { call: this.id, error: String(error) });
        this.#recordingFailed(id);
      },
    );
    this.#trace('recording-began', { recording: id });
    return id;
  }

  #recordingFailed(id: RecordId): void {
    if (this.hasEnded || this.state.recording !== id) return;
    this.state.recording = null;
    this.#trace('recording-failed', { recording: id });
    this.#world.changed(this);
  }

  stopRecording(): void {
    if (this.state.recording) this.#send(this.#world.engine.stopMedia(this.state.recording));
  }

  /**
   * Goes on after a restart of the brain: what the engine has now is the truth, what was missed is caught up with.
   * A call nobody is left of ends.
   */
  adopt(snapshot: EngineSnapshot): void {
    const { state } = this;
    const legs = new Map(snapshot.legs.map((l) => [l.id, l]));
    state.isAdopted = true;
    this.#trace('adopted', {});
    if (state.phase === 'announcing') {
      this.end(state.refusal ?? this.#over('brain-restarted', 'platform'));
      return;
    }
    if (state.recording) this.#world.attach(state.recording, this);
    this.catchUp(snapshot);
    for (const leg of this.legs()) {
      if (!this.hasEnded && !legs.has(leg)) this.#legEnded(leg, CAUSE.normal);
    }
    if (this.hasEnded || state.phase !== 'talking' || !state.far) return;
    // A transfer asked for meanwhile reached nobody, and its phone waits to hear. One that asked for none is told nothing.
    for (const leg of [state.anchor, state.far]) {
      if (state.parties[leg]?.kind === 'device') this.#send(this.#world.engine.transferProgress(leg, 'failed'));
    }
    const bridge = snapshot.bridges.find((b) => b.id === state.bridge);
    if (bridge?.legs.includes(state.anchor) && bridge.legs.includes(state.far)) return;
    this.#talk(state.anchor, state.far, bridge ? state.bridge : null);
  }

  /** An answer that happened while nobody listened. */
  catchUp(snapshot: EngineSnapshot): void {
    for (const rung of this.state.attempt?.legs ?? []) {
      const leg = snapshot.legs.find((l) => l.id === rung.id);
      if (leg?.state === 'answered') this.#ringing.answered(rung.id);
    }
  }

  /** The one way out. What it holds is let go, the record is written; a second call does nothing. */
  end(termination: Termination, at = this.#world.clock.now()): void {
    if (this.hasEnded) return;
    const { state } = this;
    const { engine } = this.#world;
    this.moveTo('ended');
    this.#cancelTimer();
    this.#trace('ended', { result: termination.result, reason: termination.reason, blame: termination.blame });
    if (this.#announcement) this.#announcement = null;
    const cause = causeOf(termination.reason);
    for (const leg of this.legs()) {
      const why = leg === state.anchor && !state.isAnchorAnswered ? cause : CAUSE.normal;
      this.#send(engine.hangup(leg, why));
    }
    this.#dropBridge();
    if (state.attempt?.bridge) this.#send(engine.unbridge(state.attempt.bridge));
    this.#world.settled(this);
    this.#world.ended(this, recordOf(state, termination, at));
  }

  moveTo(phase: Phase): void {
    if (!mayMove(this.state.phase, phase)) throw new Error(`a call cannot go from ${this.state.phase} to ${phase}`);
    this.state.phase = phase;
    this.isDirty = true;
  }

  /** @param onBehalfOf extension whose outbound number is shown when the place is outside */
  #go(place: Place, onBehalfOf: string | null): void {
    const { state } = this;
    switch (place.kind) {
      case 'nowhere':
        this.#trace('refused', { reason: place.reason });
        return this.#fail({ result: 'refused', reason: place.reason, blame: 'caller' });
      case 'echo':
        return this.#echo();
      case 'extension':
        return this.#ringExtension(place.extension);
      default: {
        const label = place.kind === 'emergency' ? place.number : place.number.e164;
        if (this.#isLoop(label)) return;
        const now = this.#world.now(state.organizationId) ?? this.organization;
        const extension = onBehalfOf ? extensionById(this.organization, onBehalfOf) : null;
        const what = place.kind === 'emergency' ? { emergency: place.number } : place.number;
        // The call's first leg is covered by the place the call took at its beginning.
        const isFurther = state.visited.length > 1 || state.transferor !== null;
        const mayDial = !isFurther || place.kind === 'emergency' || this.#world.takeRate(now);
        const decision = mayDial
          ? outboundLeg(now, what, extension)
          : { ok: false as const, reason: 'too-many-calls-per-second' as const };
        if (!decision.ok) {
          this.#trace('refused', { to: label, reason: decision.reason });
          return this.#fail({ result: 'refused', reason: decision.reason, blame: 'organization' });
        }
        state.trunkId = decision.trunk.id;
        if (place.kind === 'emergency') state.isEmergency = true;
        this.#ring({
          label,
          targets: [{ to: decision.to, party: { kind: 'trunk', extensionId: null, device: null, label } }],
          callerId: decision.callerId,
          onBusy: null,
          onNoAnswer: null,
          extensionId: null,
          ringTime: OUTSIDE_RING_TIME,
        });
      }
    }
  }

  #ringExtension(extension: Extension): void {
    const { state } = this;
    if (this.#isLoop(extension.id)) return;
    if (extension.forwardAlways !== null) return this.#forward(extension.forwardAlways, extension, 'always');
    const devices = this.#world.devicesOf(extension.id).filter((d) => d.username !== state.fromDevice);
    this.#ring({
      label: extension.number,
      targets: devices.map((d) => ({
        to: { kind: 'device', username: d.username },
        party: { kind: 'device', extensionId: extension.id, device: d.username, label: extension.number },
      })),
      callerId: state.callerId,
      onBusy: extension.forwardBusy,
      onNoAnswer: extension.forwardNoAnswer,
      extensionId: extension.id,
      ringTime: extension.ringTimeInS * 1000,
    });
  }

  #ring(place: RingPlace): void {
    this.moveTo('ringing');
    this.#ringing.begin(place);
  }

  #rang(): void {
    const { state } = this;
    this.#world.settled(this);
    // Legs that ring unbridged cannot pass their 180 on by themselves.
    if (!state.attempt?.bridge) this.#send(this.#world.engine.ring(state.anchor));
    this.#releaseTransferor();
  }

  #answered(leg: LegId, attempt: Attempt): void {
    const { state } = this;
    this.#trace('answered', { by: attempt.label }, leg);
    state.answeredAt ??= this.#world.clock.now();
    state.answeredBy = attempt.label;
    this.#world.settled(this);
    this.#releaseTransferor(attempt.label);
    this.moveTo('talking');
    if (attempt.bridge) {
      // The answer has reached the anchor through the bridge by itself.
      state.bridge = attempt.bridge;
      state.far = leg;
      state.isAnchorAnswered = true;
    } else this.#talk(state.anchor, leg, null);
  }

  #nobodyAnswered(outcome: Termination, attempt: Attempt): void {
    const forward = outcome.result === 'busy' ? attempt.onBusy : attempt.onNoAnswer;
    const extension = attempt.extensionId ? extensionById(this.organization, attempt.extensionId) : null;
    if (forward !== null && extension) {
      this.#forward(forward, extension, outcome.result === 'busy' ? 'busy' : 'no-answer');
    } else this.#fail(outcome);
  }

  #talk(anchor: LegId, far: LegId, bridge: typeof this.state.bridge): void {
    const { state } = this;
    const { engine, ids } = this.#world;
    state.bridge = bridge ?? bridgeId(ids.next());
    if (!bridge) this.#send(engine.bridge(state.bridge, 'talk'));
    if (!state.isAnchorAnswered) this.#send(engine.answer(anchor));
    this.#send(engine.join(state.bridge, anchor, far));
    state.isAnchorAnswered = true;
    state.far = far;
    this.isDirty = true;
  }

  #legEnded(leg: LegId, cause: Cause): void {
    const { state } = this;
    this.#gone.add(leg);
    if (leg === state.anchor) {
      if (state.phase === 'announcing') return this.end(state.refusal!);
      const who = leg === state.callerLeg ? 'caller' : 'callee';
      if (state.answeredAt === null)
        return this.end({ result: 'cancelled', reason: 'caller-hung-up', blame: 'caller' });
      return this.end(this.#over(this.#hungUp(cause, who), who));
    }
    if (leg === state.far) {
      const who = leg === state.callerLeg ? 'caller' : 'callee';
      return this.end(this.#over(this.#hungUp(cause, who), who));
    }
    if (leg === state.transferor) {
      state.transferor = null;
      this.isDirty = true;
      return;
    }
    this.#ringing.legEnded(leg, cause);
  }

  #hungUp(cause: Cause, who: 'caller' | 'callee'): Reason {
    if (cause === CAUSE.mediaTimeout) return 'media-lost';
    return who === 'caller' ? 'caller-hung-up' : 'callee-hung-up';
  }

  #forward(to: string, extension: Extension, why: 'always' | 'busy' | 'no-answer'): void {
    this.#trace('forwarded', { from: extension.number, to, why });
    this.#go(placeFor(to, this.organization), extension.id);
  }

  #isLoop(place: string): boolean {
    const { visited } = this.state;
    if (!visited.includes(place) && visited.length < MAX_HOPS) {
      visited.push(place);
      return false;
    }
    this.#trace('forward-loop', { hops: visited.length });
    this.#fail({ result: 'failed', reason: 'forward-loop', blame: 'organization' });
    return true;
  }

  #echo(): void {
    const { state } = this;
    const { engine, clock } = this.#world;
    state.answeredAt = clock.now();
    state.answeredBy = state.dialled;
    state.isAnchorAnswered = true;
    this.#trace('answered', { by: 'echo test' });
    this.moveTo('echo');
    this.#send(engine.answer(state.anchor));
    this.#send(engine.echo(state.anchor));
    this.#world.settled(this);
  }

  /** Nothing more to try. The one who waits learns why: a transferor takes it back, a phone inside hears it. */
  #fail(termination: Termination): void {
    const { state } = this;
    const { engine, ids, clock } = this.#world;
    if (state.transferor) {
      const back = state.transferor;
      state.transferor = null;
      this.#trace('transfer-failed', { reason: termination.reason }, back);
      this.#send(engine.transferProgress(back, 'failed'));
      if (state.phase === 'talking') this.moveTo('ringing');
      this.moveTo('talking');
      this.#talk(state.anchor, back, null);
      return;
    }
    const media = announcementFor(termination.reason);
    const mayHear = state.parties[state.anchor]?.kind === 'device' && !this.#gone.has(state.anchor);
    if (!media || !mayHear || !this.#world.mayAnnounce(this)) return this.end(this.#asAnswered(termination));
    state.refusal = this.#asAnswered(termination);
    this.moveTo('announcing');
    this.#world.settled(this);
    this.#announcement = playId(ids.next());
    this.#world.attach(this.#announcement, this);
    this.#send(engine.play(state.anchor, media, this.#announcement));
    const cancelMaxDuration = this.#cancelTimer;
    const cancelGuard = clock.after(GUARD, () => this.end(state.refusal!));
    this.#cancelTimer = () => {
      cancelMaxDuration();
      cancelGuard();
    };
  }

  /** Once somebody has answered, a call stays an answered one, however it ends. */
  #asAnswered(termination: Termination): Termination {
    return this.state.answeredAt === null ? termination : { ...termination, result: 'answered' };
  }

  #over(reason: Reason, blame: Termination['blame']): Termination {
    return this.#asAnswered({ result: blame === 'platform' ? 'failed' : 'cancelled', reason, blame });
  }

  #releaseTransferor(to = this.state.attempt?.label ?? null): void {
    const { transferor } = this.state;
    if (!transferor) return;
    this.state.transferor = null;
    this.#trace('transferred', { to }, transferor);
    this.#send(this.#world.engine.transferProgress(transferor, 'succeeded'));
    this.#letGo(transferor, CAUSE.normal);
  }

  #letGo(leg: LegId, cause: Cause): void {
    this.#gone.add(leg);
    this.#send(this.#world.engine.hangup(leg, cause));
  }

  #dropBridge(): void {
    if (!this.state.bridge) return;
    this.#send(this.#world.engine.unbridge(this.state.bridge));
    this.state.bridge = null;
  }

  #trace(step: string, detail: NonNullable<TraceStep['detail']>, leg?: LegId): void {
    this.isDirty = true;
    this.state.trace.push({
      at: this.#world.clock.now(),
      step,
      ...(leg ? { leg } : {}),
      ...(Object.keys(detail).length ? { detail } : {}),
    });
  }

  /** "gone" needs no care here, and neither does a lost engine: both come back as events or in the next snapshot. */
  #send(verb: Promise<unknown>): void {
    verb.catch((error: unknown) => this.#world.log.debug('verb-failed', { call: this.id, error: String(error) }));
  }
}
