/** Carrier connections: the operator's, and at once in effect. */
import { type Access, KEY_PATTERN, missing, ok, pageOf, refuse, refuseField } from './access.ts';
import type { Administration } from './administration.ts';
import type { Trunk } from './organization.ts';
import type { Outcome } from './outcome.ts';
import { staleRefusal } from './stale.ts';
import type { StoreSet } from './stores.ts';
import { Complaints, changedTrunk, checkTrunk, completeTrunk } from './validation.ts';
import type { TrunkView } from './views.ts';

export function trunkView({ password, ...trunk }: Trunk): TrunkView {
  return { ...trunk, hasPassword: password !== null };
}

/** The trunk as it is to be stored, or why not. */
async function checked(stores: StoreSet, organizationId: string, t: Trunk): Promise<Outcome<Trunk>> {
  const c = new Complaints();
  const trunk = checkTrunk(c, t);
  const invalid = c.refusal();
  if (invalid) return refuse(invalid);
  for (const other of await stores.trunks.all(organizationId)) {
    if (other.id === trunk.id) continue;
    if (other.isInbound && trunk.isInbound) {
      return refuseField('conflict', 'isInbound', `trunk "${other.name}" is the inbound one already`);
    }
    if (other.isOutbound && trunk.isOutbound) {
      return refuseField('conflict', 'isOutbound', `trunk "${other.name}" is the outbound one already`);
    }
  }
  return ok(trunk);
}

type UseCases = Pick<Administration, 'listTrunks' | 'getTrunk' | 'createTrunk' | 'updateTrunk' | 'deleteTrunk'>;

export function trunkUseCases(access: Access): UseCases {
  const { ids } = access.ports;
  const write = { scope: 'trunks:write', operatorOnly: true, write: true } as const;
  return {
    listTrunks: (actor, org, page) =>
      access.inOrganization(actor, org, { scope: 'trunks:read' }, (stores, row) =>
        pageOf(
          page,
          KEY_PATTERN.uuid,
          (slice) => stores.trunks.list(row.id, slice),
          (trunk) => trunk.id,
          (rows) => rows.map(trunkView),
        ),
      ),

    getTrunk: (actor, org, trunk) =>
      access.inOrganization(actor, org, { scope: 'trunks:read' }, async (stores, row) => {
        const found = await stores.trunks.get(row.id, trunk);
        return found ? ok(trunkView(found)) : missing('trunk', trunk);
      }),

    createTrunk: (actor, org, t) =>
      access.inOrganization(actor, org, write, async (stores, row, effects) => {
        const outcome = await checked(stores, row.id, completeTrunk(ids.next(), t));
        if (!outcome.ok) return outcome;
        await stores.trunks.insert(row.id, outcome.value);
        effects.changed = true;
        return ok(trunkView(outcome.value));
      }),

    updateTrunk: (actor, org, trunk, { expected, ...change }) =>
      access.inOrganization(actor, org, write, async (stores, row, effects) => {
        const found = await stores.trunks.get(row.id, trunk);
        if (!found) return missing('trunk', trunk);
        const thing = { organizationId: row.id, resource: 'trunk', resourceId: found.id };
        const stale = await staleRefusal<Trunk>(stores, thing, found, change, expected);
        if (stale) return stale;
        const outcome = await checked(stores, row.id, changedTrunk(found, change));
        if (!outcome.ok) return outcome;
        await stores.trunks.update(row.id, outcome.value);
        effects.changed = true;
        return ok(trunkView(outcome.value));
      }),

    deleteTrunk: (actor, org, trunk) =>
      access.inOrganization(actor, org, write, async (stores, row, effects) => {
        const found = await stores.trunks.get(row.id, trunk);
        if (!found) return missing('trunk', trunk);
        await stores.trunks.delete(row.id, found.id);
        effects.changed = true;
        return ok(null);
      }),
  };
}
