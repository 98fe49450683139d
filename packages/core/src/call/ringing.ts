/**
 * Rings one place: all devices of an extension at once, or one number by a trunk. The first answer wins and the others
 * stop; when every leg has failed, nobody answered.
 *
 *     begin ──> ringing ── first answer ──> answered
 *                  └────── every leg failed ──> nobodyAnswered
 *
 * A single leg rings in a bridge with the one who waits, so that early media reaches the waiting. Several ring in a bridge
 * each, or everybody would hear everybody's announcements; the one who waits comes to the first that answers. None rings
 * outside a bridge: Asterisk hangs up on who answers then while no brain is there.
 */
import {
  bridgeId,
  CAUSE,
  type CallerId,
  type Cause,
  type Destination,
  type LegId,
  legId,
} from '@littlepbx/engine/port';
import type { CallParts } from './call-parts.ts';
import type { Attempt, Party, RungLeg } from './call-state.ts';
import { attemptFailed, type Termination } from './termination.ts';

/** What to ring, and where the call goes on when that fails. */
export interface RingPlace extends Pick<Attempt, 'label' | 'onBusy' | 'onNoAnswer' | 'extensionId'> {
  targets: { to: Destination; party: Party }[];
  callerId: CallerId;
  /** Milliseconds. */
  ringTime: number;
}

/** The call around it. `state.attempt` is this file's alone; it is null when nothing rings. */
export interface RingingCall extends CallParts {
  /** Everything is on its way to the phones; the engine has nothing more to do. */
  dialled(): void;
  rang(): void;
  answered(leg: LegId, attempt: Attempt): void;
  nobodyAnswered(outcome: Termination, attempt: Attempt): void;
}

export class Ringing {
  readonly #call: RingingCall;

  constructor(call: RingingCall) {
    this.#call = call;
  }

  begin({ targets, callerId, ringTime, ...place }: RingPlace): void {
    const { state, engine, ids } = this.#call;
    const legs = targets.map(({ to }) => ({
      id: legId(ids.next()),
      kind: to.kind,
      to: to.kind === 'device' ? to.username : to.number,
      bridge: bridgeId(ids.next()),
      failed: null,
    }));
    state.attempt = { ...place, legs, hasRung: false };
    this.#call.trace('ringing', { place: place.label, devices: legs.length });
    const together = isInCompany(state.attempt) ? { together: [state.anchor] } : {};
    let awaited = targets.length;
    const dialled = () => {
      awaited -= 1;
      if (awaited === 0) this.#call.dialled();
    };
    targets.forEach(({ to, party }, i) => {
      const { id, bridge } = legs[i]!;
      state.parties[id] = party;
      this.#call.attach(id);
      this.#call.send(engine.bridge(bridge, 'talk'));
      engine.originate({ legId: id, to, bridge, ...together, callerId, onBehalfOf: state.anchor, ringTime }).then(
        (outcome) => {
          dialled();
          if (outcome !== 'ok') this.#unreachable(id, to.kind);
        },
        // The engine is out of reach; the snapshot after its return tells what became of the leg.
        dialled,
      );
    });
    if (targets.length === 0) this.#over();
  }

  rings(leg: LegId): void {
    const rung = this.#rung(leg);
    const { attempt } = this.#call.state;
    if (!rung || !attempt) return;
    if (!attempt.hasRung) this.#call.rang();
    attempt.hasRung = true;
    this.#call.trace('rang', { to: rung.to }, leg);
  }

  /** The call ends: it hangs up the legs. */
  stop(): void {
    for (const rung of this.#call.state.attempt?.legs ?? []) if (!rung.failed) this.#dropBridge(rung);
  }

  answered(leg: LegId): void {
    const { state } = this.#call;
    const attempt = state.attempt;
    if (!attempt || !this.#rung(leg)) return;
    for (const other of attempt.legs) {
      if (other.id === leg || other.failed) continue;
      this.#call.letGo(other.id, CAUSE.answeredElsewhere);
      this.#dropBridge(other);
    }
    state.attempt = null;
    this.#call.answered(leg, attempt);
  }

  legEnded(leg: LegId, cause: Cause): void {
    const rung = this.#rung(leg);
    if (rung) this.#failed(rung, attemptFailed(cause, rung.kind));
  }

  /** A leg that never existed: there is no event for it, so the refusal stands for one. */
  #unreachable(leg: LegId, kind: 'device' | 'trunk'): void {
    const rung = this.#rung(leg);
    if (!rung) return;
    this.#failed(
      rung,
      kind === 'device'
        ? { result: 'no-answer', reason: 'no-device-registered', blame: 'callee' }
        : { result: 'failed', reason: 'carrier-unreachable', blame: 'carrier' },
    );
    this.#call.changed();
  }

  /** The leg, while it may still answer. */
  #rung(leg: LegId): RungLeg | null {
    const { phase, attempt } = this.#call.state;
    return (phase === 'ringing' && attempt?.legs.find((l) => l.id === leg && !l.failed)) || null;
  }

  #failed(rung: RungLeg, why: Termination): void {
    rung.failed = why;
    this.#call.gone(rung.id);
    const { attempt } = this.#call.state;
    if (attempt && rung.bridge && isInCompany(attempt)) {
      this.#call.send(this.#call.engine.leave(rung.bridge, this.#call.state.anchor));
    }
    this.#dropBridge(rung);
    this.#call.trace('not-answered', { to: rung.to, reason: why.reason }, rung.id);
    if (attempt?.legs.every((l) => l.failed)) this.#over();
  }

  #dropBridge({ bridge }: RungLeg): void {
    if (bridge) this.#call.send(this.#call.engine.unbridge(bridge));
  }

  #over(): void {
    const { state } = this.#call;
    const attempt = state.attempt;
    if (!attempt) return;
    state.attempt = null;
    this.#call.nobodyAnswered(outcomeOf(attempt), attempt);
  }
}

/** Whether the one who waits is in the bridge of what rings. */
export const isInCompany = ({ legs }: Attempt): boolean => legs.length === 1;

/** One busy phone makes the place busy; else a phone that rang counts more than one that was not there. */
function outcomeOf(attempt: Attempt): Termination {
  const all = attempt.legs.flatMap((l) => l.failed ?? []);
  return (
    all.find((t) => t.result === 'busy') ??
    all.find((t) => t.reason === 'no-answer') ??
    all[0] ?? { result: 'no-answer', reason: 'no-device-registered', blame: 'callee' }
  );
}
