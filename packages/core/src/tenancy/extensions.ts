/** Extensions, in the draft. */
import { type Access, KEY_PATTERN, missing, ok, pageOf, refuse, refuseField } from './access.ts';
import type { Administration } from './administration.ts';
import type { Extension } from './organization.ts';
import { changeOwnExtension, ownInEffect } from './own-extension.ts';
import { appliedContent } from './publishing.ts';
import { quotaRefusal } from './quotas.ts';
import { staleRefusal } from './stale.ts';
import type { OrganizationRow, StoreSet } from './stores.ts';
import { Complaints, checkExtension, type ExtensionContext } from './validation.ts';
import type { NewExtension } from './views.ts';

/** Four rings of Europe's five-second cadence. */
const DEFAULT_RING_TIME_IN_S = 20;

/** Fills in what was left out. */
export function newExtension(id: string, e: NewExtension): Extension {
  return {
    ringTimeInS: DEFAULT_RING_TIME_IN_S,
    doNotDisturb: false,
    forwardAlways: null,
    forwardBusy: null,
    forwardNoAnswer: null,
    outboundNumber: null,
    language: null,
    ...e,
    id,
  };
}

/** Whether one of the texts has what is searched for in it, in capitals or not. */
export const isLike = (search = '', ...texts: string[]): boolean =>
  texts.some((text) => text.toLowerCase().includes(search.toLowerCase()));

async function contextOf(stores: StoreSet, row: OrganizationRow, id: string): Promise<ExtensionContext> {
  const [draft, numbers] = [await stores.drafts.content(row.id), await stores.numbers.all(row.id)];
  return {
    country: row.country,
    numbers: new Set(numbers),
    others: new Map(draft.extensions.filter((e) => e.id !== id).map((e) => [e.number, e.id])),
  };
}

/** The extension as it is to be stored, or why not. */
function checked(e: Extension, context: ExtensionContext) {
  const c = new Complaints();
  const extension = checkExtension(c, e, context);
  const invalid = c.refusal();
  if (invalid) return refuse(invalid);
  if (context.others.has(extension.number)) {
    return refuseField('conflict', 'number', `extension ${extension.number} is there already`);
  }
  return ok(extension);
}

/** This id, when it is of an extension that was removed from the draft, and something of it is left. */
async function removedOne(stores: StoreSet, row: OrganizationRow, id: string | undefined): Promise<string | null> {
  if (id === undefined) return null;
  const draft = await stores.drafts.content(row.id);
  if (draft.extensions.some((e) => e.id === id)) return null;
  const applied = await stores.revisions.content(row.id, row.currentRevision);
  const isKnown =
    draft.routes.some(({ extensionId }) => extensionId === id) ||
    applied?.extensions.some((e) => e.id === id) ||
    (await stores.devices.usernames(row.id, id)).length > 0;
  return isKnown ? id : null;
}

type UseCases = Pick<
  Administration,
  'listExtensions' | 'getExtension' | 'listColleagues' | 'createExtension' | 'updateExtension' | 'deleteExtension'
>;

export function extensionUseCases(access: Access): UseCases {
  const { clock, ids } = access.ports;
  const write = { scope: 'extensions:write', write: true } as const;
  return {
    listExtensions: (actor, org, page) =>
      access.inOrganization(actor, org, { scope: 'extensions:read', forUsers: true }, (stores, row) =>
        pageOf(
          page,
          KEY_PATTERN.digits,
          async (slice) => {
            if (actor.onlyExtension === undefined) return stores.drafts.listExtensions(row.id, slice, page.search);
            const own = await ownInEffect(actor, stores, row, actor.onlyExtension);
            const isFound = own !== null && isLike(page.search, own.number, own.name);
            return isFound && slice.after === null ? [own] : [];
          },
          (e) => e.number,
          (rows) => rows,
        ),
      ),

    getExtension: (actor, org, extension) =>
      access.inOrganization(actor, org, { scope: 'extensions:read', forUsers: true }, async (stores, row) => {
        const found =
          actor.onlyExtension === undefined
            ? await stores.drafts.extension(row.id, extension)
            : await ownInEffect(actor, stores, row, extension);
        return found ? ok(found) : missing('extension', extension);
      }),

    // The one thing of others that a user sees: the list that hangs in every office.
    listColleagues: (actor, org, page) =>
      access.inOrganization(actor, org, { scope: 'extensions:read', forUsers: true }, (stores, row) =>
        pageOf(
          page,
          KEY_PATTERN.digits,
          async ({ after, limit }) => {
            const { extensions } = await appliedContent(stores, row);
            const all = extensions.map(({ number, name }) => ({ number, name }));
            const rest = after === null ? all : all.filter(({ number }) => number > after);
            return rest.sort((a, b) => (a.number < b.number ? -1 : 1)).slice(0, limit);
          },
          (colleague) => colleague.number,
          (rows) => rows,
        ),
      ),

    createExtension: (actor, org, e) =>
      access.inOrganization(actor, org, write, async (stores, row) => {
        const { restores, ...fields } = e;
        const id = (await removedOne(stores, row, restores)) ?? ids.next();
        const outcome = checked(newExtension(id, fields), await contextOf(stores, row, id));
        if (!outcome.ok) return outcome;
        const refusal = await quotaRefusal(stores, row, 'extensions');
        if (refusal) return refusal;
        await stores.drafts.insertExtension(row.id, outcome.value);
        return outcome;
      }),

    updateExtension: (actor, org, extension, { expected, ...change }) =>
      access.inOrganization(actor, org, { ...write, forUsers: true }, async (stores, row, effects) => {
        if (actor.onlyExtension !== undefined) {
          const wish = { ...change, ...(expected ? { expected } : {}) };
          return changeOwnExtension(clock, actor, stores, row, effects, extension, wish);
        }
        const found = await stores.drafts.extension(row.id, extension);
        if (!found) return missing('extension', extension);
        const thing = { organizationId: row.id, resource: 'extension', resourceId: found.id };
        const stale = await staleRefusal(stores, thing, found, change, expected);
        if (stale) return stale;
        const outcome = checked({ ...found, ...change, id: found.id }, await contextOf(stores, row, found.id));
        if (outcome.ok) await stores.drafts.updateExtension(row.id, outcome.value);
        return outcome;
      }),

    // Its devices stay and ring until the removal is applied, and are deleted by that apply.
    deleteExtension: (actor, org, extension) =>
      access.inOrganization(actor, org, write, async (stores, row) => {
        const found = await stores.drafts.extension(row.id, extension);
        if (!found) return missing('extension', extension);
        await stores.drafts.deleteExtension(row.id, found.id);
        return ok(null);
      }),
  };
}
