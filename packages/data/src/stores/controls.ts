import type { ExtensionControl } from '@littlepbx/core/tenancy/organization';
import type { ControlStore } from '@littlepbx/core/tenancy/stores';
import type { Transaction } from '../tenant-db.ts';

export function controlStore(trx: Transaction): ControlStore {
  return {
    async get(organizationId, extensionId) {
      const row = await trx
        .selectFrom('extension_control')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where('extension_id', '=', extensionId)
        .executeTakeFirst();
      return row ? { extensionId, limits: row.limits, suspension: row.suspension } : null;
    },
    async put(organizationId, { extensionId, limits, suspension }: ExtensionControl) {
      const set = { limits: JSON.stringify(limits), suspension: suspension && JSON.stringify(suspension) };
      await trx
        .insertInto('extension_control')
        .values({ extension_id: extensionId, organization_id: organizationId, ...set })
        .onConflict((c) => c.column('extension_id').doUpdateSet(set))
        .execute();
    },
  };
}
