/** DIDs: the operator assigns and releases them at once; where they lead is in the draft. */
import { type Access, KEY_PATTERN, missing, ok, pageOf, refuseField } from './access.ts';
import type { Administration } from './administration.ts';
import { assignableNumber, carrierNumber, toE164 } from './dialling.ts';
import type { RevisionContent } from './organization.ts';
import { quotaRefusal } from './quotas.ts';
import { staleRefusal } from './stale.ts';
import type { NumberRow, OrganizationRow, StoreSet } from './stores.ts';
import type { NumberView } from './views.ts';

export async function numberViews(stores: StoreSet, organizationId: string, rows: NumberRow[]): Promise<NumberView[]> {
  const { draft, applied } = (await stores.drafts.contents([organizationId])).get(organizationId)!;
  const extensionNow = leadsTo(applied);
  const names = new Map(draft.extensions.map((e) => [e.id, e.number]));
  return rows.map(({ number, extensionId }) => ({
    number,
    extension: extensionId === null ? null : (names.get(extensionId) ?? null),
    appliedExtension: extensionNow(number),
  }));
}

function leadsTo(content: RevisionContent): (number: string) => string | null {
  const names = new Map(content.extensions.map((e) => [e.id, e.number]));
  const routes = new Map(content.routes.map((route) => [route.number, names.get(route.extensionId) ?? null]));
  return (number) => routes.get(number) ?? null;
}

/** Finds the organization's number in whatever writing. */
async function find(stores: StoreSet, row: OrganizationRow, text: string): Promise<NumberRow | null> {
  const readings = new Set([
    toE164(text, row.country),
    toE164(`+${text}`, row.country),
    carrierNumber(text, row.country),
  ]);
  for (const reading of readings) {
    const found = reading === null ? null : await stores.numbers.get(row.id, reading);
    if (found) return found;
  }
  return null;
}

type UseCases = Pick<Administration, 'listNumbers' | 'getNumber' | 'assignNumber' | 'routeNumber' | 'releaseNumber'>;

export function numberUseCases(access: Access): UseCases {
  return {
    listNumbers: (actor, org, page) =>
      access.inOrganization(actor, org, { scope: 'numbers:read' }, (stores, row) =>
        pageOf(
          page,
          KEY_PATTERN.digits,
          (slice) => stores.numbers.list(row.id, slice, page.search),
          (number) => number.number,
          (rows) => numberViews(stores, row.id, rows),
        ),
      ),

    getNumber: (actor, org, number) =>
      access.inOrganization(actor, org, { scope: 'numbers:read' }, async (stores, row) => {
        const found = await find(stores, row, number);
        return found ? ok((await numberViews(stores, row.id, [found]))[0]!) : missing('number', number);
      }),

    assignNumber(actor, org, n) {
      const need = { scope: 'numbers:write', operatorOnly: true, write: true } as const;
      return access.inOrganization(actor, org, need, async (stores, row, effects) => {
        const number = assignableNumber(n.number, row.country);
        if (number === null) {
          return refuseField(
            'invalid',
            'number',
            `must be a phone number that exists, in E.164 or as written in ${row.country}`,
          );
        }
        const extension = n.extension ? await stores.drafts.extension(row.id, n.extension) : null;
        if (n.extension && !extension) return refuseField('invalid', 'extension', 'there is no such extension');
        const full = await quotaRefusal(stores, row, 'numbers');
        if (full) return full;
        if (!(await stores.numbers.assign(row.id, number))) {
          return refuseField('number-taken', 'number', `${number} is taken`);
        }
        if (extension) await stores.drafts.route(row.id, number, extension.id);
        effects.changed = true;
        return ok((await numberViews(stores, row.id, [{ number, extensionId: extension?.id ?? null }]))[0]!);
      });
    },

    routeNumber: (actor, org, number, extension, expected) =>
      access.inOrganization(actor, org, { scope: 'numbers:write', write: true }, async (stores, row) => {
        const found = await find(stores, row, number);
        if (!found) return missing('number', number);
        const target = extension === null ? null : await stores.drafts.extension(row.id, extension);
        if (extension !== null && !target) return refuseField('invalid', 'extension', 'there is no such extension');
        const extensionId = target?.id ?? null;
        const leadsTo = found.extensionId && (await stores.drafts.extension(row.id, found.extensionId));
        const now = { extension: leadsTo ? leadsTo.number : null };
        const thing = {
          organizationId: row.id,
          resource: 'route',
          resourceId: found.number,
          auditNames: { extension: 'extensionId' },
        };
        const stale = await staleRefusal(stores, thing, now, { extension: target?.number ?? null }, expected);
        if (stale) return stale;
        await stores.drafts.route(row.id, found.number, extensionId);
        return ok((await numberViews(stores, row.id, [{ number: found.number, extensionId }]))[0]!);
      }),

    releaseNumber(actor, org, number) {
      const need = { scope: 'numbers:write', operatorOnly: true, write: true } as const;
      return access.inOrganization(actor, org, need, async (stores, row, effects) => {
        const found = await find(stores, row, number);
        if (!found) return missing('number', number);
        await stores.numbers.release(row.id, found.number);
        effects.changed = true;
        return ok(null);
      });
    },
  };
}
