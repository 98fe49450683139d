/** Records of past calls. */
import type { Cdr } from '../call/record.ts';
import { type Access, KEY_PATTERN, missing, ok, pageOf } from './access.ts';
import type { Administration } from './administration.ts';
import { ownInEffect } from './own-extension.ts';

/** Where those whom one calls have their calls forwarded to is theirs to know. */
function asSeenBy(extension: string, cdr: Cdr): Cdr {
  const isKnown = cdr.to === extension || cdr.answeredBy === extension || cdr.answeredBy === cdr.to;
  return isKnown ? cdr : { ...cdr, answeredBy: null };
}

export function callUseCases(access: Access): Pick<Administration, 'listCalls' | 'getCall'> {
  return {
    listCalls: (actor, org, filter, page) =>
      access.inOrganization(actor, org, { scope: 'calls:read', forUsers: true }, async (stores, row) => {
        const only = actor.onlyExtension;
        const own = only === undefined ? null : await ownInEffect(actor, stores, row, only);
        if (only !== undefined && !own) return ok({ items: [], nextCursor: null });
        const wanted = own ? { ...filter, own: own.number } : filter;
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
