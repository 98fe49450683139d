/** What an organization used of its caps, from the brain's memory. */
import type { CallRegistry } from '@littlepbx/core/call/registry';
import type { Account, Tally } from '@littlepbx/core/spending/account';
import type { OrganizationId } from '@littlepbx/core/tenancy/organization';
import type { Usage } from './http/live.ts';
import type { RecentAlerts } from './spending-alerts.ts';

export function usageOf(registry: CallRegistry, alerts: RecentAlerts, id: OrganizationId): Usage | null {
  const organization = registry.organizations.get(id);
  if (!organization) return null;
  const { windows, own, extensions } = registry.spending.usageOf(organization);
  const outbound = organization.trunks.find((trunk) => trunk.isOutbound);
  const numbers = new Map(organization.revision.content.extensions.map((e) => [e.id, e.number]));
  const { limits, timeZone } = organization;
  return {
    timeZone,
    currency: (outbound && registry.spending.deckOf(outbound.id)?.currency) ?? null,
    isOffHours: windows.isOff,
    hour: { since: windows.hour, ...plain(own.hour) },
    day: { since: windows.day, ...plain(own.day) },
    callsInProgress: own.live,
    caps: own
      .caps(limits, limits.offHours.percent, windows)
      .map(({ id, isOff, used, limit }) => ({ id, isOffHours: isOff, used, limit })),
    extensions: [...extensions]
      .filter(([, account]) => account.day.calls > 0 || account.live > 0)
      .map(([extensionId, account]: [string, Account]) => ({
        extensionId,
        extension: numbers.get(extensionId) ?? null,
        hour: plain(account.hour),
        day: plain(account.day),
        callsInProgress: account.live,
      })),
    alerts: alerts.of(id).map(({ id: alert, at, detail }) => ({ id: alert, at, detail })),
  };
}

const plain = ({ calls, duration, cost }: Tally): Tally => ({ calls, duration, cost });
