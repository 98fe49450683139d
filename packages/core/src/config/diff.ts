/** Differences between two contents, as the admin reads them before applying. */

import type { Extension, RevisionContent } from '../tenancy/organization.ts';
import type { DraftChange } from '../tenancy/views.ts';

export type ContentChange = Omit<DraftChange, 'changedAt' | 'changedBy'>;

export const EMPTY_CONTENT: RevisionContent = { extensions: [], routes: [], music: 'own' };

/** Extensions are matched by id, so a new number is a change and not a removal; routes are matched by DID. */
export function contentChanges(before: RevisionContent, after: RevisionContent): ContentChange[] {
  const changes: ContentChange[] = [];
  const old = new Map(before.extensions.map((e) => [e.id, e]));
  const present = new Set(after.extensions.map((e) => e.id));
  for (const e of after.extensions) {
    const was = old.get(e.id);
    if (!was) {
      changes.push({ kind: 'added', what: 'extension', id: e.id, name: e.number, before: null, after: e });
      continue;
    }
    const fields = (Object.keys(e) as (keyof Extension)[]).filter((field) => e[field] !== was[field]);
    if (fields.length === 0) continue;
    changes.push({
      kind: 'changed',
      what: 'extension',
      id: e.id,
      name: was.number,
      before: pick(was, fields),
      after: pick(e, fields),
    });
  }
  for (const e of before.extensions) {
    if (!present.has(e.id))
      changes.push({ kind: 'removed', what: 'extension', id: e.id, name: e.number, before: e, after: null });
  }
  changes.push(...routeChanges(before, after));
  if (before.music !== after.music) {
    const [was, is] = [{ music: before.music }, { music: after.music }];
    changes.push({ kind: 'changed', what: 'music', id: 'music', name: 'on hold', before: was, after: is });
  }
  return changes;
}

function pick(e: Extension, fields: (keyof Extension)[]): Partial<Extension> {
  return Object.fromEntries(fields.map((field) => [field, e[field]]));
}

function routeChanges(before: RevisionContent, after: RevisionContent): ContentChange[] {
  const [old, present] = [before, after].map(
    (content) => new Map(content.routes.map((r) => [r.number, r.extensionId])),
  );
  const [oldNames, names] = [before, after].map((content) => new Map(content.extensions.map((e) => [e.id, e.number])));
  const changes: ContentChange[] = [];
  for (const [name, id] of present!) {
    const was = old!.get(name);
    if (was === id) continue;
    changes.push({
      kind: was === undefined ? 'added' : 'changed',
      what: 'route',
      id: name,
      name,
      before: was === undefined ? null : { extension: oldNames!.get(was) ?? '' },
      after: { extension: names!.get(id) ?? '' },
    });
  }
  for (const [name, id] of old!) {
    if (present!.has(name)) continue;
    changes.push({
      kind: 'removed',
      what: 'route',
      id: name,
      name,
      before: { extension: oldNames!.get(id) ?? '' },
      after: null,
    });
  }
  return changes;
}
