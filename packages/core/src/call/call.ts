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
  type EngineEvent,
  type EngineSnapshot,
  type LegId,
  type PlayId,
  type RecordId,
} from '@littlepbx/engine/port';
import { languageOf, type SpokenLanguage } from '../tenancy/language.ts';
import type { Extension, Organization } from '../tenancy/organization.ts';
import { Announcement } from './announcement.ts';
import type { CallParts, CallWorld } from './call-parts.ts';
import { type Attempt, type CallState, MAX_DURATION } from './call-state.ts';
import { Charges } from './charges.ts';
import { mayMove, type Phase } from './lifecycle.ts';
import type { TraceStep } from './record.ts';
import { recordOf } from './record.ts';
import { Recording } from './recording.ts';
import { isInCompany, Ringing, type RingPlace } from './ringing.ts';
import { extensionById, type Place } from './routing.ts';
import { causeOf, type Reason, type Termination } from './termination.ts';
import type { TraceStepKind } from './trace-step.ts';
import { Transfer } from './transfer.ts';
import { Voicemail } from './voicemail.ts';
import { Way } from './way.ts';

export class Call {
  readonly state: CallState;
  /** Pinned: what routes this call until it ends. */
  readonly organization: Organization;
  /** Something changed since the journal last kept it. */
  isDirty = true;
  readonly #world: CallWorld;
  readonly #gone = new Set<LegId>();
  readonly #ringing: Ringing;
  readonly #transfer: Transfer;
  readonly #recording: Recording;
  readonly #announcement: Announcement;
  readonly #voicemail: Voicemail;
  readonly #charges: Charges;
  readonly #way: Way;
  readonly #cancelTimer: () => void;

