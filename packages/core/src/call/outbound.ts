/**
 * The one choke point: every leg to the outside, forwards and transfers included, is decided here and nowhere else.
 * A call takes its place among the concurrent calls and the calls of this second when it begins (`Limits.admit`), and a
 * further leg to the outside takes one more of this second's; here stand the destination, the caller ID, the carrier, and
 * what the leg may cost. Emergency numbers pass always.
 */
import type { CallerId, Destination } from '@littlepbx/engine/port';
import type { Charge } from '../spending/charge.ts';
import type { Reservation, Spender } from '../spending/spending.ts';
import type { NumberType, OutsideNumber } from '../tenancy/dialling.ts';
import type { Organization, Trunk } from '../tenancy/organization.ts';
import type { Reason } from './termination.ts';

/** Tariffs that cost more than a call: never allowed, in no country. */
const PREMIUM: readonly NumberType[] = ['premium', 'shared-cost', 'personal', 'pager'];

export type OutboundDecision =
  | {
      ok: true;
      to: Destination;
      callerId: CallerId;
      trunk: Trunk;
      label: string;
      /** Null: it costs nothing that is counted. */
      charge: Omit<Charge, 'leg'> | null;
    }
  | { ok: false; reason: Reason; detail?: Record<string, string> };

/** On whose behalf, and how. */
export interface OutboundWish {
  /** Its outbound number is shown. */
  extension: { id: string; outboundNumber: string | null } | null;
  /** Username of the phone that asked for it; null: nobody's of ours. */
  device: string | null;
  /** The caller withholds the number: the carrier is told it, and that it is not to be shown. Never for emergencies. */
  isPrivate: boolean;
  /** Not the call's first leg, which is covered by the place the call took at its beginning. */
  isFurther: boolean;
}

/** What is counted. */
export interface OutboundLimits {
  /** Takes one of the organization's calls of this second. */
  takeRate(organization: Organization): boolean;
  isDeviceSuspended(username: string): boolean;
  isExtensionSuspended(organization: Organization, id: string): boolean;
  reserve(organization: Organization, trunkId: string, number: OutsideNumber, by: Spender): Reservation;
}

/** Organization as it is now, never the pinned one: suspension, trunks, countries and limits act at once. */
export function outboundLeg(
  organization: Organization,
  to: { emergency: string } | OutsideNumber,
  { extension, device, isPrivate, isFurther }: OutboundWish,
  limits: OutboundLimits,
): OutboundDecision {
  const trunk = organization.trunks.find((t) => t.isOutbound);
  const number = extension?.outboundNumber ?? organization.defaultNumber ?? organization.numbers[0] ?? null;
  if ('emergency' in to) {
    if (!trunk) return { ok: false, reason: 'emergency-without-trunk' };
    const own = number !== null && organization.numbers.includes(number) ? number : (organization.numbers[0] ?? null);
    return leg(trunk, to.emergency, own, false, null);
  }
  if (organization.isSuspended) return { ok: false, reason: 'organization-suspended' };
  if (device !== null && limits.isDeviceSuspended(device)) return { ok: false, reason: 'device-suspended' };
  if (extension && limits.isExtensionSuspended(organization, extension.id)) {
    return { ok: false, reason: 'extension-suspended' };
  }
  if (PREMIUM.includes(to.type)) return { ok: false, reason: 'premium-number-blocked' };
  if (to.country === null || !organization.allowedCountries.includes(to.country)) {
    return { ok: false, reason: 'country-not-allowed' };
  }
  if (!trunk) return { ok: false, reason: 'no-trunk' };
  if (number === null || !organization.numbers.includes(number)) return { ok: false, reason: 'caller-id-not-owned' };
  if (isFurther && !limits.takeRate(organization)) return { ok: false, reason: 'too-many-calls-per-second' };
  const reservation = limits.reserve(organization, trunk.id, to, { extensionId: extension?.id ?? null, device });
  return reservation.ok ? leg(trunk, to.e164, number, isPrivate, reservation.charge) : reservation;
}

function leg(
  trunk: Trunk,
  number: string,
  callerNumber: string | null,
  isPrivate: boolean,
  charge: Omit<Charge, 'leg'> | null,
): OutboundDecision {
  return {
    ok: true,
    trunk,
    label: number,
    to: { kind: 'trunk', trunkId: trunk.id, number },
    callerId: { name: null, number: callerNumber, isPrivate },
    charge,
  };
}
