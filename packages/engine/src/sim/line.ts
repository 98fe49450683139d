/**
 * One call as a far end sees it: a phone's line, or a carrier's. It knows only what SIP told it, and whatever it does
 * reaches the switch a little later, so an answer and a hang-up may cross.
 *
 *   calling → ringing → early → answered → ended      (it called us; ringing and early may be left out)
 *   invited → ringing → early → answered → ended      (we called it)
 */
import type { CallerId, Cause, LegId, TransferRequest } from '../port.ts';
import { CAUSE } from '../port.ts';
import type { Lane, VirtualClock } from './clock.ts';

export type LineState = 'calling' | 'invited' | 'ringing' | 'early' | 'answered' | 'ended';

/** What the switch hears from a far end; `leg` is its end of the line. */
export interface FarSignals {
  farRinging(leg: LegId): void;
  farEarlyMedia(leg: LegId): void;
  farAnswered(leg: LegId): void;
  farRefused(leg: LegId, status: number): void;
  farHungUp(leg: LegId): void;
  farDigit(leg: LegId, digit: string, duration: number): void;
  farHold(leg: LegId, isHeld: boolean): void;
  farTransfer(leg: LegId, request: TransferRequest): void;
}

/** What a rung far end does by itself; nothing but ringing at once when empty. All times in ms after the INVITE. */
export interface Behaviour {
  /** Sends 180 after this time; `false`: never. Default 0. */
  rings?: number | false;
  /** Sends 183 with audio after this time. */
  earlyMedia?: number;
  answers?: number;
  /** Refuses with this SIP status; 486 is busy. */
  refuses?: { after: number; status: number };
  /** After its answer. */
  hangsUp?: number;
}

export interface LineSetup {
  /** Unique; also the name of what it says (`hears`). */
  name: string;
  leg: LegId;
  direction: 'in' | 'out';
  clock: VirtualClock;
  toSwitch: Lane;
  toFar: Lane;
  signals: FarSignals;
  /** Whom it shows: the caller on a phone that is rung. */
  shows: CallerId;
  /** Number it was called by, for a carrier's line. */
  called: string;
}

export class Line {
  readonly name: string;
  readonly leg: LegId;
  readonly shows: CallerId;
  readonly called: string;
  state: LineState;
  /** Final SIP status of a call that was not answered; 487 when the caller gave up. */
  status: number | null = null;
  /** The ringing stopped because somebody else answered (Reason header of the CANCEL). */
  isAnsweredElsewhere = false;
  hasRung = false;
  hasEarlyMedia = false;
  /** DTMF digits heard. */
  digits = '';
  /** How its REFER went, as NOTIFYs told it. */
  transferProgress: string[] = [];
  isHolding = false;
  readonly #setup: LineSetup;
  #timers: (() => void)[] = [];

  constructor(setup: LineSetup) {
    this.#setup = setup;
    this.name = setup.name;
    this.leg = setup.leg;
    this.shows = setup.shows;
    this.called = setup.called;
    this.state = setup.direction === 'in' ? 'calling' : 'invited';
  }

