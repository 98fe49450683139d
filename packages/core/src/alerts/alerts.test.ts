import { beforeEach, describe, expect, test } from 'vitest';
import { AlertBook, type AlertBookOptions, type Notice, type Remembered, type Sent } from './alert-book.ts';
import { noticeText } from './notice-text.ts';

let now: number;
let timers: { at: number; fn: () => void }[];
let told: string[];
let sent: Notice[];
let disk: Remembered;
let answer: (notice: Notice) => Sent;
let muted: string[];
let channels: ('mail' | 'webhook')[];
let n: number;

const clock = {
  now: () => now,
  after(delay: number, fn: () => void) {
    const timer = { at: now + delay, fn };
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  },
};
const log = { debug() {}, info() {}, warn() {}, error() {} };

function book(): AlertBook {
  const options: AlertBookOptions = {
    clock,
    log,
    ids: { next: () => `id-${++n}` },
    memory: { load: () => structuredClone(disk), save: (state) => Object.assign(disk, structuredClone(state)) },
    isMuted: (kind) => muted.includes(kind),
    channels: () => channels,
    async send(notice) {
      sent.push(notice);
      const result = answer(notice);
      if (result.kind === 'done') told.push(`${notice.channel} ${notice.what} ${notice.alert.kind}`);
      return result;
    },
  };
  const made = new AlertBook(options);
  made.start();
  return made;
}

/** Time goes by, second by second. */
async function pass(ms: number): Promise<void> {
  const until = now + ms;
  while (now < until) {
    now = Math.min(until, now + 1_000);
    const due = timers.filter(({ at }) => at <= now);
    timers = timers.filter(({ at }) => at > now);
    for (const { fn } of due) fn();
    for (let i = 0; i < 4; i += 1) await Promise.resolve();
  }
}

beforeEach(() => {
  [now, n, timers, told, sent, muted] = [1_000_000, 0, [], [], [], []];
  disk = { alerts: [], notices: [] };
  channels = ['mail', 'webhook'];
  answer = () => ({ kind: 'done' });
});

describe('an alert', () => {
  test('is told once by each channel, however often it is raised, and again when it is over', async () => {
    const alerts = book();
    for (let i = 0; i < 5; i += 1) alerts.raise('engine-down', { calls: i });
    await pass(5_000);
    expect(told).toEqual(['mail raised engine-down', 'webhook raised engine-down']);
    expect(alerts.list()).toMatchObject([{ kind: 'engine-down', facts: { calls: 4 }, resolvedAt: null }]);
    alerts.resolve('engine-down');
    alerts.resolve('engine-down');
    await pass(5_000);
    expect(told.slice(2)).toEqual(['mail resolved engine-down', 'webhook resolved engine-down']);
  });

  test('that comes and goes is not told of every time; one that stays is', async () => {
    const alerts = book();
    for (let i = 0; i < 20; i += 1) {
      alerts.raise('engine-down');
      await pass(1_000);
      alerts.resolve('engine-down');
      await pass(1_000);
    }
    expect(told.filter((text) => text.startsWith('mail'))).toEqual([
      'mail raised engine-down',
      'mail resolved engine-down',
    ]);
    alerts.raise('engine-down');
    await pass(11 * 60_000);
    expect(told.filter((text) => text === 'mail raised engine-down')).toHaveLength(2);
  });

  test('of two trunks are two; of an event there is no end', async () => {
    const alerts = book();
    alerts.raise('trunk-unregistered', {}, { subject: 'a' });
    alerts.raise('trunk-unregistered', {}, { subject: 'b' });
    alerts.raise('brain-restarted');
    alerts.resolve('trunk-unregistered', { subject: 'a' });
    expect(alerts.subjects('trunk-unregistered')).toEqual(['b']);
    await pass(5_000);
    expect(told.filter((text) => text.startsWith('mail'))).toEqual([
      'mail raised trunk-unregistered',
      'mail raised trunk-unregistered',
      'mail raised brain-restarted',
      'mail resolved trunk-unregistered',
    ]);
  });

  test('that is muted is listed and not told', async () => {
    muted = ['disk-low'];
    const alerts = book();
    alerts.raise('disk-low');
    await pass(5_000);
    alerts.resolve('disk-low');
    await pass(5_000);
    expect(told).toEqual([]);
    expect(alerts.list()).toHaveLength(1);
  });

  test('that concerns an organization is told to it too, muted or not, and its end is not', async () => {
    muted = ['storage-full'];
    const alerts = book();
    alerts.raise('storage-full', {}, { subject: 'o1', organizationId: 'o1' });
    alerts.raise('trunk-unregistered', {}, { subject: 't1', organizationId: 'o1' });
    await pass(5_000);
    alerts.resolve('storage-full', { subject: 'o1' });
    await pass(5_000);
    expect(told.filter((text) => !text.startsWith('webhook'))).toEqual([
      'organization raised storage-full',
      'mail raised trunk-unregistered',
    ]);
  });

  test('one organization with very many leaves room for the others', async () => {
    const alerts = book();
    for (let i = 0; i < 50; i += 1) alerts.raise('device-suspended', {}, { subject: `d${i}`, organizationId: 'o1' });
    alerts.raise('device-suspended', {}, { subject: 'x', organizationId: 'o2' });
    await pass(60_000);
    expect(sent.filter((notice) => notice.channel === 'organization').map((n) => n.alert.organizationId)).toEqual([
      ...Array.from({ length: 10 }, () => 'o1'),
      'o2',
    ]);
  });

  test('a flood of them is told in portions', async () => {
    const alerts = book();
    for (let i = 0; i < 100; i += 1) alerts.raise('trunk-unregistered', {}, { subject: `t${i}` });
    await pass(120_000);
    expect(told.filter((text) => text.startsWith('mail'))).toHaveLength(30);
    await pass(3_700_000);
    expect(told.filter((text) => text.startsWith('mail'))).toHaveLength(60);
  });
});

