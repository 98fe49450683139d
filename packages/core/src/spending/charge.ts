/**
 * What one leg to the outside has used so far, as plain data: it is part of the call's state, so the journal keeps it and
 * a new brain counts on from it.
 */
import type { Rate } from './rates.ts';

/** What was used in one clock hour of the organization. */
export interface Part {
  /** When the hour began. */
  hour: number;
  /** It counts for the lower caps of nights and weekends. */
  isOff: boolean;
  calls: number;
  /** Of talking, milliseconds. */
  duration: number;
  /** Millionths. */
  cost: number;
}

export interface Charge {
  /** The leg it is about. */
  leg: string;
  /** On whose behalf, where it is known. */
  extensionId: string | null;
  /** Username of the phone that asked for it; null: a forward. */
  device: string | null;
  /** E.164. */
  number: string;
  country: string | null;
  /** Null: the trunk has no deck, and nothing is known to cost. */
  rate: Rate | null;
  currency: string | null;
  startedAt: number;
  answeredAt: number | null;
  endedAt: number | null;
  /** Talking that is taken from the caps already, from the answer on. Milliseconds. */
  granted: number;
  parts: Part[];
}

/** A part of a charge that is over, with whose it was: what the caps are counted from after a restart. */
export interface Spent extends Part {
  organizationId: string;
  extensionId: string | null;
}

/** Of all its legs. */
export function costOf(charges: readonly Charge[]): { cost: number; currency: string | null } {
  const parts = charges.flatMap((charge) => charge.parts);
  return {
    cost: parts.reduce((sum, part) => sum + part.cost, 0),
    currency: charges.find((charge) => charge.currency !== null)?.currency ?? null,
  };
}

/** What an ended call used, for the journal. */
export function spentBy(organizationId: string, charges: readonly Charge[]): Spent[] {
  return charges.flatMap(({ extensionId, parts }) => parts.map((part) => ({ ...part, organizationId, extensionId })));
}
