import { AlertBook } from '@littlepbx/core/alerts/alert-book';
import { ALERT_DEFAULTS } from '@littlepbx/core/alerts/settings';
import { beforeEach, expect, test } from 'vitest';
import { Watch, type WatchSources } from './watch.ts';

let now: number;
let state: {
  engine: boolean;
  draining: boolean;
  database: boolean;
  registrations: number;
  lag: number;
  free: number;
  expiry: number | null;
  stuck: number | null;
  trunk: 'registered' | 'rejected';
  backup: number | null;
  stored: number;
  near: unknown[];
  pending: string[];
};
let organization: Record<string, unknown>;
let alerts: AlertBook;
let watch: Watch;
const clock = { now: () => now, after: () => () => {} };
const log = { debug() {}, info() {}, warn() {}, error() {} };
const standing = () =>
  alerts
    .list()
    .filter((a) => a.resolvedAt === null)
    .map((a) => a.kind);

beforeEach(() => {
  now = 1_000_000_000_000;
  state = {
    engine: true,
    draining: false,
    database: true,
    registrations: 20,
    lag: 5,
    free: 100e9,
    expiry: null,
    stuck: null,
    trunk: 'registered',
    backup: null,
    stored: 0,
    near: [],
    pending: [],
  };
  organization = {
    id: 'o1',
    slug: 'acme',
    limits: { storageBytes: 100e6 },
    revision: { content: { extensions: [{ id: 'e1', number: '101' }], routes: [] } },
    trunks: [{ id: 't1' }],
    devices: [],
    controls: [],
  };
  let n = 0;
  alerts = new AlertBook({
    clock,
    log,
    ids: { next: () => String(++n) },
    memory: { load: () => null, save: () => {} },
    isMuted: () => false,
    channels: () => [],
    send: async () => ({ kind: 'done' }),
  });
  watch = new Watch({
    alerts,
    clock,
    thresholds: () => ALERT_DEFAULTS.thresholds,
    live: {
      health: () => ({
        engine: { isConnected: state.engine },
        database: { isConnected: state.database },
        calls: 3,
        isDraining: state.draining,
        registrations: state.registrations,
        eventLoopLag: { mean: 1, p99: state.lag, max: 900 },
      }),
    },
    directory: { trunkRegistrations: async () => [{ trunkId: 't1', state: state.trunk }] },
    registry: {
      organizations: { all: () => [organization] },
      spending: { near: () => state.near },
      isSuspending: (id: string) => state.pending.includes(id),
    },
    files: { used: () => state.stored, room: () => (100e6 - state.stored) / 16 },
    machine: {
      disks: async () => [{ name: 'brain', free: state.free, total: 200e9, device: 1 }],
      certificateExpiry: () => state.expiry,
      lastBackup: async () => state.backup,
      close() {},
    },
    journalStuckSince: () => state.stuck,
    mailsGivenUp: async () => 0,
    installedAt: () => 1_000_000_000_000,
  } as unknown as WatchSources);
  now += 60_000;
});

function lookFor(ms: number): void {
  for (const until = now + ms; now < until; now += 500) watch.look();
}
async function lookSlowly(times: number): Promise<void> {
  for (let i = 0; i < times; i += 1, now += 30_000) await watch.lookSlowly();
}

test('an engine that is away is told within a second; a database after five', () => {
  lookFor(2_000);
  expect(standing()).toEqual([]);
  state.engine = false;
  lookFor(1_000);
  expect(standing()).toEqual(['engine-down']);
  state.engine = true;
  state.database = false;
  lookFor(4_000);
  expect(standing()).toEqual([]);
  lookFor(2_000);
  expect(standing()).toEqual(['database-down']);
  state.database = true;
  lookFor(500);
  expect(standing()).toEqual([]);
});

test('an engine that was drained is being restarted: told only when that takes long', () => {
  lookFor(2_000);
  state.draining = true;
  state.engine = false;
  lookFor(8_000);
  expect(standing()).toEqual([]);
  lookFor(4_000);
  expect(standing()).toEqual(['engine-down']);
});

test('disk, journal, certificate and event loop', async () => {
  await lookSlowly(2);
  expect(standing()).toEqual([]);
  Object.assign(state, { free: 5e9, stuck: now, expiry: now + 5 * 86_400_000, lag: 400 });
  now += 3_000;
  watch.look();
  await lookSlowly(1);
  expect(standing().sort()).toEqual(['certificate-expiring', 'disk-low', 'event-loop-late', 'journal-stuck']);
  Object.assign(state, { free: 90e9, stuck: null, expiry: now + 90 * 86_400_000, lag: 4 });
  watch.look();
  await lookSlowly(1);
  expect(standing()).toEqual([]);
});

