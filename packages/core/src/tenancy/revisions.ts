/** Draft, apply, rollback. A revision is published in one transaction, and live when `apply` resolves. */

import { contentChanges, EMPTY_CONTENT } from '../config/diff.ts';
import { type Access, type Effects, KEY_PATTERN, missing, ok, pageOf, refuse } from './access.ts';
import type { Actor } from './actor.ts';
import type { Administration } from './administration.ts';
import type { Extension, RevisionContent } from './organization.ts';
import { quotaRefusal } from './quotas.ts';
import type { OrganizationRow, RevisionRow, StoreSet } from './stores.ts';
import { Complaints, checkExtension, checkNote, missingForwards } from './validation.ts';
import type { DraftChange, RevisionView } from './views.ts';

type UseCases = Pick<
  Administration,
  'draftChanges' | 'apply' | 'discardDraft' | 'rollback' | 'listRevisions' | 'getRevision'
>;

export function revisionUseCases(access: Access): UseCases {
  const { clock } = access.ports;
  const write = { scope: 'revisions:write', write: true } as const;

  const applied = async (stores: StoreSet, row: OrganizationRow): Promise<RevisionContent> =>
    (await stores.revisions.content(row.id, row.currentRevision)) ?? EMPTY_CONTENT;

  /** The one place where a revision comes into being. The draft equals `content`, which was found valid. */
  async function publish(
    actor: Actor,
    stores: StoreSet,
    row: OrganizationRow,
    effects: Effects,
    content: RevisionContent,
    note: string | null,
  ): Promise<RevisionView> {
    const revision: RevisionRow = {
      number: (await stores.revisions.last(row.id)) + 1,
      appliedAt: clock.now(),
      appliedBy: actor.name,
      note,
    };
    await stores.revisions.insert(row.id, revision, actor.id, content);
    await stores.organizations.update(row.id, { currentRevision: revision.number });
    const kept = content.extensions.map((e) => e.id);
    // Told to the brain as a change, not as revoked: an apply ends no call, and a device that is gone gets no new one.
    await stores.devices.deleteAllBut(row.id, kept);
    const messages = await stores.voicemail.deleteAllBut(row.id, kept);
    effects.removed.push(...messages.map((id) => ({ id, organizationId: row.id, kind: 'voicemail' as const })));
    effects.changed = true;
    return { ...revision, isCurrent: true };
  }

  async function current(stores: StoreSet, row: OrganizationRow): Promise<RevisionView> {
    const [revision] = await stores.revisions.list(row.id, { after: String(row.currentRevision + 1), limit: 1 });
    return { ...revision!, isCurrent: true };
  }

  return {
    draftChanges: (actor, org) =>
      access.inOrganization(actor, org, { scope: 'revisions:read' }, async (stores, row) => {
        const changes = contentChanges(await applied(stores, row), await stores.drafts.content(row.id));
        const isMoving = ({ kind, what }: DraftChange) => what === 'extension' && kind !== 'changed';
        if (!changes.some(isMoving)) return ok(changes);
        const owners = Map.groupBy(await stores.devices.all(row.id), (device) => device.extensionId);
        return ok(
          changes.map((change) => {
            const extension = (change.after ?? change.before) as Partial<Extension>;
            const devices = isMoving(change) ? (owners.get(extension.id ?? '')?.length ?? 0) : 0;
            return devices > 0 ? { ...change, devices } : change;
          }),
        );
      }),

    // Nothing to apply is no revision: applying twice is the same as once.
    apply: (actor, org, note) =>
      access.inOrganization(actor, org, write, async (stores, row, effects) => {
        const c = new Complaints();
        const text = note === undefined ? null : checkNote(c, 'note', note) || null;
        const invalid = c.refusal();
        if (invalid) return refuse(invalid);
        const draft = await stores.drafts.content(row.id);
        const refusal = await contentRefusal(stores, row, draft);
        if (refusal) return refusal;
        if (row.currentRevision > 0 && contentChanges(await applied(stores, row), draft).length === 0) {
          return ok(await current(stores, row));
        }
        return ok(await publish(actor, stores, row, effects, draft, text));
      }),

    // Devices made for extensions that only the draft had go with them.
    discardDraft: (actor, org) =>
      access.inOrganization(actor, org, write, async (stores, row, effects) => {
        const content = await applied(stores, row);
        await stores.drafts.replace(row.id, content);
        const kept = content.extensions.map((e) => e.id);
        effects.changed = (await stores.devices.deleteAllBut(row.id, kept)).length > 0;
        return ok(null);
      }),

    // The draft becomes what was rolled back to: else the next Apply would undo the rollback unasked.
    rollback: (actor, org, revision) =>
      access.inOrganization(actor, org, write, async (stores, row, effects) => {
        const earlier = await stores.revisions.content(row.id, revision);
        if (!earlier) return missing('revision', revision);
        const restored = restorable(earlier, await applied(stores, row), new Set(await stores.numbers.all(row.id)));
        const refusal = await contentRefusal(stores, row, restored.content);
        if (refusal) return refusal;
        const more = restored.content.extensions.length - (await stores.organizations.count(row.id, 'extensions'));
        const full = more > 0 && (await quotaRefusal(stores, row, 'extensions', more));
        if (full) return full;
        await stores.drafts.replace(row.id, restored.content);
        const note = `Rollback to revision ${revision}`;
        const published = await publish(actor, stores, row, effects, restored.content, note);
        return ok({ ...published, notRestored: restored.missing });
      }),

    listRevisions: (actor, org, page) =>
      access.inOrganization(actor, org, { scope: 'revisions:read' }, (stores, row) =>
        pageOf(
          page,
          KEY_PATTERN.revision,
          (slice) => stores.revisions.list(row.id, slice),
          (revision) => String(revision.number),
          (rows) => rows.map((revision) => ({ ...revision, isCurrent: revision.number === row.currentRevision })),
        ),
      ),

    getRevision: (actor, org, revision) =>
      access.inOrganization(actor, org, { scope: 'revisions:read' }, async (stores, row) => {
        const content = await stores.revisions.content(row.id, revision);
        return content ? ok({ number: revision, content }) : missing('revision', revision);
      }),
  };
}

