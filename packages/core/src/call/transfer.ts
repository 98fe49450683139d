/**
 * Transfers: a phone (or the API) sends the one it talks with to a new place, or makes one call of its two.
 *
 *     talking ── blind ──> ringing, the transferor waits ── something rings ──> reached: the transferor is let go
 *                                     └── nothing can ───────────────────────> takeBack: they talk again
 *     talking ── attended ──> talking with the other call's party; both legs of the transferor are let go
 *
 * The new leg of a blind transfer passes the same choke point as every other.
 */
import { CAUSE, type LegId } from '@littlepbx/engine/port';
import type { Organization } from '../tenancy/organization.ts';
import type { CallParts } from './call-parts.ts';
import type { Party } from './call-state.ts';
import type { Charges } from './charges.ts';
import type { Phase } from './lifecycle.ts';
import { type Place, placeFor } from './routing.ts';
import type { Reason, Termination } from './termination.ts';

/** The call around it. `state.transferor` is this file's alone, but that its end clears it. */
export interface TransferCall extends CallParts {
  /** Pinned. */
  organization: Organization;
  charges: Charges;
  moveTo(phase: Phase): void;
  go(place: Place, onBehalfOf: string | null): void;
  talk(anchor: LegId, far: LegId): void;
  /** @param staying the leg that goes on elsewhere */
  dropBridge(staying: LegId): void;
  end(termination: Termination): void;
}

export class Transfer {
  readonly #call: TransferCall;

  constructor(call: TransferCall) {
    this.#call = call;
  }

  /** @param isAskedOnPage an admin asked, and not the phone. `nowhere`: nobody can be connected to what stands behind that number. */
  blind(by: LegId, to: string, isAskedOnPage = false): 'ok' | 'not-now' | 'nowhere' {
    const { state, engine, organization } = this.#call;
    const party = state.parties[by];
    const other = this.#otherThan(by);
    const place = placeFor(to, organization);
    const isNowhere = place.kind === 'nowhere' || place.kind === 'echo' || place.kind === 'boxes';
    if (!other || !party || isNowhere) {
      this.#call.trace('transfer-refused', { to }, by);
      this.#call.send(engine.transferProgress(by, 'failed'));
      return isNowhere ? 'nowhere' : 'not-now';
    }
    this.#call.trace('transfer-began', { to, by: party.label, ...(isAskedOnPage ? { onPage: true } : {}) }, by);
    this.#call.send(engine.transferProgress(by, 'trying'));
    this.#call.dropBridge(other.leg);
    state.transferor = by;
    state.anchor = other.leg;
    state.isAnchorAnswered = true;
    state.far = null;
    state.visited = [];
    this.#call.go(place, party.extensionId ?? state.fromExtension?.id ?? null);
    return 'ok';
  }

  /**
   * The far end of `by` talks to the one at the other end of `replaces`, and the call of `replaces` ends. While that one
   * still rings, its call is dropped and the far end of `by` is sent to where it was going.
   */
  attended(by: LegId, second: Transfer, replaces: LegId): boolean {
    const theirs = second.#otherThan(replaces);
    if (theirs && this.#otherThan(by)) {
      second.#call.charges.handOver(theirs.leg, this.#call.charges);
      this.#takeOver(by, theirs.leg, theirs.party);
      second.#giveAway(theirs.leg);
      return true;
    }
    const { state } = second.#call;
    if (state.phase !== 'ringing' || state.callerLeg !== replaces) return false;
    second.#call.end({ result: 'cancelled', reason: 'transferred', blame: 'organization' });
    return this.blind(by, state.dialled) === 'ok';
  }

  /** Something rings or answers at the new place. */
  reached(place: string | null): void {
    const { state, engine } = this.#call;
    const { transferor } = state;
    if (!transferor) return;
    state.transferor = null;
    this.#call.trace('transferred', { to: place }, transferor);
    this.#call.send(engine.transferProgress(transferor, 'succeeded'));
    this.#call.letGo(transferor, CAUSE.normal);
  }

  /** Nothing more to try at the new place. False when no transferor waits. */
  takeBack(reason: Reason): boolean {
    const { state, engine } = this.#call;
    const { transferor } = state;
    if (!transferor) return false;
    state.transferor = null;
    this.#call.trace('transfer-failed', { reason }, transferor);
    this.#call.send(engine.transferProgress(transferor, 'failed'));
    if (state.phase === 'talking') this.#call.moveTo('ringing');
    this.#call.moveTo('talking');
    this.#call.talk(state.anchor, transferor);
    return true;
  }

  #takeOver(by: LegId, leg: LegId, party: Party): void {
    const { state, engine } = this.#call;
    this.#call.attach(leg);
    state.parties[leg] = party;
    if (by === state.anchor) state.anchor = leg;
    else state.far = leg;
    this.#call.trace('transferred', { by: state.parties[by]?.label ?? null, to: party.label }, leg);
    if (state.bridge) this.#call.send(engine.join(state.bridge, leg));
    this.#call.send(engine.transferProgress(by, 'succeeded'));
    this.#call.letGo(by, CAUSE.normal);
    this.#call.moveTo('talking');
  }

  #giveAway(leg: LegId): void {
    this.#call.gone(leg);
    this.#call.end({ result: 'answered', reason: 'transferred', blame: 'organization' });
  }

  /** The one who talks with the party at `leg`; null when nobody does. */
  #otherThan(leg: LegId): { leg: LegId; party: Party } | null {
    const { anchor, far, parties, phase } = this.#call.state;
    const other = leg === anchor ? far : leg === far ? anchor : null;
    const party = other && parties[other];
    return phase === 'talking' && other && party ? { leg: other, party } : null;
  }
}