  constructor(world: CallWorld, organization: Organization, state: CallState) {
    this.#world = world;
    this.organization = organization;
    this.state = state;
    const left = Math.max(1000, state.startedAt + MAX_DURATION - world.clock.now());
    this.#cancelTimer = world.clock.after(left, () => this.end(this.#over('max-duration', 'platform')));
    for (const leg of this.legs()) world.attach(leg, this);
    // What acts at once is read here, never from the pinned one.
    const now = () => world.now(state.organizationId) ?? organization;
    const parts: CallParts = {
      state,
      engine: world.engine,
      ids: world.ids,
      attach: (leg) => world.attach(leg, this),
      letGo: (leg, cause) => this.#letGo(leg, cause),
      gone: (leg) => this.#isGone(leg),
      trace: (step, detail, leg) => this.#trace(step, detail, leg),
      language: (called) => this.#language(called),
      send: (verb) => this.#send(verb),
      changed: () => {
        this.isDirty = true;
        world.changed(this);
      },
    };
    this.#announcement = new Announcement({
      ...parts,
      clock: world.clock,
      mayAnnounce: () => world.mayAnnounce(this),
      begins: () => {
        this.moveTo('announcing');
        world.settled(this);
      },
      end: (termination) => this.end(termination),
    });
    this.#recording = new Recording({
      ...parts,
      clock: world.clock,
      files: world.files,
      organization: now,
    });
    this.#charges = new Charges({
      ...parts,
      clock: world.clock,
      extend: (charge) => world.spending.extend(now(), charge),
      settle: (charge, at) => world.spending.settle(organization, charge, at),
      over: (reason) => this.end(this.#over(reason, 'organization')),
    });
    this.#ringing = new Ringing({
      ...parts,
      // How long a phone or carrier then takes to ring is no load of ours.
      dialled: () => world.settled(this),
      rang: () => this.#rang(),
      answered: (leg, attempt) => this.#answered(leg, attempt),
      nobodyAnswered: (outcome, attempt) => this.#way.nobodyAnswered(outcome, attempt),
    });
    this.#voicemail = new Voicemail({
      ...parts,
      clock: world.clock,
      log: world.log,
      files: world.files,
      boxes: world.boxes,
      counts: world.boxCounts,
      organization,
      now,
      moveTo: (phase) => this.moveTo(phase),
      pickedUp: (label) => {
        world.settled(this);
        this.#transfer.reached(label);
      },
      go: (place, onBehalfOf) => {
        state.visited = [];
        this.#way.go(place, onBehalfOf);
      },
      end: (termination) => this.end(termination),
    });
    this.#way = new Way({
      ...parts,
      organization,
      now,
      devicesOf: (extensionId) => world.devicesOf(extensionId),
      outbound: world.outbound,
      charges: this.#charges,
      voicemail: this.#voicemail,
      ring: (place) => this.#ring(place),
      echo: () => this.#echo(),
      fail: (termination) => this.#fail(termination),
    });
    this.#transfer = new Transfer({
      ...parts,
      organization,
      charges: this.#charges,
      moveTo: (phase) => this.moveTo(phase),
      go: (place, onBehalfOf) => this.#way.go(place, onBehalfOf),
      talk: (anchor, far) => this.#talk(anchor, far, null),
      dropBridge: (staying) => this.#dropBridge(staying),
      end: (termination) => this.end(termination),
    });
  }

  /** Who is of the organization hears the own language; who comes from outside, that of whom was called. */
  #language(called: Extension | null): SpokenLanguage {
    const { parties, anchor, organizationId } = this.state;
    const party = parties[anchor];
    const extension = party?.kind === 'device' ? extensionById(this.organization, party.extensionId ?? '') : called;
    return this.#world.spoken(languageOf(this.#world.now(organizationId) ?? this.organization, extension));
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
    return [...new Set([anchor, callerLeg, far, transferor, ...rung])].filter(
      (l): l is LegId => l !== null && !this.#gone.has(l),
    );
  }

  /** Goes to the first place. Call once, right after the constructor. */
  route(place: Place): void {
    this.#trace('call-began', { dialled: this.state.dialled, from: this.state.callerId.number });
    this.#way.go(place, this.state.fromExtension?.id ?? null);
  }

  on(event: EngineEvent): void {
    if (this.hasEnded) {
      if (event.type === 'media:ended') this.#mediaEnded(event.id, event.result);
      return;
    }
    switch (event.type) {
      case 'leg:state':
        if (event.state === 'answered') this.#ringing.answered(event.leg);
        else this.#ringing.rings(event.leg);
        break;
      case 'leg:ended':
        this.#legEnded(event.leg, event.cause);
        break;
      case 'leg:dtmf':
        this.#voicemail.pressed(event.leg, event.digit);
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
        this.#mediaEnded(event.id, event.result);
        break;
    }
  }

  #mediaEnded(id: PlayId | RecordId, result: 'done' | 'stopped' | 'failed'): void {
    if (this.#announcement.ended(id) || this.#voicemail.mediaEnded(id, result)) return;
    this.#recording.ended(id);
  }

  /** Ends it from outside: the admin, a drill. */
  hangUp(reason: Reason = 'hung-up-by-admin'): void {
    this.end(this.#over(reason, 'organization'));
  }

  /** The operator stops the engine that carries it. */
  stop(): void {
    this.end(this.#over('stopped-by-operator', 'platform'));
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

  /** See `Transfer`: `by` sends the one it talks with to a new place. */
  blindTransfer(by: LegId, to: string, isAskedOnPage = false): 'ok' | 'not-now' | 'nowhere' {
    return this.#transfer.blind(by, to, isAskedOnPage);
  }

  /** See `Transfer`: the two calls of one phone become one, and `other` ends. False when that cannot be. */
  attendedTransfer(by: LegId, other: Call, replaces: LegId): boolean {
    return this.#transfer.attended(by, other.#transfer, replaces);
  }

  startRecording(): ReturnType<Recording['start']> {
    return this.#recording.start();
  }

  stopRecording(): void {
    this.#recording.stop();
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
    this.#recording.adopt();
    this.#charges.adopt();
    this.catchUp(snapshot);
    for (const leg of this.legs()) {
      if (this.hasEnded || legs.has(leg)) continue;
      // Why it ended nobody heard. A phone that rang was there.
      const hasRung = state.trace.some(({ step, leg: of }) => step === 'rang' && of === leg);
      this.#legEnded(leg, hasRung ? CAUSE.noAnswer : CAUSE.normal);
    }
    if (this.hasEnded) return;
    if (state.phase === 'voicemail') return this.#voicemail.adopt();
    if (state.phase !== 'talking' || !state.far) return;
    // A transfer asked for meanwhile reached nobody, and its phone waits to hear. One that asked for none is told nothing.
    for (const leg of [state.anchor, state.far]) {
      if (state.parties[leg]?.kind === 'device') this.#send(this.#world.engine.transferProgress(leg, 'failed'));
    }
    const bridge = snapshot.bridges.find((b) => b.id === state.bridge);
    if (bridge?.legs.includes(state.anchor) && bridge.legs.includes(state.far)) return;
    this.#talk(state.anchor, state.far, bridge ? state.bridge : null);
  }

  /** An answer, or the end of a message, that happened while nobody listened. */
  catchUp(snapshot: EngineSnapshot): void {
    this.#voicemail.catchUp();
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
    this.#announcement.stop();
    this.#voicemail.close();
    this.#charges.endedAll(at);
    const cause = causeOf(termination.reason);
    for (const leg of this.legs()) {
      const why = leg === state.anchor && !state.isAnchorAnswered ? cause : CAUSE.normal;
      this.#send(engine.hangup(leg, why));
    }
    this.#dropBridge();
    this.#ringing.stop();
    this.#world.settled(this);
    this.#world.ended(this, recordOf(state, termination, at));
  }

  moveTo(phase: Phase): void {
    if (!mayMove(this.state.phase, phase)) throw new Error(`a call cannot go from ${this.state.phase} to ${phase}`);
    this.state.phase = phase;
    this.isDirty = true;
  }

  #ring(place: RingPlace): void {
    this.moveTo('ringing');
    this.#ringing.begin(place);
  }

  #rang(): void {
    const { state } = this;
    // Who rings in another bridge cannot pass the 180 on.
    if (state.attempt && !isInCompany(state.attempt)) this.#send(this.#world.engine.ring(state.anchor));
    this.#transfer.reached(state.attempt?.label ?? null);
  }

  #answered(leg: LegId, attempt: Attempt): void {
    const { state } = this;
    const rung = attempt.legs.find(({ id }) => id === leg);
    const phone = rung?.kind === 'device' ? { on: rung.to } : {};
    this.#trace('answered', { by: attempt.label, ...phone }, leg);
    state.answeredAt ??= this.#world.clock.now();
    const before = state.answeredBy;
    if (before !== null && before !== attempt.label) state.handedOnBy = [...(state.handedOnBy ?? []), before];
    state.answeredBy = attempt.label;
    this.#charges.answered(leg);
    this.#world.settled(this);
    this.#transfer.reached(attempt.label);
    this.moveTo('talking');
    const bridge = rung?.bridge ?? null;
    if (bridge && isInCompany(attempt)) {
      // The answer has reached the anchor through the bridge by itself.
      state.bridge = bridge;
      state.far = leg;
      state.isAnchorAnswered = true;
    } else this.#talk(state.anchor, leg, bridge, bridge ? [state.anchor] : [state.anchor, leg]);
  }

  /** @param joining who of the two is not in the bridge */
  #talk(anchor: LegId, far: LegId, bridge: typeof this.state.bridge, joining = [anchor, far]): void {
    const { state } = this;
    const { engine, ids } = this.#world;
    state.bridge = bridge ?? bridgeId(ids.next());
    if (!bridge) this.#send(engine.bridge(state.bridge, 'talk'));
    if (!state.isAnchorAnswered) this.#send(engine.answer(anchor));
    this.#send(engine.join(state.bridge, ...joining));
    state.isAnchorAnswered = true;
    state.far = far;
    this.isDirty = true;
  }

  #legEnded(leg: LegId, cause: Cause): void {
    const { state } = this;
    this.#isGone(leg);
    if (leg === state.anchor) {
      if (state.phase === 'announcing') return this.end(state.refusal!);
      const who = leg === state.callerLeg ? 'caller' : 'callee';
      if (state.phase === 'voicemail') return this.#voicemail.left(this.#hungUp(cause, 'caller'));
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
    if (this.#transfer.takeBack(termination.reason)) return;
    const outcome = this.#asAnswered(termination);
    if (this.#gone.has(state.anchor) || !this.#announcement.begin(outcome)) this.end(outcome);
  }

  /** Once somebody has answered, a call stays an answered one, however it ends. */
  #asAnswered(termination: Termination): Termination {
    return this.state.answeredAt === null ? termination : { ...termination, result: 'answered' };
  }

  #over(reason: Reason, blame: Termination['blame']): Termination {
    return this.#asAnswered({ result: blame === 'platform' ? 'failed' : 'cancelled', reason, blame });
  }

  #letGo(leg: LegId, cause: Cause): void {
    this.#isGone(leg);
    this.#send(this.#world.engine.hangup(leg, cause));
  }

  #isGone(leg: LegId): void {
    this.#gone.add(leg);
    this.#charges.ended(leg);
  }

  #dropBridge(staying?: LegId): void {
    if (!this.state.bridge) return;
    if (staying) this.#send(this.#world.engine.leave(this.state.bridge, staying));
    this.#send(this.#world.engine.unbridge(this.state.bridge));
    this.state.bridge = null;
  }

  #trace(step: TraceStepKind, detail: NonNullable<TraceStep['detail']>, leg?: LegId): void {
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
