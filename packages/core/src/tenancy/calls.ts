/** Records of past calls. */
import { type Access, KEY_PATTERN, missing, ok, pageOf } from './access.ts';
import type { Administration } from './administration.ts';

export function callUseCases(access: Access): Pick<Administration, 'listCalls' | 'getCall'> {
  return {
    listCalls: (actor, org, filter, page) =>
      access.inOrganization(actor, org, { scope: 'calls:read' }, (stores, row) =>
        pageOf(
          page,
          KEY_PATTERN.call,
          (slice) => stores.calls.list(row.id, filter, slice),
          (cdr) => `${cdr.startedAt}:${cdr.id}`,
          (rows) => rows,
        ),
      ),

    getCall: (actor, org, id) =>
      access.inOrganization(actor, org, { scope: 'calls:read' }, async (stores, row) => {
        const found = await stores.calls.get(row.id, id);
        return found ? ok(found) : missing('call', id);
      }),
  };
}
