/**
 * The one choke point: every leg to the outside, forwards and transfers included, is decided here and nowhere else.
 * A call takes its place among the concurrent calls and the calls of this second when it begins (`Limits.admit`), and a
 * further leg to the outside takes one more of this second's (`takeRate`, asked by the one caller of this function);
 * here stand the destination, the caller ID and the carrier. Emergency numbers pass always.
 */
import type { CallerId, Destination } from '@littlepbx/engine/port';
import type { NumberType, OutsideNumber } from '../tenancy/dialling.ts';
import type { Organization, Trunk } from '../tenancy/organization.ts';
import type { Reason } from './termination.ts';

/** Tariffs that cost more than a call: never allowed, in no country. */
const PREMIUM: readonly NumberType[] = ['premium', 'shared-cost', 'personal', 'pager'];

export type OutboundDecision =
  | { ok: true; to: Destination; callerId: CallerId; trunk: Trunk; label: string }
  | { ok: false; reason: Reason };

/** Organization as it is now, never the pinned one: suspension, trunks and countries act at once. */
export function outboundLeg(
  organization: Organization,
  to: { emergency: string } | OutsideNumber,
  /** Extension on whose behalf: its outbound number is shown. */
  onBehalfOf: { outboundNumber: string | null } | null,
  /** The caller withholds the number: the carrier is told it, and that it is not to be shown. Never for emergencies. */
  isPrivate = false,
): OutboundDecision {
  const trunk = organization.trunks.find((t) => t.isOutbound);
  const number = onBehalfOf?.outboundNumber ?? organization.defaultNumber ?? organization.numbers[0] ?? null;
  if ('emergency' in to) {
    if (!trunk) return { ok: false, reason: 'emergency-without-trunk' };
    const own = number !== null && organization.numbers.includes(number) ? number : (organization.numbers[0] ?? null);
    return leg(trunk, to.emergency, own, false);
  }
  if (organization.isSuspended) return { ok: false, reason: 'organization-suspended' };
  if (PREMIUM.includes(to.type)) return { ok: false, reason: 'premium-number-blocked' };
  if (to.country === null || !organization.allowedCountries.includes(to.country)) {
    return { ok: false, reason: 'country-not-allowed' };
  }
  if (!trunk) return { ok: false, reason: 'no-trunk' };
  if (number === null || !organization.numbers.includes(number)) return { ok: false, reason: 'caller-id-not-owned' };
  return leg(trunk, to.e164, number, isPrivate);
}

function leg(trunk: Trunk, number: string, callerNumber: string | null, isPrivate: boolean): OutboundDecision {
  return {
    ok: true,
    trunk,
    label: number,
    to: { kind: 'trunk', trunkId: trunk.id, number },
    callerId: { name: null, number: callerNumber, isPrivate },
  };
}
