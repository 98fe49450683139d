/** Alerts of the brain: logged, and the latest of each organization kept for whoever asks. */
import type { Alert, Alerts, Log } from '@littlepbx/core/ports';
import type { OrganizationId } from '@littlepbx/core/tenancy/organization';

const KEPT = 50;

export interface RecentAlerts extends Alerts {
  /** Newest first. */
  of(organizationId: OrganizationId): Alert[];
}

export function createAlerts(log: Log): RecentAlerts {
  const recent = new Map<OrganizationId, Alert[]>();
  return {
    raise(alert) {
      const { id, organizationId, detail } = alert;
      log.warn('alert', { alert: id, organization: organizationId, ...detail });
      recent.set(organizationId, [alert, ...(recent.get(organizationId) ?? [])].slice(0, KEPT));
    },
    of: (organizationId) => recent.get(organizationId) ?? [],
  };
}
