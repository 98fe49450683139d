/** Draft, apply, rollback. A revision is published in one transaction, and live when `apply` resolves. */

import { type ContentChange, contentChanges } from '../config/diff.ts';
import { type Access, KEY_PATTERN, missing, ok, pageOf, refuse } from './access.ts';
import type { Administration } from './administration.ts';
import { newExtension } from './extensions.ts';
import type { RevisionContent } from './organization.ts';
import type { Outcome } from './outcome.ts';
import { appliedContent, applyDraft, contentRefusal, publish } from './publishing.ts';
import { quotaRefusal } from './quotas.ts';
import type { LastTouch, OrganizationRow, StoreSet } from './stores.ts';
import { Complaints, checkNote } from './validation.ts';
import type { DraftChange, NotRestored } from './views.ts';
import { waitingApplyView } from './waiting-apply.ts';

type UseCases = Pick<
  Administration,
  'getDraft' | 'apply' | 'discardDraft' | 'resetDraft' | 'lookAtRollback' | 'rollback' | 'listRevisions' | 'getRevision'
>;

export function revisionUseCases(access: Access): UseCases {
  const { clock } = access.ports;
  const write = { scope: 'revisions:write', write: true } as const;

  return {
    getDraft: (actor, org) =>
      access.inOrganization(actor, org, { scope: 'revisions:read' }, async (stores, row) => {
        const [applied, draft] = [await appliedContent(stores, row), await stores.drafts.content(row.id)];
        const waiting = await stores.waitingApplies.get(row.id);
        const changes = contentChanges(applied, draft);
        const isMoving = ({ kind, what }: ContentChange) => what === 'extension' && kind !== 'changed';
        const devices = changes.some(isMoving) ? await stores.devices.all(row.id) : [];
        const owners = Map.groupBy(devices, (device) => device.extensionId);
        const counted = changes.map((change) => {
          const count = isMoving(change) ? (owners.get(change.id)?.length ?? 0) : 0;
          return count > 0 ? { ...change, devices: count } : change;
        });
        const removed = changes.filter((change) => isMoving(change) && change.kind === 'removed');
        return ok({
          organizationId: row.id,
          revision: row.currentRevision,
          changes: await withAuthors(stores, row, counted),
          waiting: waiting && waitingApplyView(waiting),
          removedDevices: removed.flatMap(({ id, name: extension }) =>
            (owners.get(id) ?? []).map(({ username, name }) => ({ username, name, extension })),
          ),
        });
      }),

    apply: (actor, org, note) =>
      access.inOrganization(actor, org, write, async (stores, row, effects) => {
        const c = new Complaints();
        const text = note === undefined ? null : checkNote(c, 'note', note) || null;
        const invalid = c.refusal();
        if (invalid) return refuse(invalid);
        return applyDraft(clock, actor, stores, row, effects, text);
      }),

    // Devices made for extensions that only the draft had go with them.
    discardDraft: (actor, org) =>
      access.inOrganization(actor, org, write, async (stores, row, effects) => {
        const content = await appliedContent(stores, row);
        await stores.drafts.replace(row.id, content);
        await stores.waitingApplies.delete(row.id);
        const kept = content.extensions.map((e) => e.id);
        effects.changed = (await stores.devices.deleteAllBut(row.id, kept)).length > 0;
        return ok(null);
      }),

    resetDraft: (actor, org) =>
      access.inOrganization(actor, org, write, async (stores, row) => {
        const draft = await stores.drafts.content(row.id);
        await stores.drafts.replace(row.id, defaults(draft, await stores.numbers.all(row.id)));
        return ok(null);
      }),

    lookAtRollback: (actor, org, revision) =>
      access.inOrganization(actor, org, { scope: 'revisions:read' }, async (stores, row) => {
        const earlier = await restorable(stores, row, revision);
        if (!earlier.ok) return earlier;
        const { content, missing: notRestored, applied } = earlier.value;
        const draft = await stores.drafts.content(row.id);
        const kept = new Set(content.extensions.map(({ id }) => id));
        const numbers = new Map([...draft.extensions, ...applied.extensions].map((e) => [e.id, e.number]));
        const gone = (await stores.devices.all(row.id)).filter((device) => !kept.has(device.extensionId));
        const changes = contentChanges(applied, content);
        return ok({
          organizationId: row.id,
          revision: row.currentRevision,
          changes: changes.map((change) => ({ ...change, changedAt: null, changedBy: null })),
          removedDevices: gone.map(({ username, name, extensionId }) => ({
            username,
            name,
            extension: numbers.get(extensionId) ?? '',
          })),
          dropped: contentChanges(applied, draft).length,
          notRestored,
        });
      }),

    // The draft becomes what was rolled back to: else the next Apply would undo the rollback unasked.
    rollback: (actor, org, revision) =>
      access.inOrganization(actor, org, write, async (stores, row, effects) => {
        const earlier = await restorable(stores, row, revision);
        if (!earlier.ok) return earlier;
        const { content, missing: notRestored } = earlier.value;
        await stores.drafts.replace(row.id, content);
        const note = `Rollback to revision ${revision}`;
        return ok({ ...(await publish(clock, actor, stores, row, effects, content, note)), notRestored });
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

/**
 * Who touched each of them last: the audit log knows, since triggers write it. Of an extension that differs in some fields,
 * who touched one of these: others may have been changed since, and be in effect.
 */
async function withAuthors(stores: StoreSet, row: OrganizationRow, changes: ContentChange[]): Promise<DraftChange[]> {
  // There is one music of an organization.
  const idOf = ({ what, id }: ContentChange) => (what === 'music' ? row.id : id);
  const things = changes.flatMap((change) => {
    const thing = { resource: change.what, resourceId: idOf(change) };
    if (change.what !== 'extension' || change.kind !== 'changed') return [thing];
    return Object.keys(change.after ?? {}).map((field) => ({ ...thing, field }));
  });
  const touched = things.length === 0 ? [] : await stores.audit.lastTouched(row.id, things);
  const last = new Map<string, LastTouch>();
  for (const entry of touched.sort((one, other) => one.at - other.at)) {
    last.set(`${entry.resource} ${entry.resourceId}`, entry);
  }
  return changes.map((change) => {
    const entry = last.get(`${change.what} ${idOf(change)}`);
    return { ...change, changedAt: entry?.at ?? null, changedBy: entry?.author ?? null };
  });
}

/**
 * What an office has that never set anything: each extension as if it were new, with its number and name; a number that
 * leads nowhere leads to the first extension, so that nobody who calls hears nothing.
 */
function defaults({ extensions, routes }: RevisionContent, numbers: string[]): RevisionContent {
  const ids = new Set(extensions.map((e) => e.id));
  const [first] = extensions;
  const kept = new Map(routes.filter((r) => ids.has(r.extensionId)).map((r) => [r.number, r]));
  return {
    extensions: extensions.map(({ id, number, name }) => newExtension(id, { number, name })),
    routes: numbers.flatMap((number) => kept.get(number) ?? (first ? [{ number, extensionId: first.id }] : [])),
    music: 'own',
  };
}

/** What of an earlier revision can be had again, what cannot, and what is applied now; or why nothing of it can. */
async function restorable(
  stores: StoreSet,
  row: OrganizationRow,
  revision: number,
): Promise<Outcome<{ content: RevisionContent; missing: NotRestored[]; applied: RevisionContent }>> {
  const earlier = await stores.revisions.content(row.id, revision);
  if (!earlier) return missing('revision', revision);
  const numbers = new Set(await stores.numbers.all(row.id));
  const applied = await appliedContent(stores, row);
  const restored = withoutWhatIsGone(earlier, applied, numbers);
  const refusal = await contentRefusal(stores, row, restored.content);
  if (refusal) return refusal;
  const more = restored.content.extensions.length - (await stores.organizations.count(row.id, 'extensions'));
  return (more > 0 && (await quotaRefusal(stores, row, 'extensions', more))) || ok({ ...restored, applied });
}

function withoutWhatIsGone(
  earlier: RevisionContent,
  now: RevisionContent,
  numbers: ReadonlySet<string>,
): { content: RevisionContent; missing: NotRestored[] } {
  const missing: NotRestored[] = [];
  const present = new Set(now.extensions.map((e) => e.id));
  const extensions = earlier.extensions.map((e) => {
    if (!present.has(e.id)) missing.push({ what: 'phones', extension: e.number, number: null });
    if (e.outboundNumber === null || numbers.has(e.outboundNumber)) return e;
    missing.push({ what: 'outbound-number', extension: e.number, number: e.outboundNumber });
    return { ...e, outboundNumber: null };
  });
  const routes = earlier.routes.filter(({ number }) => {
    if (!numbers.has(number)) missing.push({ what: 'number', extension: null, number });
    return numbers.has(number);
  });
  return { content: { extensions, routes, music: earlier.music }, missing };
}
