/**
 * What a person sees and may change who is bound to one extension (role `user`, decision 0016). `Access` refuses such an
 * actor everything; use cases that say `forUsers` look themselves whose things they are, by what stands here.
 *
 * Such a person sees what is in effect, not the draft, and what it changes is in effect at once.
 */
import { contentChanges } from '../config/diff.ts';
import type { Clock } from '../ports.ts';
import { type Access, type Effects, forbidden, missing, ok, refuse } from './access.ts';
import type { Actor } from './actor.ts';
import type { Administration } from './administration.ts';
import type { Extension, RevisionContent } from './organization.ts';
import type { Outcome } from './outcome.ts';
import { appliedContent, insertRevision } from './publishing.ts';
import { staleRefusal } from './stale.ts';
import type { OrganizationRow, StoreSet } from './stores.ts';
import { Complaints, checkExtension, missingForwards } from './validation.ts';
import type { ExtensionChange } from './views.ts';

/** Where one's calls go is one's own; name, number and what callers outside see are the office's. */
const OWN_FIELDS: readonly (keyof ExtensionChange)[] = [
  'ringTimeInS',
  'doNotDisturb',
  'forwardAlways',
  'forwardBusy',
  'forwardNoAnswer',
  'language',
];

/** Whether the actor may know of this extension. */
export function isOwn(actor: Actor, extensionId: string | undefined): boolean {
  return actor.onlyExtension === undefined || actor.onlyExtension === extensionId;
}

/** The extension as it is in effect, of content that was applied. */
function named(content: RevisionContent, numberOrId: string): Extension | undefined {
  return content.extensions.find((e) => e.id === numberOrId || e.number === numberOrId);
}

/** The actor's own extension in effect, when it is this one; else null. */
export async function ownInEffect(
  actor: Actor,
  stores: StoreSet,
  row: OrganizationRow,
  numberOrId: string,
): Promise<Extension | null> {
  const found = named(await appliedContent(stores, row), numberOrId);
  return found && isOwn(actor, found.id) ? found : null;
}

/**
 * Changes the actor's own extension in the applied revision and in the draft alike. What waits in the draft goes on waiting;
 * of two who change the same field the last one counts, in both.
 */
export async function changeOwnExtension(
  clock: Clock,
  actor: Actor,
  stores: StoreSet,
  row: OrganizationRow,
  effects: Effects,
  numberOrId: string,
  { expected, ...change }: ExtensionChange & { expected?: Partial<Extension> },
): Promise<Outcome<Extension>> {
  const applied = await appliedContent(stores, row);
  const found = named(applied, numberOrId);
  if (!found || !isOwn(actor, found.id)) return missing('extension', numberOrId);
  const foreign = Object.keys(change).find((field) => !OWN_FIELDS.includes(field as keyof ExtensionChange));
  if (foreign !== undefined) return forbidden(`${foreign}: only an admin may change it`);
  const thing = { organizationId: row.id, resource: 'extension', resourceId: found.id };
  const stale = await staleRefusal(stores, thing, found, change, expected);
  if (stale) return stale;

  const others = applied.extensions.filter((e) => e.id !== found.id);
  const context = {
    country: row.country,
    numbers: new Set(await stores.numbers.all(row.id)),
    others: new Map(others.map((e) => [e.number, e.id])),
  };
  const c = new Complaints();
  const after = checkExtension(c, { ...found, ...change }, context);
  for (const field of missingForwards(after, row.country, new Set(context.others.keys()))) {
    if (field in change) c.add(field, `there is no extension ${after[field as 'forwardBusy']}`);
  }
  const invalid = c.refusal();
  if (invalid) return refuse(invalid);

  const content = { ...applied, extensions: applied.extensions.map((e) => (e.id === found.id ? after : e)) };
  if (contentChanges(applied, content).length === 0) return ok(found);
  await insertRevision(clock, actor, stores, row, content, `Extension ${found.number}, by its user`);
  const draft = await stores.drafts.extension(row.id, found.id);
  const changed = Object.fromEntries(Object.keys(change).map((field) => [field, after[field as keyof Extension]]));
  if (draft) await stores.drafts.updateExtension(row.id, { ...draft, ...changed });
  effects.changed = true;
  return ok(after);
}

type Things = ReturnType<Administration['ownThings']>;

export function ownExtensionUseCases(access: Access): Pick<Administration, 'ownThings'> {
  return {
    ownThings: (actor, org) =>
      access.inOrganization(actor, org, { scope: null, forUsers: true }, async (stores, row): Things => {
        const id = actor.onlyExtension;
        if (id === undefined) return ok({ organizationId: row.id, only: null });
        const number = named(await appliedContent(stores, row), id)?.number ?? null;
        return ok({
          organizationId: row.id,
          only: { id, number, devices: await stores.devices.usernames(row.id, id) },
        });
      }),
  };
}