/** Why this content cannot be published; fields are `extensions.101.forwardBusy`, `numbers.+4930….extension`. */
async function contentRefusal(stores: StoreSet, row: OrganizationRow, content: RevisionContent) {
  const c = new Complaints();
  const numbers = new Set(await stores.numbers.all(row.id));
  const all = new Map(content.extensions.map((e) => [e.number, e.id]));
  const names = new Set(all.keys());
  for (const e of content.extensions) {
    const prefix = `extensions.${e.number}.`;
    checkExtension(c, e, { country: row.country, numbers, others: all }, prefix);
    for (const field of missingForwards(e, row.country, names)) {
      c.add(prefix + field, `there is no extension ${e[field as 'forwardBusy']}`);
    }
  }
  const ids = new Set(content.extensions.map((e) => e.id));
  for (const route of content.routes) {
    if (!ids.has(route.extensionId)) {
      c.add(`numbers.${route.number}.extension`, 'leads to an extension that was removed');
    }
  }
  const refusal = c.refusal('draft-invalid');
  return refusal && refuse(refusal);
}

/** What of an earlier revision can be had again, and in words what cannot. */
function restorable(
  earlier: RevisionContent,
  now: RevisionContent,
  numbers: ReadonlySet<string>,
): { content: RevisionContent; missing: string[] } {
  const missing: string[] = [];
  const present = new Set(now.extensions.map((e) => e.id));
  const extensions = earlier.extensions.map((e) => {
    if (!present.has(e.id)) missing.push(`devices of extension ${e.number}: they were deleted with it`);
    if (e.outboundNumber === null || numbers.has(e.outboundNumber)) return e;
    missing.push(`outbound number ${e.outboundNumber} of extension ${e.number}: it is no longer yours`);
    return { ...e, outboundNumber: null };
  });
  const routes = earlier.routes.filter(({ number }) => {
    if (!numbers.has(number)) missing.push(`number ${number}: it is no longer yours`);
    return numbers.has(number);
  });
  return { content: { extensions, routes }, missing };
}
