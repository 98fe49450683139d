/** What the brain reads of Postgres when something changed: enough, and no more. */
import { randomBytes } from 'node:crypto';
import { Organizations } from '@littlepbx/core/call/organizations';
import { Spending } from '@littlepbx/core/spending/spending';
import { createAdministration } from '@littlepbx/core/tenancy/create-administration';
import type { Organization } from '@littlepbx/core/tenancy/organization';
import { WebhookReach } from '@littlepbx/core/webhooks/reach';
import { Cipher, createStores, nodeSecrets } from '@littlepbx/data';
import pg from 'pg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  createTestInstallation,
  type TestInstallation,
  uuidv7,
  value,
} from '../../../packages/data/src/testing/installation.ts';
import { systemClock } from './clock.ts';
import { OrganizationFeed } from './organization-feed.ts';

/** Longer than an announcement is let settle, shorter than the next comparison. Milliseconds. */
const LONG_ENOUGH = 300;

/** As the feed does. Milliseconds. */
const COMPARED_EVERY = 2000;
/** Milliseconds. */
const PATIENCE = 30_000;
let t: TestInstallation;
let feed: OrganizationFeed;
let organizations: Organizations;
/** Ids that were read, one by one. */
let spending: Spending;
let read: string[];
let unregistered: unknown[];
let hungUp: string[];
/** What the engine was told. */
let told: string[];
let engine: () => Promise<void>;

beforeEach(async () => {
  t = await createTestInstallation();
  organizations = new Organizations();
  spending = new Spending({
    clock: { now: Date.now, after: () => () => {} },
    alerts: { raise() {} },
    watch: { placed() {}, spent() {}, ended() {} },
  });
  [read, unregistered, hungUp, told] = [[], [], [], []];
  engine = async () => {};
  const { loader } = t;
  feed = new OrganizationFeed({
    loader: {
      loadOrganization(id) {
        read.push(id);
        return loader.loadOrganization(id);
      },
      loadOrganizations: (ids) => loader.loadOrganizations(ids),
      loadRateDeck: (org, trunk) => loader.loadRateDeck(org, trunk),
      versions: () => loader.versions(),
    },
    cache: { load: () => [], save() {}, remove() {} },
    rateDecks: { load: () => new Map(), save() {}, remove() {} },
    registry: {
      organizations,
      spending,
      hangUpDevice: (username) => void hungUp.push(username),
      hangUpExtension: (id) => void hungUp.push(id),
      hangUpOrganization: (id) => void hungUp.push(id),
    },
    directory: {
      publish(organizations) {
        told.push(...organizations.map((o) => o.id));
        return engine();
      },
      replaceAll(all) {
        told.push(`all ${all.length}`);
        return engine();
      },
      unregister: async (...args) => void unregistered.push(args),
    },
    databaseUrl: t.database.appUrl,
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  await feed.start();
});
afterEach(async () => {
  await feed.stop();
  await t.close();
});

const known = (id: string): Organization | null => organizations.get(id);
const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function ownAdministration() {
  return createAdministration({
    stores: createStores(t.db, new Cipher(randomBytes(32))),
    publisher: feed,
    intake: { take: async () => ({ ok: false, refusal: 'not-a-sound' }) },
    files: { kept() {}, remove: async () => {}, copy: async () => true, erase: async () => {} },
    clock: systemClock,
    ids: { next: uuidv7 },
    secrets: nodeSecrets,
    mailTransport: { send: async () => ({ kind: 'done' }) },
    webhookReach: new WebhookReach([]),
    publicUrl: 'https://pbx.example.com',
  });
}

/** Waits until the feed hears announcements, by one that it must read. */
async function isListening(id: string): Promise<void> {
  await vi.waitFor(async () => {
    value(await t.administration.updateOrganization(t.operator, id, { name: `Name ${read.length} ${Math.random()}` }));
    await vi.waitFor(() => expect(read).toContain(id), 2_000);
  }, PATIENCE);
  await isAtRest();
}

/** Waits until nothing was read for a while. */
async function isAtRest(): Promise<void> {
  do {
    read.length = 0;
    await pass(LONG_ENOUGH);
  } while (read.length > 0);
}

test('a change of our own is live when it is answered, and read once', async () => {
  const { id } = await t.organization('own');
  await isListening(id);
  const administration = ownAdministration();
  for (const name of ['One', 'Two', 'Three']) {
    value(await administration.updateOrganization(t.operator, id, { name }));
    expect(known(id)?.name).toBe(name);
  }
  await pass(LONG_ENOUGH);
  expect(read).toEqual([id, id, id]);
});

test('changes made elsewhere are heard, and several in a row read once', async () => {
  const { id, admin } = await t.organization('elsewhere');
  await isListening(id);
  for (const number of ['101', '102']) value(await t.administration.createExtension(admin, id, { number, name: 'X' }));
  value(await t.administration.apply(admin, id));
  for (const extension of ['101', '102']) value(await t.administration.createDevice(admin, id, { extension }));
  await vi.waitFor(() => expect(known(id)?.devices).toHaveLength(2), PATIENCE);
  await isAtRest();
  // One transaction, a version for each row.
  const client = new pg.Client({ connectionString: t.database.adminUrl });
  await client.connect();
  await client.query('UPDATE device SET name = $1', ['Moved']);
  await client.end();
  await vi.waitFor(() => expect(known(id)?.devices.map((d) => d.name)).toEqual(['Moved', 'Moved']), PATIENCE);
  expect(read).toEqual([id]);
  value(await t.administration.deleteOrganization(t.operator, id, { confirm: 'elsewhere', isErasedNow: false }));
  await vi.waitFor(() => expect(known(id)).toBeNull(), PATIENCE);
});

test('a device that must use TLS loses other contacts and no call; one that is revoked loses both', async () => {
  await feed.deviceSecured('phone1');
  expect([unregistered, hungUp]).toEqual([[[['phone1'], ['tls', 'wss']]], []]);
  await feed.devicesUnregistered(['phone2']);
  feed.callsEnded({ of: 'device', id: 'phone2' });
  expect([unregistered[1], hungUp]).toEqual([[['phone2'], undefined], ['phone2']]);
});

test('two organizations that are changed at once are told to the engine one by one', async () => {
  const [one, other] = [await t.organization('one'), await t.organization('other')];
  await isListening(one.id);
  await isListening(other.id);
  told = [];
  const { promise: isAnswered, resolve: answer } = Promise.withResolvers<void>();
  engine = () => isAnswered;
  const administration = ownAdministration();
  const first = administration.updateOrganization(t.operator, one.id, { name: 'One' });
  await vi.waitFor(() => expect(told).toHaveLength(1), PATIENCE);
  const second = administration.updateOrganization(t.operator, other.id, { name: 'Other' });
  await vi.waitFor(() => expect(told).toHaveLength(2), PATIENCE);
  answer();
  value(await first);
  value(await second);
  expect(told).toEqual([one.id, other.id]);
});

test('an engine that could not be told of a change is brought up with all of them', async () => {
  const { id } = await t.organization('full');
  await isListening(id);
  told = [];
  engine = async () => {
    throw new Error('disk full');
  };
  await ownAdministration()
    .updateOrganization(t.operator, id, { name: 'Full' })
    .catch(() => {});
  await vi.waitFor(() => expect(told.slice(0, 3)).toEqual([id, 'all 1', 'all 1']), PATIENCE);
  engine = async () => {};
  told = [];
  await vi.waitFor(() => expect(told).toEqual(['all 1']), PATIENCE);
  await pass(2 * COMPARED_EVERY);
  expect(told).toEqual(['all 1']);
});
