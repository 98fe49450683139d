/** Organizations: made and limited by the operator, named by their own admin. */

import { contentChanges } from '../config/diff.ts';
import { isTimeZone, timeZoneOf } from '../spending/windows.ts';
import { type Access, checkScope, KEY_PATTERN, ok, pageOf, refuse, refuseField } from './access.ts';
import type { Administration } from './administration.ts';
import { toE164 } from './dialling.ts';
import { languageOfCountry } from './language.ts';
import { changedLimits } from './limits.ts';
import { checkStart, furnish, Undone } from './new-organization.ts';
import { DEFAULT_QUOTAS } from './quotas.ts';
import { staleRefusal } from './stale.ts';
import type { Contents, OrganizationPatch, OrganizationRow, StoreSet } from './stores.ts';
import {
  Complaints,
  checkCountries,
  checkCountry,
  checkEmails,
  checkLanguage,
  checkName,
  checkQuotas,
  checkRetention,
  checkSlug,
} from './validation.ts';
import type { OrganizationChange, OrganizationView } from './views.ts';

/** What an organization's own admin may not change about it. */
const OPERATOR_FIELDS = ['limits', 'quotas', 'timeZone', 'allowedCountries'] as const;

const AUDIT_NAMES = {
  'quotas.extensions': 'maxExtensions',
  'quotas.devices': 'maxDevices',
  'quotas.numbers': 'maxNumbers',
  'quotas.keys': 'maxKeys',
};

/** Where pages find it. */
export function logoPath(slug: string, logoTag: string | null): string | null {
  return logoTag === null ? null : `/api/v1/organizations/${slug}/logo?v=${logoTag}`;
}

function view(row: OrganizationRow, contents: Contents, storageUsed: number): OrganizationView {
  const { currentRevision, logoTag, ...rest } = row;
  return {
    ...rest,
    logo: logoPath(row.slug, logoTag),
    numbers: contents.numbers,
    appliedRevision: currentRevision,
    pendingChanges: contentChanges(contents.applied, contents.draft).length,
    storageUsed,
  };
}

export async function organizationView(stores: StoreSet, row: OrganizationRow): Promise<OrganizationView> {
  return (await views(stores, [row]))[0]!;
}

async function views(stores: StoreSet, rows: OrganizationRow[]): Promise<OrganizationView[]> {
  const ids = rows.map((row) => row.id);
  const contents = await stores.drafts.contents(ids);
  const used = await stores.files.used(ids);
  return rows.map((row) => view(row, contents.get(row.id)!, used.get(row.id) ?? 0));
}

const NO_TIME_ZONE = 'must be the name of a time zone, such as Europe/London';

type UseCases = Pick<
  Administration,
  'resolveOrganization' | 'listOrganizations' | 'getOrganization' | 'createOrganization' | 'updateOrganization'
>;

