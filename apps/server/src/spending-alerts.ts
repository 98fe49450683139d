/**
 * What calls tell of spending: logged, the latest of each organization kept for whoever asks, and what should be acted on
 * made an alert. `alerts/of-organizations.ts` says when those are over.
 */
import type { Alerts as AlertBook } from '@littlepbx/core/alerts/kinds';
import type { Alert, Alerts, Log } from '@littlepbx/core/ports';
import { capName } from '@littlepbx/core/spending/account';
import type { OrganizationId } from '@littlepbx/core/tenancy/organization';

const KEPT = 50;

export interface RecentAlerts extends Alerts {
  /** Newest first. */
  of(organizationId: OrganizationId): Alert[];
}

/** @param slugOf short name of an organization */
export function createAlerts(
  log: Log,
  book: Pick<AlertBook, 'raise'>,
  slugOf: (id: OrganizationId) => string | undefined,
): RecentAlerts {
  const recent = new Map<OrganizationId, Alert[]>();
  return {
    raise(alert) {
      const { id, organizationId, detail } = alert;
      const { extension, ...rest } = detail;
      const personal = extension == null ? {} : { personal: { extension } };
      log.warn('alert', { alert: id, organization: organizationId, ...rest, ...personal });
      recent.set(organizationId, [alert, ...(recent.get(organizationId) ?? [])].slice(0, KEPT));
      if (id === 'country-first-called') return;
      const { cap, reason } = detail;
      const facts = Object.fromEntries(
        Object.entries({ organization: slugOf(organizationId), extension, cap, reason }).flatMap(([name, value]) =>
          value == null ? [] : [[name, String(value)]],
        ),
      );
      book.raise(id, facts, { subject: subjectOf(alert), organizationId });
    },
    of: (organizationId) => recent.get(organizationId) ?? [],
  };
}

/** Of several that may stand at once: whose limit, and which; or the phone or extension. */
function subjectOf({ organizationId, detail }: Alert): string {
  const { cap, extensionId, isOffHours, device } = detail;
  if (typeof cap !== 'string') return String(device ?? extensionId);
  return capName(String(extensionId ?? organizationId), { id: cap as never, isOff: isOffHours === true });
}