  /** Sends 180. */
  ring(): void {
    if (!this.#isBeingRung()) return;
    this.state = 'ringing';
    this.#signal((far) => far.farRinging(this.leg));
  }

  /** Sends 183 and speaks. */
  sendEarlyMedia(): void {
    if (!this.#isBeingRung()) return;
    this.state = 'early';
    this.#signal((far) => far.farEarlyMedia(this.leg));
  }

  answer(): void {
    if (!this.#isBeingRung()) return;
    this.state = 'answered';
    this.#signal((far) => far.farAnswered(this.leg));
  }

  busy(): void {
    this.reject(486);
  }

  /** Refuses with a SIP status; 603 is a phone's "decline". */
  reject(status = 603): void {
    if (!this.#isBeingRung()) return;
    this.#close(status);
    this.#signal((far) => far.farRefused(this.leg, status));
  }

  /** BYE, or CANCEL by a caller who is not answered yet; a phone that rings is refused instead. */
  hangUp(): void {
    if (this.state === 'ended') return;
    if (this.#isBeingRung()) {
      this.reject();
      return;
    }
    this.#close(this.state === 'answered' ? null : 487);
    this.#signal((far) => far.farHungUp(this.leg));
  }

  /** Presses keys one after the other, 100 ms each with 100 ms between. */
  presses(digits: string): void {
    [...digits].forEach((digit, index) => {
      this.#later(index * 200 + 100, () => this.#signal((far) => far.farDigit(this.leg, digit, 100)));
    });
  }

  hold(): void {
    this.#hold(true);
  }

  resume(): void {
    this.#hold(false);
  }

  /** REFER to a number. */
  transferBlind(to: string): void {
    this.#signal((far) => far.farTransfer(this.leg, { kind: 'blind', to }));
  }

  /** REFER with Replaces: joins this line's far end with that of `other`, another line of the same phone. */
  transferAttended(other: Line): void {
    this.#signal((far) => far.farTransfer(this.leg, { kind: 'attended', replaces: other.leg }));
  }

  /** Does by itself what `behaviour` says; called when the INVITE arrives. */
  behave(behaviour: Behaviour): void {
    const { rings = 0, earlyMedia, answers, refuses, hangsUp } = behaviour;
    if (rings === 0) this.ring();
    else if (rings !== false) this.#later(rings, () => this.ring());
    if (earlyMedia !== undefined) this.#later(earlyMedia, () => this.sendEarlyMedia());
    if (refuses !== undefined) this.#later(refuses.after, () => this.reject(refuses.status));
    if (answers === undefined) return;
    this.#later(answers, () => {
      this.answer();
      if (hangsUp !== undefined && this.state === 'answered') this.#later(hangsUp, () => this.hangUp());
    });
  }

  /** What the switch says to the far end; each arrives a network delay later. */
  readonly far = {
    ringing: () =>
      this.#arrives(() => {
        this.hasRung = true;
        if (this.state === 'calling') this.state = 'ringing';
      }),
    earlyMedia: () =>
      this.#arrives(() => {
        this.hasEarlyMedia = true;
        if (this.state === 'calling' || this.state === 'ringing') this.state = 'early';
      }),
    answered: () =>
      this.#arrives(() => {
        this.state = 'answered';
      }),
    digit: (digit: string) =>
      this.#arrives(() => {
        this.digits += digit;
      }),
    transferProgress: (progress: string) =>
      this.#arrives(() => {
        this.transferProgress.push(progress);
      }),
    /** BYE, CANCEL or a final response, whichever fits what has been said. */
    ended: (status: number, cause: Cause) =>
      this.#arrives(() => {
        const isElsewhere = this.#isBeingRung() && cause === CAUSE.answeredElsewhere;
        this.isAnsweredElsewhere = isElsewhere;
        this.#close(this.state === 'answered' ? null : this.#setup.direction === 'out' ? 487 : status);
      }),
  };

  /** The engine died: nobody says goodbye. */
  loseEngine(): void {
    this.#close(null);
  }

  #isBeingRung(): boolean {
    return (
      this.#setup.direction === 'out' &&
      (this.state === 'invited' || this.state === 'ringing' || this.state === 'early')
    );
  }

  #hold(isHeld: boolean): void {
    if (this.state !== 'answered' || this.isHolding === isHeld) return;
    this.isHolding = isHeld;
    this.#signal((far) => far.farHold(this.leg, isHeld));
  }

  #signal(say: (far: FarSignals) => void): void {
    this.#setup.toSwitch.send(() => say(this.#setup.signals));
  }

  #arrives(fn: () => void): void {
    this.#setup.toFar.send(() => {
      if (this.state !== 'ended') fn();
    });
  }

  #later(delay: number, fn: () => void): void {
    this.#timers.push(this.#setup.clock.inFlight(delay, () => this.state !== 'ended' && fn()));
  }

  #close(status: number | null): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.status = status;
    for (const cancel of this.#timers) cancel();
    this.#timers = [];
  }
}
