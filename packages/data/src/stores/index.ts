import type { Scope } from '@littlepbx/core/tenancy/actor';
import type { StoreSet, Stores } from '@littlepbx/core/tenancy/stores';
import type { Cipher } from '../cipher.ts';
import type { TenantDb, Transaction } from '../tenant-db.ts';
import { auditStore } from './audit.ts';
import { callStore } from './calls.ts';
import { controlStore } from './controls.ts';
import { deviceStore } from './devices.ts';
import { draftStore } from './drafts.ts';
import { fileStore } from './files.ts';
import { jobStore } from './jobs.ts';
import { keyStore } from './keys.ts';
import { numberStore } from './numbers.ts';
import { organizationStore } from './organizations.ts';
import { personStore, type SessionLine, sessionOf } from './persons.ts';
import { rateStore } from './rates.ts';
import { repeatStore } from './repeats.ts';
import { revisionStore } from './revisions.ts';
import { settingStore } from './settings.ts';
import { statisticsStore } from './statistics.ts';
import { trunkStore } from './trunks.ts';
import { userStore } from './users.ts';
import { voicemailStore } from './voicemail.ts';
import { waitingApplyStore } from './waiting-applies.ts';
import { webhookStore } from './webhooks.ts';

/** All aggregates, as this transaction sees them. */
export function createStoreSet(trx: Transaction, cipher: Pick<Cipher, 'encrypt' | 'decrypt'>): StoreSet {
  return {
    organizations: organizationStore(trx),
    drafts: draftStore(trx),
    devices: deviceStore(trx),
    numbers: numberStore(trx),
    trunks: trunkStore(trx, cipher),
    rates: rateStore(trx),
    controls: controlStore(trx),
    revisions: revisionStore(trx),
    waitingApplies: waitingApplyStore(trx),
    calls: callStore(trx),
    repeats: repeatStore(trx, cipher),
    statistics: statisticsStore(trx),
    files: fileStore(trx),
    voicemail: voicemailStore(trx),
    keys: keyStore(trx),
    persons: personStore(trx),
    users: userStore(trx),
    audit: auditStore(trx),
    jobs: jobStore(trx),
    webhooks: webhookStore(trx, cipher),
    settings: settingStore(trx, cipher),
  };
}

/** Within what the HTTP server waits for. Milliseconds. */
const LONG = 12_000;
const timeout = (isLong: boolean | undefined): number | undefined => (isLong ? LONG : undefined);

/** The stores of core's use cases on Postgres. */
export function createStores(db: TenantDb, cipher: Cipher): Stores {
  const on = (trx: Transaction): StoreSet => createStoreSet(trx, cipher);
  return {
    withOrganization: (id, fn, author, isLong) =>
      db.withOrganization(id, (trx) => fn(on(trx)), author, timeout(isLong)),
    withNamedOrganization: (slugOrId, fn, author, isLong) =>
      db.withNamedOrganization(slugOrId, (trx, id) => fn(on(trx), id), author, timeout(isLong)),
    asOperator: (fn, author, isLong) => db.asOperator((trx) => fn(on(trx)), timeout(isLong), author),
    async key(id) {
      const [row] = await db.statement<{
        id: string;
        name: string;
        organization_id: string | null;
        scopes: Scope[];
        secret_sha256: string;
        last_used_at: Date | null;
      }>('SELECT * FROM api_key_by_id($1)', [id]);
      if (!row) return null;
      return {
        id: row.id,
        name: row.name,
        organizationId: row.organization_id,
        scopes: row.scopes,
        secretSha256: row.secret_sha256,
        lastUsedAt: row.last_used_at?.getTime() ?? null,
      };
    },
    async session(token) {
      const [row] = await db.statement<SessionLine>('SELECT * FROM session_by_token($1)', [token]);
      return row ? sessionOf(row) : null;
    },
    keyUsed: (id, at) =>
      db.asOperator(async (trx) => {
        await trx
          .updateTable('api_key')
          .set({ last_used_at: new Date(at) })
          .where('id', '=', id)
          .execute();
      }),
  };
}
