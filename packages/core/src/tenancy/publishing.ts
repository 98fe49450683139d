/** How a draft becomes a revision: what `revisions.ts` and `waiting-apply.ts` share. Always under the organization's lock. */
import { contentChanges, EMPTY_CONTENT } from '../config/diff.ts';
import type { Clock } from '../ports.ts';
import { type Effects, ok, refuse } from './access.ts';
import type { Actor } from './actor.ts';
import type { RevisionContent } from './organization.ts';
import type { Outcome } from './outcome.ts';
import type { OrganizationRow, RevisionRow, StoreSet } from './stores.ts';
import { Complaints, checkExtension, missingForwards } from './validation.ts';
import type { RevisionView } from './views.ts';

export async function appliedContent(stores: StoreSet, row: OrganizationRow): Promise<RevisionContent> {
  return (await stores.revisions.content(row.id, row.currentRevision)) ?? EMPTY_CONTENT;
}

/** The one place where a revision comes into being. `content` was found valid. */
export async function insertRevision(
  clock: Clock,
  actor: Actor,
  stores: StoreSet,
  row: OrganizationRow,
  content: RevisionContent,
  note: string | null,
): Promise<RevisionRow> {
  const revision: RevisionRow = {
    number: (await stores.revisions.last(row.id)) + 1,
    appliedAt: clock.now(),
    appliedBy: actor.name,
    note,
  };
  await stores.revisions.insert(row.id, revision, actor.id, content);
  await stores.organizations.update(row.id, { currentRevision: revision.number });
  return revision;
}

/** Makes a revision of the draft, which equals `content`. */
export async function publish(
  clock: Clock,
  actor: Actor,
  stores: StoreSet,
  row: OrganizationRow,
  effects: Effects,
  content: RevisionContent,
  note: string | null,
): Promise<RevisionView> {
  const revision = await insertRevision(clock, actor, stores, row, content, note);
  // What waited is done, or overtaken.
  await stores.waitingApplies.delete(row.id);
  const kept = content.extensions.map((e) => e.id);
  // Told to the brain as a change, not as revoked: an apply ends no call, and a device that is gone gets no new one.
  await stores.devices.deleteAllBut(row.id, kept);
  const messages = await stores.voicemail.deleteAllBut(row.id, kept);
  effects.removed.push(...messages.map((id) => ({ id, organizationId: row.id, kind: 'voicemail' as const })));
  effects.changed = true;
  return { ...revision, isCurrent: true };
}

/** Nothing to apply is no revision: applying twice is the same as once. */
export async function applyDraft(
  clock: Clock,
  actor: Actor,
  stores: StoreSet,
  row: OrganizationRow,
  effects: Effects,
  note: string | null,
): Promise<Outcome<RevisionView>> {
  const draft = await stores.drafts.content(row.id);
  const refusal = await contentRefusal(stores, row, draft);
  if (refusal) return refusal;
  if (row.currentRevision > 0 && contentChanges(await appliedContent(stores, row), draft).length === 0) {
    await stores.waitingApplies.delete(row.id);
    const [current] = await stores.revisions.list(row.id, { after: String(row.currentRevision + 1), limit: 1 });
    return ok({ ...current!, isCurrent: true });
  }
  return ok(await publish(clock, actor, stores, row, effects, draft, note));
}

/** Why this content cannot be published; fields are `extensions.101.forwardBusy`, `numbers.+4930….extension`. */
export async function contentRefusal(stores: StoreSet, row: OrganizationRow, content: RevisionContent) {
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
