/** Series of single organizations, only of those asked for: thousands of them would be a burden on every scrape. */
import type { CallRegistry } from '@littlepbx/core/call/registry';
import { MetricsPage } from './exposition.ts';

const MAX_ORGANIZATIONS = 50;

export async function ofOrganizations(
  registry: Pick<CallRegistry, 'calls' | 'organizations'>,
  asked: readonly string[],
): Promise<string> {
  const known = [...new Set(asked)].filter((id) => registry.organizations.get(id) !== null).slice(0, MAX_ORGANIZATIONS);
  if (known.length === 0) return '';
  const counts = new Map(known.map((id) => [id, 0]));
  for (const { state } of registry.calls()) {
    const count = counts.get(state.organizationId);
    if (count !== undefined) counts.set(state.organizationId, count + 1);
  }
  const page = new MetricsPage();
  page.gauge('littlepbx_organization_calls', 'Calls in progress of this organization.', () =>
    [...counts].map(([organization, n]) => [{ organization }, n]),
  );
  return page.text();
}
