/** An administration on a fresh database, with an operator and two organizations that must not see each other. */
import { randomBytes } from 'node:crypto';
import type { MailTransport } from '@littlepbx/core/mail/mail';
import type { Actor } from '@littlepbx/core/tenancy/actor';
import { ALL_SCOPES } from '@littlepbx/core/tenancy/actor';
import type { Administration, Publisher } from '@littlepbx/core/tenancy/administration';
import { createAdministration } from '@littlepbx/core/tenancy/create-administration';
import { ADMIN_SCOPES } from '@littlepbx/core/tenancy/keys';
import type { Outcome } from '@littlepbx/core/tenancy/outcome';
import type { Secrets, Stores } from '@littlepbx/core/tenancy/stores';
import { WebhookReach } from '@littlepbx/core/webhooks/reach';
import { Cipher } from '../cipher.ts';
import { OrganizationLoader } from '../load-organizations.ts';
import { nodeSecrets } from '../secrets.ts';
import { createStores } from '../stores/index.ts';
import { TenantDb } from '../tenant-db.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

export interface TestInstallation {
  database: TestDatabase;
  db: TenantDb;
  administration: Administration;
  stores: Stores;
  loader: OrganizationLoader;
  operator: Actor;
  /** What the brain was told, in order: `changed <id>`, `calls ended of <what> <id>`, `unregistered <username>`, `erased <organization>` …. */
  told: string[];
  /** Makes an organization and the actor of its admin. */
  organization(slug: string, country?: string): Promise<{ id: string; admin: Actor }>;
  close(): Promise<void>;
}

/** The value of an outcome that is expected to be good. */
export function value<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`refused: ${outcome.refusal.id}: ${outcome.refusal.message}`);
  return outcome.value;
}

/** The id of an outcome's refusal; `ok` when it is none. */
export function refusal(outcome: Outcome<unknown>): string {
  return outcome.ok ? 'ok' : outcome.refusal.id;
}

/** UUIDv7; tests need no more than that it sorts by time. */
export function uuidv7(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Passwords that are made and checked in a tenth of the time. */
export const quickSecrets: Secrets = {
  ...nodeSecrets,
  hashPassword: (password) => nodeSecrets.hashPin(password),
  isPassword: (password, hash) => nodeSecrets.isPin(password, hash),
};

export const ALL = { limit: 200, cursor: null };

export async function createTestInstallation(
  mailTransport: MailTransport = { send: async () => ({ kind: 'later', reason: 'no mail in this test' }) },
  webhookReach = new WebhookReach([]),
): Promise<TestInstallation> {
  const database = await createTestDatabase();
  const db = new TenantDb({ url: database.appUrl });
  const cipher = new Cipher(randomBytes(32));
  const told: string[] = [];
  const publisher: Publisher = {
    organizationChanged: async (id) => void told.push(`changed ${id}`),
    devicesUnregistered: async (usernames) =>
      void told.push(...usernames.map((username) => `unregistered ${username}`)),
    callsEnded: ({ of, id }) => void told.push(`calls ended of ${of} ${id}`),
    deviceSecured: async (username) => void told.push(`secured ${username}`),
  };
  const stores = createStores(db, cipher);
  const administration = createAdministration({
    stores,
    publisher,
    intake: {
      // Whatever is sent has 1 s, and what begins with `bad` is none.
      async take(_id, sound) {
        let text = '';
        for await (const chunk of sound) text += Buffer.from(chunk).toString('latin1');
        if (text.startsWith('bad')) return { ok: false, refusal: 'broken-sound' };
        const said = (what: string) => async (file?: { id: string }) => void told.push(`${what} ${file?.id ?? text}`);
        return { ok: true, value: { bytes: 16_044, duration: 1000, keep: said('kept'), drop: said('dropped') } };
      },
    },
    files: {
      kept() {},
      remove: async (files) => void told.push(...files.map(({ id }) => `removed ${id}`)),
      copy: async () => true,
      erase: async (id) => void told.push(`erased ${id}`),
    },
    clock: { now: Date.now, after: () => () => {} },
    ids: { next: uuidv7 },
    secrets: quickSecrets,
    mailTransport,
    webhookReach,
    publicUrl: 'https://pbx.example.com',
  });
  const operator: Actor = {
    kind: 'key',
    id: 'operator',
    name: 'Operator',
    organizationId: null,
    scopes: new Set(ALL_SCOPES),
  };
  return {
    database,
    db,
    administration,
    stores,
    loader: new OrganizationLoader(db, cipher),
    operator,
    told,
    async organization(slug, country = 'DE') {
      const { id } = value(await administration.createOrganization(operator, { slug, name: slug, country }));
      const key = { kind: 'key', id: `admin-of-${slug}`, name: `Admin of ${slug}` } as const;
      return { id, admin: { ...key, organizationId: id, scopes: new Set(ADMIN_SCOPES) } };
    },
    async close() {
      await db.close();
      await database.drop();
    },
  };
}
