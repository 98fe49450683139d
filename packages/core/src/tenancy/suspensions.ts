/**
 * Suspension of a phone, an extension or an organization: at once, until it is taken back. It registers no more, is not
 * rung, and calls nobody but emergency services. Calls in progress go on or end, as the request says.
 */
import { type Access, type Effects, forbidden, missing, noEffects, ok } from './access.ts';
import type { Actor } from './actor.ts';
import type { Administration } from './administration.ts';
import { bySystem } from './audit-entry.ts';
import { deviceView, withDevice } from './devices.ts';
import { noControl } from './limits.ts';
import type { Suspension } from './organization.ts';
import { organizationView } from './organizations.ts';
import type { Outcome } from './outcome.ts';
import type { DeviceRow, OrganizationRow, StoreSet } from './stores.ts';
import { Complaints, checkNote } from './validation.ts';

const SYSTEM = 'fraud-watch';

type UseCases = Pick<
  Administration,
  | 'suspendDevice'
  | 'unsuspendDevice'
  | 'suspendExtension'
  | 'getExtensionSuspension'
  | 'unsuspendExtension'
  | 'suspendOrganization'
  | 'unsuspendOrganization'
  | 'suspendByItself'
>;

export function suspensionUseCases(access: Access): UseCases {
  const { clock, stores: all, publisher } = access.ports;

  const suspension = (actor: Actor, reason: string | undefined): Suspension => ({
    by: actor.organizationId === null ? 'operator' : 'organization',
    reason: checkNote(new Complaints(), 'reason', reason ?? ''),
    at: clock.now(),
  });

  async function suspendDevice(stores: StoreSet, device: DeviceRow, what: Suspension): Promise<DeviceRow> {
    // The operator's own stands: nobody else may take it back by suspending once more.
    const stands = device.suspension?.by === 'operator' && what.by !== 'operator';
    const kept = stands ? device.suspension : what;
    await stores.devices.update(device.organizationId, device.username, { suspension: kept });
    return { ...device, suspension: kept };
  }

  async function suspendExtension(
    stores: StoreSet,
    organizationId: string,
    extensionId: string,
    what: Suspension,
    effects: Effects,
    calls: 'end' | 'keep',
  ): Promise<Suspension> {
    const control = (await stores.controls.get(organizationId, extensionId)) ?? noControl(extensionId);
    const stands = control.suspension?.by === 'operator' && what.by !== 'operator';
    const kept = stands ? control.suspension! : what;
    await stores.controls.put(organizationId, { ...control, suspension: kept });
    effects.changed = true;
    effects.unregistered.push(...(await stores.devices.usernames(organizationId, extensionId)));
    if (calls === 'end') effects.endedCalls.push({ of: 'extension', id: extensionId });
    return kept;
  }

  const mayLift = (actor: Actor, is: Suspension | null) => actor.organizationId === null || is?.by !== 'operator';
  const onlyOperator = () => forbidden('the operator suspended it, and only the operator may take that back');

  function ofOrganization<T>(
    actor: Actor,
    org: string,
    fn: (stores: StoreSet, row: OrganizationRow, effects: Effects) => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> {
    return access.inOrganization(actor, org, { scope: 'organizations:write', operatorOnly: true, write: true }, fn);
  }
  const ofExtension = { scope: 'extensions:write', write: true } as const;

  return {
    suspendDevice: (actor, username, { calls, reason }) =>
      withDevice(access, actor, username, async (stores, device, effects) => {
        const now = await suspendDevice(stores, device, suspension(actor, reason));
        effects.changed = true;
        effects.unregistered.push(username);
        if (calls === 'end') effects.endedCalls.push({ of: 'device', id: username });
        return ok(await deviceView(stores, now));
      }),

    unsuspendDevice: (actor, username) =>
      withDevice(access, actor, username, async (stores, device, effects) => {
        if (!mayLift(actor, device.suspension)) return onlyOperator();
        await stores.devices.update(device.organizationId, username, { suspension: null });
        effects.changed = true;
        return ok(await deviceView(stores, { ...device, suspension: null }));
      }),

    suspendExtension: (actor, org, extension, { calls, reason }) =>
      access.inOrganization(actor, org, ofExtension, async (stores, row, effects) => {
        const found = await stores.drafts.extension(row.id, extension);
        if (!found) return missing('extension', extension);
        const what = suspension(actor, reason);
        return ok({ suspension: await suspendExtension(stores, row.id, found.id, what, effects, calls) });
      }),

    getExtensionSuspension: (actor, org, extension) =>
      access.inOrganization(actor, org, { scope: 'extensions:read' }, async (stores, row) => {
        const found = await stores.drafts.extension(row.id, extension);
        if (!found) return missing('extension', extension);
        return ok({ suspension: (await stores.controls.get(row.id, found.id))?.suspension ?? null });
      }),

    unsuspendExtension: (actor, org, extension) =>
      access.inOrganization(actor, org, ofExtension, async (stores, row, effects) => {
        const found = await stores.drafts.extension(row.id, extension);
        if (!found) return missing('extension', extension);
        const control = await stores.controls.get(row.id, found.id);
        if (!mayLift(actor, control?.suspension ?? null)) return onlyOperator();
        if (control) await stores.controls.put(row.id, { ...control, suspension: null });
        effects.changed = true;
        return ok({ suspension: null });
      }),

    suspendOrganization: (actor, org, { calls }) =>
      ofOrganization(actor, org, async (stores, row, effects) => {
        await stores.organizations.update(row.id, { isSuspended: true });
        effects.changed = true;
        effects.unregistered.push(...(await stores.devices.usernames(row.id)));
        if (calls === 'end') effects.endedCalls.push({ of: 'organization', id: row.id });
        return ok(await organizationView(stores, { ...row, isSuspended: true }));
      }),

    unsuspendOrganization: (actor, org) =>
      ofOrganization(actor, org, async (stores, row, effects) => {
        await stores.organizations.update(row.id, { isSuspended: false });
        effects.changed = true;
        return ok(await organizationView(stores, { ...row, isSuspended: false }));
      }),

    async suspendByItself({ organizationId, kind, id, reason, at }) {
      const what: Suspension = { by: 'system', reason, at };
      const author = bySystem(SYSTEM);
      return access.guard(async () => {
        const unregistered = await all.withOrganization(
          organizationId,
          async (stores) => {
            if (!(await stores.organizations.lock(organizationId))) return [];
            const effects = noEffects();
            if (kind === 'extension') await suspendExtension(stores, organizationId, id, what, effects, 'end');
            else {
              const device = await stores.devices.find(id);
              if (device) await suspendDevice(stores, device, what);
              effects.unregistered.push(id);
            }
            return effects.unregistered;
          },
          author,
        );
        await publisher.organizationChanged(organizationId);
        await publisher.devicesUnregistered(unregistered);
        return ok(null);
      });
    },
  };
}