export function organizationUseCases(access: Access): UseCases {
  const { clock, ids, publisher } = access.ports;
  return {
    resolveOrganization: (actor, org) =>
      access.inOrganization(actor, org, { scope: null }, async (_stores, row) => ok(row.id)),

    async listOrganizations(actor, filter, page) {
      const own = actor.organizationId;
      if (own !== null) {
        const read = await access.inOrganization(
          actor,
          own,
          { scope: 'organizations:read', deletedToo: true },
          async (stores) => ok(await views(stores, await stores.organizations.list(filter, { after: null, limit: 1 }))),
        );
        return read.ok ? ok({ items: read.value, nextCursor: null }) : read;
      }
      return access.asOperator(actor, 'organizations:read', (stores) =>
        pageOf(
          page,
          KEY_PATTERN.slug,
          (slice) => stores.organizations.list(filter, slice),
          (row) => row.slug,
          (rows) => views(stores, rows),
        ),
      );
    },

    getOrganization: (actor, org) =>
      access.inOrganization(actor, org, { scope: 'organizations:read', deletedToo: true }, async (stores, row) =>
        ok(await organizationView(stores, row)),
      ),

    async createOrganization(actor, o) {
      const refusal = checkScope(actor, 'organizations:write', true);
      if (refusal) return refusal;
      const c = new Complaints();
      checkSlug(c, 'slug', o.slug);
      const name = checkName(c, 'name', o.name);
      checkCountry(c, 'country', o.country);
      const limits = changedLimits(c, 'limits', o.limits ?? {});
      const timeZone = o.timeZone ?? timeZoneOf(o.country);
      if (!isTimeZone(timeZone)) c.add('timeZone', NO_TIME_ZONE);
      const language = o.language ?? languageOfCountry(o.country);
      checkLanguage(c, 'language', language);
      checkQuotas(c, 'quotas', o.quotas ?? {});
      const allowedCountries = o.allowedCountries
        ? checkCountries(c, 'allowedCountries', o.allowedCountries)
        : [o.country];
      const row: OrganizationRow = {
        id: ids.next(),
        slug: o.slug,
        name,
        country: o.country,
        isSuspended: false,
        timeZone,
        language,
        limits,
        quotas: { ...DEFAULT_QUOTAS, ...o.quotas },
        retention: { recordingsInDays: 0, voicemailInDays: 0 },
        allowedCountries,
        alertMailTo: checkEmails(c, 'alertMailTo', o.alertMailTo ?? []),
        logoTag: null,
        defaultNumber: null,
        currentRevision: 0,
        createdAt: clock.now(),
        deletedAt: null,
      };
      const start = checkStart(c, row, o, () => ids.next());
      const invalid = c.refusal();
      if (invalid) return refuse(invalid);
      let outcome: Awaited<ReturnType<Administration['createOrganization']>>;
      try {
        outcome = await access.asOperator(actor, 'organizations:write', async (stores) => {
          if (!(await stores.organizations.create(row))) return refuseField('slug-taken', 'slug', `${o.slug} is taken`);
          const made = await furnish(access.ports, actor, stores, row, start);
          const { adminToken, adminInvitation } = made;
          return ok({ ...(await organizationView(stores, made.row)), adminToken, adminInvitation });
        });
      } catch (error) {
        if (!(error instanceof Undone)) throw error;
        return refuse(error.refusal);
      }
      if (outcome.ok) await publisher.organizationChanged(row.id);
      return outcome;
    },

    async updateOrganization(actor, org, { expected, ...change }) {
      const operatorOnly = OPERATOR_FIELDS.some((field) => change[field] !== undefined);
      const need = { scope: 'organizations:write', operatorOnly, write: true } as const;
      return access.inOrganization(actor, org, need, async (stores, row, effects) => {
        const thing = { organizationId: row.id, resource: 'organization', resourceId: row.id, auditNames: AUDIT_NAMES };
        const stale = await staleRefusal<OrganizationRow>(stores, thing, row, change, expected);
        if (stale) return stale;
        const c = new Complaints();
        const patch = checkChange(c, row, change, new Set(await stores.numbers.all(row.id)));
        const invalid = c.refusal();
        if (invalid) return refuse(invalid);
        await stores.organizations.update(row.id, patch);
        effects.changed = true;
        return ok(await organizationView(stores, { ...row, ...patch }));
      });
    },
  };
}

function checkChange(
  c: Complaints,
  row: OrganizationRow,
  change: OrganizationChange,
  numbers: ReadonlySet<string>,
): OrganizationPatch {
  const patch: OrganizationPatch = {};
  if (change.name !== undefined) patch.name = checkName(c, 'name', change.name);
  if (change.country !== undefined) {
    checkCountry(c, 'country', change.country);
    patch.country = change.country;
  }
  if (change.timeZone !== undefined) {
    if (!isTimeZone(change.timeZone)) c.add('timeZone', NO_TIME_ZONE);
    patch.timeZone = change.timeZone;
  }
  if (change.language !== undefined) {
    checkLanguage(c, 'language', change.language);
    patch.language = change.language;
  }
  if (change.limits !== undefined) {
    patch.limits = changedLimits(c, 'limits', change.limits, row.limits);
  }
  if (change.quotas !== undefined) {
    checkQuotas(c, 'quotas', change.quotas);
    patch.quotas = { ...row.quotas, ...change.quotas };
  }
  if (change.retention !== undefined) {
    checkRetention(c, 'retention', change.retention);
    patch.retention = { ...row.retention, ...change.retention };
  }
  if (change.allowedCountries !== undefined) {
    patch.allowedCountries = checkCountries(c, 'allowedCountries', change.allowedCountries);
  }
  if (change.alertMailTo !== undefined) {
    patch.alertMailTo = checkEmails(c, 'alertMailTo', change.alertMailTo);
  }
  if (change.defaultNumber !== undefined) {
    const number = change.defaultNumber === null ? null : toE164(change.defaultNumber, row.country);
    if (change.defaultNumber !== null && (number === null || !numbers.has(number))) {
      c.add('defaultNumber', "must be one of the organization's own numbers");
    }
    patch.defaultNumber = number;
  }
  return patch;
}
