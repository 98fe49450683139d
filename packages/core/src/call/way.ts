/**
 * A call's way from place to place: what a number leads to is rung, by phones or by a carrier, and a forward leads on.
 *
 *     go ──> nowhere, a loop, refused by the choke point ──> fail
 *      ├───> extension ── forwarded always, not to be disturbed, busy, not answered ──> go
 *      ├───> outside, emergency: one leg by the trunk
 *      └───> a machine: echo, voicemail, boxes
 */
import { type Device, type Extension, type Organization, VOICEMAIL } from '../tenancy/organization.ts';
import type { CallParts } from './call-parts.ts';
import { type Attempt, MAX_HOPS, OUTSIDE_RING_TIME } from './call-state.ts';
import type { Charges } from './charges.ts';
import { type OutboundLimits, type OutboundWish, outboundLeg } from './outbound.ts';
import type { RingPlace } from './ringing.ts';
import { extensionById, type Place, placeFor } from './routing.ts';
import type { Termination } from './termination.ts';
import type { Voicemail } from './voicemail.ts';

/** The call around it. `state.visited`, `state.lastTried` and `state.trunkId` are this file's, but that a transfer begins anew. */
export interface WayCall extends CallParts {
  /** Pinned. */
  organization: Organization;
  /** As it is now. */
  now(): Organization;
  devicesOf(extensionId: string): readonly Device[];
  outbound: OutboundLimits;
  charges: Charges;
  voicemail: Pick<Voicemail, 'deposit' | 'menu'>;
  ring(place: RingPlace): void;
  echo(): void;
  /** Nothing more to try. */
  fail(termination: Termination): void;
}

export class Way {
  readonly #call: WayCall;

  constructor(call: WayCall) {
    this.#call = call;
  }

  /** @param onBehalfOf extension whose outbound number is shown when the place is outside */
  go(place: Place, onBehalfOf: string | null): void {
    const { voicemail } = this.#call;
    switch (place.kind) {
      case 'nowhere':
        this.#call.trace('refused', { reason: place.reason });
        return this.#call.fail({ result: 'refused', reason: place.reason, blame: 'caller' });
      case 'echo':
        return this.#call.echo();
      case 'voicemail':
        return voicemail.deposit(place.extension, place.isBusy);
      case 'boxes':
        return voicemail.menu(place.isAny);
      case 'extension':
        return this.#toExtension(place.extension);
      default:
        return this.#outside(place, onBehalfOf);
    }
  }

  /** Nobody answered there: on to where its forwards lead, or over. */
  nobodyAnswered(outcome: Termination, attempt: Attempt): void {
    const forward = outcome.result === 'busy' ? attempt.onBusy : attempt.onNoAnswer;
    const extension = attempt.extensionId ? extensionById(this.#call.organization, attempt.extensionId) : null;
    if (forward !== null && extension) {
      this.#forward(forward, extension, outcome.result === 'busy' ? 'busy' : 'no-answer');
    } else this.#call.fail(outcome);
  }

  #outside(place: Extract<Place, { kind: 'outside' | 'emergency' }>, onBehalfOf: string | null): void {
    const { state, organization, outbound, charges } = this.#call;
    const label = place.kind === 'emergency' ? place.number : place.number.e164;
    if (this.#isLoop(label)) return;
    const extension = onBehalfOf ? extensionById(organization, onBehalfOf) : null;
    const what = place.kind === 'emergency' ? { emergency: place.number } : place.number;
    const { transferor } = state;
    const wish: OutboundWish = {
      extension,
      device: (transferor ? state.parties[transferor]?.device : null) ?? state.fromDevice,
      isPrivate: state.fromExtension !== null && state.callerId.isPrivate === true,
      isFurther: state.visited.length > 1 || transferor !== null,
    };
    const decision = outboundLeg(this.#call.now(), what, wish, outbound);
    if (!decision.ok) {
      this.#call.trace('refused', { to: label, reason: decision.reason, ...decision.detail });
      return this.#call.fail({ result: 'refused', reason: decision.reason, blame: 'organization' });
    }
    state.trunkId = decision.trunk.id;
    state.lastTried = label;
    if (place.kind === 'emergency') state.isEmergency = true;
    this.#call.ring({
      label,
      targets: [{ to: decision.to, party: { kind: 'trunk', extensionId: null, device: null, label } }],
      callerId: decision.callerId,
      onBusy: null,
      onNoAnswer: null,
      extensionId: null,
      ringTime: OUTSIDE_RING_TIME,
    });
    const leg = state.attempt?.legs[0]?.id;
    if (leg && decision.charge) charges.begin(leg, decision.charge);
  }

  #toExtension(extension: Extension): void {
    const { state, outbound } = this.#call;
    if (this.#isLoop(extension.id)) return;
    if (outbound.isExtensionSuspended(this.#call.now(), extension.id)) {
      this.#call.trace('refused', { to: extension.number, reason: 'extension-suspended' });
      return this.#call.fail({ result: 'refused', reason: 'extension-suspended', blame: 'organization' });
    }
    if (extension.forwardAlways !== null) return this.#forward(extension.forwardAlways, extension, 'always');
    state.lastTried = extension.number;
    if (extension.doNotDisturb) return this.#undisturbed(extension);
    const devices = this.#call.devicesOf(extension.id).filter((d) => d.username !== state.fromDevice);
    this.#call.ring({
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

  #undisturbed(extension: Extension): void {
    const reason = 'do-not-disturb';
    if (extension.forwardBusy !== null) return this.#forward(extension.forwardBusy, extension, reason);
    this.#call.trace('refused', { to: extension.number, reason });
    this.#call.fail({ result: 'busy', reason, blame: 'callee' });
  }

  #forward(to: string, extension: Extension, why: 'always' | 'busy' | 'do-not-disturb' | 'no-answer'): void {
    this.#call.trace('forwarded', { from: extension.number, to, why });
    const isOwnBox = to === VOICEMAIL;
    const place: Place = isOwnBox
      ? { kind: 'voicemail', extension, isBusy: why === 'busy' }
      : placeFor(to, this.#call.organization);
    this.go(place, extension.id);
  }

  #isLoop(place: string): boolean {
    const { visited } = this.#call.state;
    if (!visited.includes(place) && visited.length < MAX_HOPS) {
      visited.push(place);
      return false;
    }
    this.#call.trace('forward-loop', { hops: visited.length });
    this.#call.fail({ result: 'failed', reason: 'forward-loop', blame: 'organization' });
    return true;
  }
}