describe('a notice', () => {
  test('is tried again until it gets through, once, in order, and holds up no other channel', async () => {
    let isAway = true;
    answer = ({ channel }) => (channel === 'mail' && isAway ? { kind: 'later', reason: 'away' } : { kind: 'done' });
    const alerts = book();
    alerts.raise('engine-down');
    await pass(3_000);
    alerts.resolve('engine-down');
    await pass(60_000);
    expect(told).toEqual(['webhook raised engine-down', 'webhook resolved engine-down']);
    isAway = false;
    await pass(300_000);
    expect(told.slice(2)).toEqual(['mail raised engine-down', 'mail resolved engine-down']);
    const tries = sent.filter(({ channel, what }) => channel === 'mail' && what === 'raised');
    expect(new Set(tries.map(({ id }) => id)).size).toBe(1);
    expect(tries.length).toBeGreaterThan(1);
  });

  test('survives the brain: what was not told yet is told by the next one, and what was is not', async () => {
    answer = () => ({ kind: 'later', reason: 'away' });
    const first = book();
    first.raise('engine-down');
    await pass(1_000);
    first.stop();
    timers = [];
    answer = () => ({ kind: 'done' });
    const second = book();
    second.raise('engine-down');
    await pass(20_000);
    expect(told).toEqual(['mail raised engine-down', 'webhook raised engine-down']);
    second.resolve('engine-down');
    await pass(2_000);
    expect(told).toHaveLength(4);
  });

  test('is given up in the end, and does not stand in the way of the next', async () => {
    answer = ({ alert }) => (alert.kind === 'engine-down' ? { kind: 'never', reason: 'gone' } : { kind: 'done' });
    const alerts = book();
    alerts.raise('engine-down');
    alerts.raise('disk-low');
    await pass(5_000);
    expect(told).toEqual(['mail raised disk-low', 'webhook raised disk-low']);
    expect(disk.notices).toEqual([]);
  });

  test('reads well in either language', () => {
    const alerts = book();
    alerts.raise('disk-low', { freePercent: 3 });
    const notice = { what: 'raised', alert: alerts.list()[0]! } as Notice;
    expect(noticeText(notice, 'en')).toMatchObject({ subject: '[LittlePBX] The disk is nearly full' });
    expect(noticeText(notice, 'en').text).toContain('freePercent: 3');
    expect(noticeText(notice, 'ru').subject).toBe('[LittlePBX] Диск почти заполнен');
    expect(JSON.stringify(noticeText({ ...notice, what: 'test' }, 'en'))).not.toMatch(/disk/i);
  });
});
