/** Records of past calls. */
import type { Cdr } from '../call/record.ts';
import { type Access, KEY_PATTERN, missing, ok, pageOf } from './access.ts';
import type { Administration } from './administration.ts';
import { isLike } from './extensions.ts';
import { ownInEffect } from './own-extension.ts';
import { appliedContent } from './publishing.ts';
import type { OrganizationRow, StoreSet } from './stores.ts';
import type { CallFilter } from './views.ts';

/** Where those whom one calls have their calls forwarded to is theirs to know. */
function asSeenBy(extension: string, cdr: Cdr): Cdr {
  const isKnown = cdr.to === extension || cdr.answeredBy === extension || cdr.answeredBy === cdr.to;
  return isKnown ? cdr : { ...cdr, answeredBy: null };
}

/** The same, with what only the organization knows: records have the number that was called, not whose it is. */
export async function withNamed<F extends Pick<CallFilter, 'search'>>(
  stores: StoreSet,
  row: OrganizationRow,
  filter: F,
): Promise<F & Pick<CallFilter, 'named'>> {
  if (filter.search === undefined) return filter;
  const { extensions } = await appliedContent(stores, row);
  const named = extensions.filter(({ name }) => isLike(filter.search, name));
  return { ...filter, named: named.map(({ number }) => number) };
}

export function callUseCases(access: Access): Pick<Administration, 'listCalls' | 'getCall'> {
  return {
    listCalls: (actor, org, filter, page) =>
      access.inOrganization(actor, org, { scope: 'calls:read', forUsers: true }, async (stores, row) => {
        const only = actor.onlyExtension;
        const own = only === undefined ? null : await ownInEffect(actor, stores, row, only);
        if (only !== undefined && !own) return ok({ items: [], nextCursor: null });
        const wanted = await withNamed(stores, row, own ? { ...filter, own: own.number } : filter);
        return pageOf(
          page,
          KEY_PATTERN.call,
          (slice) => stores.calls.list(row.id, wanted, slice),
          (cdr) => `${cdr.startedAt}:${cdr.id}`,
          (rows) => (own ? rows.map((cdr) => asSeenBy(own.number, cdr)) : rows),
        );
      }),

    getCall: (actor, org, id) =>
      access.inOrganization(actor, org, { scope: 'calls:read' }, async (stores, row) => {
        const found = await stores.calls.get(row.id, id);
        return found ? ok(found) : missing('call', id);
      }),
  };
}
