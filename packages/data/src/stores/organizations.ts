import type { Limits } from '@littlepbx/core/tenancy/organization';
import type { Quotas } from '@littlepbx/core/tenancy/quotas';
import type { OrganizationPatch, OrganizationRow, OrganizationStore } from '@littlepbx/core/tenancy/stores';
import { type Selectable, sql, type Updateable } from 'kysely';
import type { Database } from '../schema.ts';
import type { Transaction } from '../tenant-db.ts';
import { isUuid } from '../uuid.ts';
import { patternOf } from './search.ts';

function organizationRow(row: Selectable<Database['organization']>): OrganizationRow {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    country: row.country,
    isSuspended: row.is_suspended,
    timeZone: row.time_zone,
    language: row.language,
    limits: {
      concurrentCalls: row.concurrent_calls,
      callsPerSecond: row.calls_per_second,
      minutesPerHour: row.minutes_per_hour,
      minutesPerDay: row.minutes_per_day,
      moneyPerHour: row.money_per_hour,
      moneyPerDay: row.money_per_day,
      storageBytes: row.storage_bytes,
      offHours: row.off_hours,
      anomaly: row.anomaly,
    },
    retention: { recordingsInDays: row.recordings_in_days, voicemailInDays: row.voicemail_in_days },
    quotas: {
      extensions: row.max_extensions,
      devices: row.max_devices,
      numbers: row.max_numbers,
      keys: row.max_keys,
    },
    allowedCountries: row.allowed_countries,
    alertMailTo: row.alert_mail_to,
    logoTag: row.logo_tag,
    defaultNumber: row.default_number,
    currentRevision: row.current_revision,
    createdAt: row.created_at.getTime(),
    deletedAt: row.deleted_at?.getTime() ?? null,
  };
}

const quotaColumns = ({ extensions, devices, numbers, keys }: Quotas) => ({
  max_extensions: extensions,
  max_devices: devices,
  max_numbers: numbers,
  max_keys: keys,
});

/** Where what a quota counts is kept. */
const TABLES = { extensions: 'extension', devices: 'device', numbers: 'number', keys: 'api_key' } as const;

function limitColumns(limits: Limits) {
  return {
    concurrent_calls: limits.concurrentCalls,
    calls_per_second: limits.callsPerSecond,
    minutes_per_hour: limits.minutesPerHour,
    minutes_per_day: limits.minutesPerDay,
    money_per_hour: limits.moneyPerHour,
    money_per_day: limits.moneyPerDay,
    storage_bytes: limits.storageBytes,
    off_hours: JSON.stringify(limits.offHours),
    anomaly: JSON.stringify(limits.anomaly),
  };
}

function columns(patch: OrganizationPatch): Updateable<Database['organization']> {
  const set: Updateable<Database['organization']> = {};
  if (patch.name !== undefined) set.name = patch.name;
  if (patch.country !== undefined) set.country = patch.country;
  if (patch.isSuspended !== undefined) set.is_suspended = patch.isSuspended;
  if (patch.timeZone !== undefined) set.time_zone = patch.timeZone;
  if (patch.language !== undefined) set.language = patch.language;
  if (patch.limits !== undefined) Object.assign(set, limitColumns(patch.limits));
  if (patch.retention !== undefined) {
    set.recordings_in_days = patch.retention.recordingsInDays;
    set.voicemail_in_days = patch.retention.voicemailInDays;
  }
  if (patch.quotas !== undefined) Object.assign(set, quotaColumns(patch.quotas));
  if (patch.deletedAt !== undefined) set.deleted_at = patch.deletedAt === null ? null : new Date(patch.deletedAt);
  if (patch.allowedCountries !== undefined) set.allowed_countries = patch.allowedCountries;
  if (patch.logoTag !== undefined) set.logo_tag = patch.logoTag;
  if (patch.alertMailTo !== undefined) set.alert_mail_to = patch.alertMailTo;
  if (patch.defaultNumber !== undefined) set.default_number = patch.defaultNumber;
  if (patch.currentRevision !== undefined) set.current_revision = patch.currentRevision;
  return set;
}

export function organizationStore(trx: Transaction): OrganizationStore {
  const byId = (id: string) => trx.selectFrom('organization').selectAll().where('id', '=', id);
  return {
    async list({ search }, { after, limit }) {
      let query = trx.selectFrom('organization').selectAll().orderBy('slug').limit(limit);
      if (search !== undefined) {
        const pattern = patternOf(search);
        query = query.where((eb) =>
          eb.or([
            eb('name', 'ilike', pattern),
            eb('slug', 'ilike', pattern),
            eb('id', 'in', eb.selectFrom('number').select('organization_id').where('e164', 'like', pattern)),
          ]),
        );
      }
      if (after !== null) query = query.where('slug', '>', after);
      return (await query.execute()).map(organizationRow);
    },
    async get(id) {
      const row = await byId(id).executeTakeFirst();
      return row ? organizationRow(row) : null;
    },
    async named(slugOrId) {
      const named = trx
        .selectFrom('organization')
        .selectAll()
        .where(isUuid(slugOrId) ? 'id' : 'slug', '=', slugOrId)
        .where('deleted_at', 'is', null);
      const row = await named.executeTakeFirst();
      return row ? organizationRow(row) : null;
    },
    async lock(id) {
      // Not FOR UPDATE: that would also hold off the foreign keys of tables that name the organization.
      const row = await byId(id).forNoKeyUpdate().executeTakeFirst();
      return row ? organizationRow(row) : null;
    },
    async create(row) {
      const result = await trx
        .insertInto('organization')
        .values({
          id: row.id,
          slug: row.slug,
          name: row.name,
          country: row.country,
          is_suspended: row.isSuspended,
          time_zone: row.timeZone,
          language: row.language,
          ...limitColumns(row.limits),
          ...quotaColumns(row.quotas),
          allowed_countries: row.allowedCountries,
          alert_mail_to: row.alertMailTo,
          logo_tag: row.logoTag,
          default_number: row.defaultNumber,
          current_revision: row.currentRevision,
          created_at: new Date(row.createdAt),
        })
        .onConflict((c) => c.column('slug').doNothing())
        .executeTakeFirst();
      return result.numInsertedOrUpdatedRows === 1n;
    },
    async update(id, patch) {
      const set = columns(patch);
      if (Object.keys(set).length > 0) await trx.updateTable('organization').set(set).where('id', '=', id).execute();
    },
    async logo(id) {
      const found = await trx
        .selectFrom('organization_logo')
        .select(['type', 'content'])
        .where('organization_id', '=', id)
        .executeTakeFirst();
      return found ?? null;
    },
    async putLogo(id, logo) {
      await trx.deleteFrom('organization_logo').where('organization_id', '=', id).execute();
      if (logo)
        await trx
          .insertInto('organization_logo')
          .values({ organization_id: id, ...logo })
          .execute();
    },
    async erase(id) {
      await sql`SELECT erase_organization(${id}::uuid)`.execute(trx);
    },
    async count(id, of) {
      const { n } = await trx
        .selectFrom(TABLES[of])
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('organization_id', '=', id)
        .executeTakeFirstOrThrow();
      return n;
    },
  };
}
