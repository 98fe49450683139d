/**
 * How much an organization may have: the operator's decision. What is there stays when a quota is lowered. Every use
 * case that adds holds the organization's lock, so two at once cannot both take the last place.
 */
import { refuse } from './access.ts';
import type { OrganizationRow, StoreSet } from './stores.ts';

export const QUOTAS = ['extensions', 'devices', 'numbers', 'keys'] as const;
export type Quota = (typeof QUOTAS)[number];
export type Quotas = Record<Quota, number>;

/** What a new organization gets when the operator says nothing. */
export const DEFAULT_QUOTAS: Quotas = { extensions: 1000, devices: 3000, numbers: 1000, keys: 100 };

/** Null when there is room for so many more; else why not. */
export async function quotaRefusal(stores: StoreSet, row: OrganizationRow, quota: Quota, more = 1) {
  const used = await stores.organizations.count(row.id, quota);
  const most = row.quotas[quota];
  if (used + more <= most) return null;
  const asked = more === 1 ? '' : `, ${more} more are asked for`;
  return refuse({
    id: 'quota-reached',
    message: `${quota}: ${used} of ${most} are there${asked}; the operator can allow more`,
  });
}
