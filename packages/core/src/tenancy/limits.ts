/**
 * Limits: the organization's are the operator's alone (`updateOrganization`). An extension's may be lowered by its own
 * admin; only the operator raises one or takes it away, so that a stolen key of the organization can spend no more.
 */
import { type Access, forbidden, missing, ok, refuse } from './access.ts';
import type { Administration } from './administration.ts';
import {
  DEFAULT_LIMITS,
  type ExtensionControl,
  type ExtensionLimits,
  type Limits,
  NO_EXTENSION_LIMITS,
} from './organization.ts';
import { Complaints } from './validation.ts';
import type { LimitsChange } from './views.ts';

const MOST = {
  concurrentCalls: 100_000,
  callsPerSecond: 100_000,
  minutesPerHour: 10_000_000,
  minutesPerDay: 10_000_000,
  // A billion of the currency: sums stay exact.
  moneyPerHour: 1_000_000_000_000_000,
  moneyPerDay: 1_000_000_000_000_000,
} as const;
/** 100 TB. */
const MOST_OF_ORGANIZATION = { ...MOST, storageBytes: 100_000_000_000_000 } as const;
const MOST_OFF_HOURS = { fromHour: 23, toHour: 23, percent: 100 } as const;
const MOST_ANOMALY = {
  callsToNewCountry: 100_000,
  shortCallsPerMinute: 100_000,
  parallelCallsToPrefix: 100_000,
  moneyPerTenMinutes: MOST.moneyPerDay,
} as const;

function checkWholeNumbers(c: Complaints, field: string, values: object, most: Readonly<Record<string, number>>): void {
  for (const [name, max] of Object.entries(most)) {
    const value: unknown = (values as Record<string, unknown>)[name];
    if (value === undefined || value === null) continue;
    if (!(Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max)) {
      c.add(`${field}.${name}`, `must be a whole number from 0 to ${max}`);
    }
  }
}

/** What is left out stays as it was. */
export function changedLimits(c: Complaints, field: string, change: LimitsChange, before = DEFAULT_LIMITS): Limits {
  const { offHours = {}, anomaly = {}, ...numbers } = change;
  checkWholeNumbers(c, field, numbers, MOST_OF_ORGANIZATION);
  checkWholeNumbers(c, `${field}.offHours`, offHours, MOST_OFF_HOURS);
  checkWholeNumbers(c, `${field}.anomaly`, anomaly, MOST_ANOMALY);
  return {
    ...before,
    ...numbers,
    offHours: { ...before.offHours, ...offHours },
    anomaly: { ...before.anomaly, ...anomaly },
  };
}

/** Names of limits that the change raises or takes away. */
function raised(before: ExtensionLimits, after: ExtensionLimits): string[] {
  return (Object.keys(MOST) as (keyof ExtensionLimits)[]).filter((name) => {
    const [was, is] = [before[name], after[name]];
    return was !== null && (is === null || is > was);
  });
}

export const noControl = (extensionId: string): ExtensionControl => ({
  extensionId,
  limits: NO_EXTENSION_LIMITS,
  suspension: null,
});

type UseCases = Pick<Administration, 'getExtensionLimits' | 'updateExtensionLimits'>;

export function limitUseCases(access: Access): UseCases {
  return {
    getExtensionLimits: (actor, org, extension) =>
      access.inOrganization(actor, org, { scope: 'extensions:read' }, async (stores, row) => {
        const found = await stores.drafts.extension(row.id, extension);
        if (!found) return missing('extension', extension);
        return ok((await stores.controls.get(row.id, found.id))?.limits ?? NO_EXTENSION_LIMITS);
      }),

    updateExtensionLimits: (actor, org, extension, change) =>
      access.inOrganization(actor, org, { scope: 'extensions:write', write: true }, async (stores, row, effects) => {
        const found = await stores.drafts.extension(row.id, extension);
        if (!found) return missing('extension', extension);
        const c = new Complaints();
        checkWholeNumbers(c, 'limits', change, MOST);
        const invalid = c.refusal();
        if (invalid) return refuse(invalid);
        const control = (await stores.controls.get(row.id, found.id)) ?? noControl(found.id);
        const limits = { ...control.limits, ...change };
        const more = raised(control.limits, limits);
        if (actor.organizationId !== null && more.length > 0) {
          return forbidden(`only the operator may raise or remove a limit: ${more.join(', ')}`);
        }
        await stores.controls.put(row.id, { ...control, limits });
        effects.changed = true;
        return ok(limits);
      }),
  };
}