test('registrations that go at once, not those that were never there', async () => {
  await lookSlowly(3);
  state.registrations = 10;
  await lookSlowly(1);
  expect(standing()).toEqual(['registrations-dropped']);
  // It has been so for a while.
  await lookSlowly(12);
  expect(standing()).toEqual([]);
  state.registrations = 9;
  await lookSlowly(2);
  expect(standing()).toEqual([]);
});

test('a trunk that stays unregistered', async () => {
  state.trunk = 'rejected';
  await lookSlowly(1);
  expect(standing()).toEqual([]);
  await lookSlowly(1);
  expect(alerts.list()[0]).toMatchObject({ kind: 'trunk-unregistered', subject: 't1', organizationId: 'o1' });
  state.trunk = 'registered';
  await lookSlowly(1);
  expect(standing()).toEqual([]);
});

test('many calls that fail by our doing, not callers who dialled wrong', async () => {
  const end = (result: string, blame: string, times: number): void => {
    for (let i = 0; i < times; i += 1) watch.observer.ended({ cdr: { result, blame, reason: 'x' } } as never);
  };
  end('failed', 'caller', 30);
  end('answered', 'callee', 10);
  await lookSlowly(1);
  expect(standing()).toEqual([]);
  end('failed', 'carrier', 30);
  await lookSlowly(1);
  expect(standing()).toEqual(['calls-failing']);
  await lookSlowly(25);
  expect(standing()).toEqual([]);
});

const DAY = 86_400_000;

test('no backup for a week, and one at last', async () => {
  await lookSlowly(1);
  expect(standing()).toEqual([]);
  now += 8 * DAY;
  await lookSlowly(1);
  expect(alerts.list()[0]).toMatchObject({ kind: 'backup-old', facts: { daysAgo: 8, backups: 0 }, resolvedAt: null });
  state.backup = now;
  await lookSlowly(1);
  expect(standing()).toEqual([]);
  now += 8 * DAY;
  await lookSlowly(1);
  expect(standing()).toEqual(['backup-old']);
});

test('an organization whose storage fills up, is full, and has room again', async () => {
  state.stored = 91e6;
  await lookSlowly(1);
  expect(alerts.list()[0]).toMatchObject({
    kind: 'storage-low',
    organizationId: 'o1',
    facts: { organization: 'acme', usedPercent: 91 },
  });
  state.stored = 99.9e6;
  await lookSlowly(1);
  expect(standing().sort()).toEqual(['storage-full', 'storage-low']);
  state.stored = 50e6;
  await lookSlowly(1);
  expect(standing()).toEqual([]);
});

test('a spending limit that is reached stands until much of it is free again', async () => {
  const cap = { id: 'money-per-day', isOff: false };
  state.near = [{ cap, extensionId: 'e1', usedPercent: 85 }];
  await lookSlowly(1);
  expect(alerts.list()[0]).toMatchObject({
    kind: 'spend-limit-near',
    subject: 'e1 money-per-day',
    facts: { organization: 'acme', extension: '101', cap: 'money-per-day', usedPercent: 85 },
  });
  // What a call that was refused said.
  alerts.raise('spend-limit-reached', {}, { subject: 'e1 money-per-day', organizationId: 'o1' });
  await lookSlowly(1);
  expect(standing().sort()).toEqual(['spend-limit-near', 'spend-limit-reached']);
  state.near = [{ cap, extensionId: 'e1', usedPercent: 81 }];
  await lookSlowly(1);
  expect(standing().sort()).toEqual(['spend-limit-near', 'spend-limit-reached']);
  state.near = [];
  await lookSlowly(1);
  expect(standing()).toEqual([]);
});

test('a phone that was suspended by itself, from the moment on and until somebody lifts it', async () => {
  state.pending = ['alice-desk'];
  alerts.raise('device-suspended', {}, { subject: 'alice-desk', organizationId: 'o1' });
  await lookSlowly(1);
  expect(standing()).toEqual(['device-suspended']);
  const phone = { username: 'alice-desk', extensionId: 'e1' };
  organization.devices = [{ ...phone, suspension: { by: 'system', reason: 'short-calls', at: now } }];
  state.pending = [];
  await lookSlowly(1);
  expect(alerts.list()[0]).toMatchObject({ facts: { extension: '101', reason: 'short-calls' }, resolvedAt: null });
  organization.devices = [{ ...phone, suspension: null }];
  await lookSlowly(1);
  expect(standing()).toEqual([]);
});

test('what people suspend is no alert', async () => {
  organization.devices = [{ username: 'x', extensionId: 'e1', suspension: { by: 'operator', reason: 'r', at: now } }];
  await lookSlowly(1);
  expect(standing()).toEqual([]);
});
