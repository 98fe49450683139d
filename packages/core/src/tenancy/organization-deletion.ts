/**
 * The end of an organization:
 *
 *     living ── delete ──> deleted ── 7 days later, or at once by choice ──> erased
 *        ^                    │
 *        └────── restore ─────┘
 *
 * Deleted, it has no calls, no keys and no phones, and keeps its short name and numbers so that it can come back whole; its
 * export is still to be had. Erased, nothing is left but its entries in the audit log.
 */
import { type Access, ok, refuseField } from './access.ts';
import type { Administration } from './administration.ts';
import { bySystem } from './audit-entry.ts';
import { deviceViews } from './devices.ts';
import { numberViews } from './numbers.ts';
import type { OrganizationId } from './organization.ts';
import { organizationView } from './organizations.ts';
import type { Outcome } from './outcome.ts';
import type { Slice } from './stores.ts';
import { trunkView } from './trunks.ts';
import type { FileView, OrganizationExport } from './views.ts';

/** How long a deleted organization can be restored. Milliseconds. */
export const RESTORABLE_FOR = 7 * 86_400_000;

export const ERASE_JOB = 'erase-organization';
interface EraseJob {
  organizationId: OrganizationId;
  /** One that was restored and deleted again has a later one, and a job of its own. */
  deletedAt: number;
}

type UseCases = Pick<
  Administration,
  'deleteOrganization' | 'restoreOrganization' | 'exportOrganization' | 'eraseOrganization'
>;

export function organizationDeletionUseCases(access: Access): UseCases {
  const { clock, files, publisher, stores: all } = access.ports;
  const write = {
    scope: 'organizations:write',
    operatorOnly: true,
    write: true,
    isLong: true,
    deletedToo: true,
  } as const;

  return {
    async deleteOrganization(actor, org, { confirm, isErasedNow }) {
      return access.inOrganization(actor, org, write, async (stores, row, effects) => {
        if (confirm !== row.slug) return refuseField('invalid', 'confirm', 'must be the short name of what is deleted');
        // Deleting twice is the same as once.
        const deletedAt = row.deletedAt ?? clock.now();
        if (row.deletedAt === null) {
          await stores.organizations.update(row.id, { deletedAt });
          const payload: EraseJob = { organizationId: row.id, deletedAt };
          await stores.jobs.add({
            kind: ERASE_JOB,
            organizationId: row.id,
            payload,
            runAt: deletedAt + RESTORABLE_FOR,
          });
        }
        effects.changed = true;
        if (isErasedNow) {
          effects.unregistered.push(...(await stores.devices.deleteAllBut(row.id, [])));
          effects.endedCalls.push({ of: 'organization', id: row.id });
          await stores.organizations.erase(row.id);
          effects.isErased = true;
        }
        return ok(row.id);
      });
    },

    restoreOrganization: (actor, org) =>
      access.inOrganization(actor, org, write, async (stores, row, effects) => {
        await stores.organizations.update(row.id, { deletedAt: null });
        effects.changed = true;
        return ok(await organizationView(stores, { ...row, deletedAt: null }));
      }),

    async eraseOrganization(payload) {
      const { organizationId, deletedAt } = payload as EraseJob;
      const isErased = await all.asOperator(
        async (stores) => {
          const row = await stores.organizations.lock(organizationId);
          if (row?.deletedAt !== deletedAt) return false;
          await stores.organizations.erase(organizationId);
          return true;
        },
        bySystem('deletion'),
        true,
      );
      if (!isErased) return;
      await publisher.organizationChanged(organizationId);
      await files.erase(organizationId);
    },

    exportOrganization: (actor, org) =>
      access.inOrganization(
        actor,
        org,
        { scope: 'organizations:write', operatorOnly: true, isLong: true, deletedToo: true },
        async (stores, row): Promise<Outcome<OrganizationExport>> => {
          const { id } = row;
          const draft = await stores.drafts.content(id);
          const numbers = await everything(
            (slice) => stores.numbers.list(id, slice),
            (n) => n.number,
          );
          const revisions = await everything(
            (slice) => stores.revisions.list(id, slice),
            (r) => String(r.number),
          );
          const contents = [];
          for (const revision of revisions) {
            const content = await stores.revisions.content(id, revision.number);
            if (content) contents.push({ ...revision, isCurrent: revision.number === row.currentRevision, content });
          }
          return ok({
            exportedAt: clock.now(),
            organization: await organizationView(stores, row),
            extensions: draft.extensions,
            devices: await deviceViews(stores, await stores.devices.all(id)),
            numbers: await numberViews(stores, id, numbers),
            trunks: (await stores.trunks.all(id)).map(trunkView),
            revisions: contents,
            keys: await everything(
              (slice) => stores.keys.list(id, slice),
              (k) => k.id,
            ),
            files: (await everything(
              (slice) => stores.files.list(id, {}, slice),
              (f) => `${f.createdAt}:${f.id}`,
            )) as FileView[],
            webhooks: await everything(
              (slice) => stores.webhooks.list(id, slice),
              (w) => w.id,
            ),
          });
        },
      ),
  };
}

/** All of a list, as one transaction sees it. */
async function everything<T>(read: (slice: Slice) => Promise<T[]>, key: (item: T) => string): Promise<T[]> {
  const limit = 1_000;
  const all: T[] = [];
  for (let after: string | null = null; ; ) {
    const part: T[] = await read({ after, limit });
    all.push(...part);
    if (part.length < limit) return all;
    after = key(part.at(-1)!);
  }
}
