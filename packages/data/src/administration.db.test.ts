import type { Actor } from '@littlepbx/core/tenancy/actor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL, createTestInstallation, refusal, type TestInstallation, value } from './testing/installation.ts';

let t: TestInstallation;
beforeAll(async () => {
  t = await createTestInstallation();
});
afterAll(() => t?.close());

describe('organizations', () => {
  it('are made by the operator alone, with limits and their own country allowed', async () => {
    const made = value(
      await t.administration.createOrganization(t.operator, { slug: 'first', name: 'First Ltd', country: 'GB' }),
    );
    expect(made).toMatchObject({ slug: 'first', allowedCountries: ['GB'], isSuspended: false, appliedRevision: 0 });
    expect(made.limits.concurrentCalls).toBeGreaterThan(0);
    const again = { slug: 'first', name: 'x', country: 'GB' };
    expect(refusal(await t.administration.createOrganization(t.operator, again))).toBe('slug-taken');
    const { admin } = await t.organization('second');
    expect(refusal(await t.administration.createOrganization(admin, again))).toBe('forbidden');
    expect(refusal(await t.administration.unsuspendOrganization(admin, 'second'))).toBe('forbidden');
    expect(value(await t.administration.updateOrganization(admin, 'second', { name: 'Second' })).name).toBe('Second');
  });

  it('name every wrong field', async () => {
    const outcome = await t.administration.createOrganization(t.operator, {
      slug: 'No Slug',
      name: 'a\r\nb',
      country: 'XX',
      limits: { concurrentCalls: -1, callsPerSecond: 1.5 },
    });
    expect(outcome.ok ? [] : outcome.refusal.fields!.map((f) => f.field)).toEqual([
      'slug',
      'name',
      'country',
      'limits.concurrentCalls',
      'limits.callsPerSecond',
    ]);
  });

  it('are listed page by page', async () => {
    for (let i = 0; i < 5; i++) await t.organization(`page-${i}`);
    const slugs: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof t.administration.listOrganizations>> =
        await t.administration.listOrganizations(t.operator, {}, { limit: 2, cursor });
      slugs.push(...value(page).items.map((o) => o.slug));
      cursor = value(page).nextCursor;
    } while (cursor);
    expect(slugs).toEqual([...new Set(slugs)].sort());
    expect(slugs).toEqual(expect.arrayContaining(['page-0', 'page-4']));
    expect(refusal(await t.administration.listOrganizations(t.operator, {}, { limit: 2, cursor: 'JyBvcg' }))).toBe(
      'invalid',
    );
  });

  it('have extensions, phones and numbers that are found by a part of what names them', async () => {
    const { id, admin } = await t.organization('searched');
    const { administration } = t;
    for (const [number, name] of [
      ['101', 'Alice Johnson'],
      ['102', "Bob O'Brien"],
      ['215', '5% Ольга'],
    ] as const) {
      value(await administration.createExtension(admin, id, { number, name }));
    }
    value(await administration.createDevice(admin, id, { extension: '101', name: 'Desk phone' }));
    value(await administration.createDevice(admin, id, { extension: '215', name: 'Kitchen' }));
    value(await administration.assignNumber(t.operator, id, { number: '+442079461901' }));
    value(await administration.assignNumber(t.operator, id, { number: '+442079461902' }));
    const extensions = async (search: string) =>
      value(await administration.listExtensions(admin, id, { ...ALL, search })).items.map((e) => e.number);
    expect(await extensions('10')).toEqual(['101', '102']);
    expect(await extensions("o'b")).toEqual(['102']);
    expect(await extensions('ольга')).toEqual(['215']);
    expect(await extensions('%')).toEqual(['215']);
    expect(await extensions('nobody')).toEqual([]);
    const devices = async (search: string) =>
      value(await administration.listDevices(admin, id, { ...ALL, search })).items.map((d) => d.name);
    expect([await devices('desk'), await devices('215'), await devices('none')]).toEqual([
      ['Desk phone'],
      ['Kitchen'],
      [],
    ]);
    const numbers = value(await administration.listNumbers(admin, id, { ...ALL, search: '020 7946 1902' })).items;
    expect(numbers.map((n) => n.number)).toEqual(['+442079461902']);
  });

  it('are found by a part of their name, short name or number', async () => {
    const { id, admin } = await t.organization('harbour');
    value(await t.administration.updateOrganization(admin, id, { name: 'Käptn 50%_Söhne' }));
    value(await t.administration.assignNumber(t.operator, id, { number: '+4930901820777' }));
    const found = async (search: string, by = t.operator) =>
      value(await t.administration.listOrganizations(by, { search }, ALL)).items.map((o) => o.slug);
    for (const search of ['harb', 'HARBOUR', 'käptn', '50%_', '030 90182-0777']) {
      expect(await found(search), search).toEqual(['harbour']);
    }
    expect(await found('50%s')).toEqual([]);
    expect(await found('harb', admin)).toEqual(['harbour']);
    expect(await found('page-0', admin)).toEqual([]);
  });

  it('go with all that is theirs, and their numbers are free again', async () => {
    const { id, admin } = await t.organization('gone');
    value(await t.administration.createExtension(admin, id, { number: '201', name: 'A' }));
    value(await t.administration.assignNumber(t.operator, id, { number: '+4930901820999', extension: '201' }));
    value(await t.administration.apply(admin, id));
    value(await t.administration.createDevice(admin, id, { extension: '201' }));
    value(await t.administration.updateOrganization(admin, id, { defaultNumber: '030 901820999' }));
    expect(
      refusal(await t.administration.deleteOrganization(t.operator, 'gone', { confirm: 'x', isErasedNow: true })),
    ).toBe('invalid');
    value(await t.administration.deleteOrganization(t.operator, 'gone', { confirm: 'gone', isErasedNow: true }));
    expect(refusal(await t.administration.getOrganization(t.operator, id))).toBe('not-found');
    expect(await t.loader.loadOrganization(id)).toBeNull();
    const { id: next } = await t.organization('heir');
    value(await t.administration.assignNumber(t.operator, next, { number: '+4930901820999' }));
  });
});

describe('extensions and devices', () => {
  it('are checked field by field, and nothing is stored', async () => {
    const { id, admin } = await t.organization('checks');
    const bad = await t.administration.createExtension(admin, id, {
      number: '112',
      name: 'Eve" <sip:x>',
      ringTimeInS: 4,
      forwardAlways: '112',
      outboundNumber: '+493012345678',
    });
    expect(bad.ok ? [] : bad.refusal.fields!.map((f) => f.field)).toEqual([
      'name',
      'number',
      'ringTimeInS',
      'forwardAlways',
      'outboundNumber',
    ]);
    expect(value(await t.administration.listExtensions(admin, id, ALL)).items).toEqual([]);
    value(await t.administration.createExtension(admin, id, { number: '101', name: 'Ann' }));
    expect(refusal(await t.administration.createExtension(admin, id, { number: '101', name: 'Bob' }))).toBe('conflict');
    expect(refusal(await t.administration.updateExtension(admin, id, '101', { forwardBusy: '101' }))).toBe('invalid');
  });

  it('have random usernames, and passwords that are shown once', async () => {
    const { id, admin } = await t.organization('devices');
    value(await t.administration.createExtension(admin, id, { number: '101', name: 'Ann' }));
    const device = value(await t.administration.createDevice(admin, id, { extension: '101' }));
    expect(device.username).toMatch(/^[a-z][a-z0-9]{15}$/);
    expect(device.password).toMatch(/^[A-Za-z0-9]{20,}$/);
    expect(device).not.toHaveProperty('digestMd5');
    const read = value(await t.administration.getDevice(admin, device.username));
    expect(read).toMatchObject({ username: device.username, extension: '101', name: 'Phone', transport: 'any' });
    expect(read).not.toHaveProperty('password');

    const before = (await t.loader.loadOrganization(id))!.devices[0]!;
    t.told.length = 0;
    const reset = value(await t.administration.resetDevicePassword(admin, device.username));
    expect(reset.password).not.toBe(device.password);
    expect(t.told).toEqual([
      `changed ${id}`,
      `calls ended of device ${device.username}`,
      `unregistered ${device.username}`,
    ]);
    const after = (await t.loader.loadOrganization(id))!.devices[0]!;
    expect(after.digestMd5).not.toBe(before.digestMd5);
    expect(after.digestSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('are challenged with MD5 unless set otherwise; the password stays as it is', async () => {
    const { id, admin } = await t.organization('digests');
    value(await t.administration.createExtension(admin, id, { number: '101', name: 'Ann' }));
    const loaded = async () => (await t.loader.loadOrganization(id))!.devices;
    const device = value(await t.administration.createDevice(admin, id, { extension: '101' }));
    expect(device.digest).toBe('md5');
    const [before] = await loaded();
    t.told.length = 0;
    const changed = value(await t.administration.updateDevice(admin, device.username, { digest: 'sha-256' }));
    expect(changed.digest).toBe('sha-256');
    expect(t.told).toEqual([`changed ${id}`]);
    expect(await loaded()).toEqual([{ ...before, digest: 'sha-256' }]);
    const other = value(await t.administration.createDevice(admin, id, { extension: '101', digest: 'both' }));
    expect(value(await t.administration.getDevice(admin, other.username)).digest).toBe('both');
    const wrong = await t.administration.updateDevice(admin, device.username, { digest: 'sha-512' as 'md5' });
    expect(wrong.ok ? [] : wrong.refusal.fields!.map((f) => f.field)).toEqual(['digest']);
    expect(await loaded()).toContainEqual({ ...before, digest: 'sha-256' });
  });

  it('that must use TLS are forgotten where they came otherwise, and their calls go on', async () => {
    const { id, admin } = await t.organization('secured');
    value(await t.administration.createExtension(admin, id, { number: '101', name: 'Ann' }));
    const { username } = value(await t.administration.createDevice(admin, id, { extension: '101' }));
    t.told.length = 0;
    value(await t.administration.updateDevice(admin, username, { transport: 'tls' }));
    expect(t.told).toEqual([`changed ${id}`, `secured ${username}`]);
    t.told.length = 0;
    value(await t.administration.updateDevice(admin, username, { transport: 'any' }));
    expect(t.told).toEqual([`changed ${id}`]);
  });
});

describe('numbers', () => {
  it('are unique over the installation, and the refusal names nobody', async () => {
    const a = await t.organization('num-a');
    const b = await t.organization('num-b');
    const view = value(await t.administration.assignNumber(t.operator, a.id, { number: '030 901820 111' }));
    expect(view).toEqual({ number: '+4930901820111', extension: null, appliedExtension: null });
    const taken = await t.administration.assignNumber(t.operator, b.id, { number: '+4930901820111' });
    expect(refusal(taken)).toBe('number-taken');
    expect(JSON.stringify(taken)).not.toContain('num-a');
    expect(refusal(await t.administration.assignNumber(a.admin, a.id, { number: '030 901820112' }))).toBe('forbidden');
    for (const nobodys of ['+4910012345678', '+15550100']) {
      expect(refusal(await t.administration.assignNumber(t.operator, a.id, { number: nobodys })), nobodys).toBe(
        'invalid',
      );
    }
    for (const writing of ['+4930901820111', '4930901820111', '030901820111']) {
      expect(value(await t.administration.getNumber(a.admin, a.id, writing)).number).toBe('+4930901820111');
    }
    expect(refusal(await t.administration.getNumber(b.admin, b.id, '+4930901820111'))).toBe('not-found');
  });
});

describe('trunks', () => {
  it('are the operator’s, one each way, with a password that nobody reads', async () => {
    const { id, admin } = await t.organization('trunks');
    const trunk = { name: 'Carrier', host: 'sip.example.net', register: true, username: 'u1', password: 'p;w^"1' };
    expect(refusal(await t.administration.createTrunk(admin, id, trunk))).toBe('forbidden');
    const made = value(await t.administration.createTrunk(t.operator, id, trunk));
    expect(made).toMatchObject({ hasPassword: true, isInbound: true, isOutbound: true });
    expect(JSON.stringify(made)).not.toContain('p;w');
    expect((await t.loader.loadOrganization(id))!.trunks[0]!.password).toBe('p;w^"1');
    const second = await t.administration.createTrunk(t.operator, id, {
      name: 'B',
      host: '203.0.113.7',
      isInbound: false,
    });
    expect(second.ok ? [] : [second.refusal.id, second.refusal.fields![0]!.field]).toEqual(['conflict', 'isOutbound']);
    value(await t.administration.updateTrunk(t.operator, id, made.id, { isOutbound: false, name: 'In' }));
    value(await t.administration.createTrunk(t.operator, id, { name: 'Out', host: '203.0.113.7', isInbound: false }));
    const loaded = (await t.loader.loadOrganization(id))!.trunks;
    expect(loaded.map((x) => [x.name, x.isInbound, x.isOutbound, x.password])).toEqual([
      ['In', true, false, 'p;w^"1'],
      ['Out', false, true, null],
    ]);
    expect(refusal(await t.administration.getTrunk(admin, id, 'no-uuid'))).toBe('not-found');
  });
});

describe('keys', () => {
  it('are shown once, compared by digest, and give no more than their maker has', async () => {
    const { id, admin } = await t.organization('keys');
    const key = value(await t.administration.createKey(t.operator, id, { name: 'script', scopes: ['calls:read'] }));
    const actor = (await t.administration.authenticate(key.token))!;
    expect(actor).toEqual({
      kind: 'key',
      id: key.id,
      name: key.name,
      organizationId: id,
      scopes: new Set(['calls:read']),
    });
    expect(refusal(await t.administration.listCalls(actor, id, {}, ALL))).toBe('ok');
    expect(refusal(await t.administration.listExtensions(actor, id, ALL))).toBe('forbidden');
    expect(await t.administration.authenticate(`${key.token.slice(0, -1)}?`)).toBeNull();
    expect(await t.administration.authenticate(key.token.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A')))).toBeNull();
    const weak: Actor = { ...admin, scopes: new Set(['keys:write', 'calls:read']) };
    const more = await t.administration.createKey(weak, id, { name: 'x', scopes: ['extensions:write'] });
    expect(refusal(more)).toBe('invalid');
    expect(refusal(await t.administration.createKey(t.operator, id, { name: 'x', scopes: ['trunks:write'] }))).toBe(
      'invalid',
    );
    expect(refusal(await t.administration.createKey(admin, null, { name: 'x' }))).toBe('forbidden');
    expect(value(await t.administration.deleteKey(admin, key.id))).toBeNull();
    expect(await t.administration.authenticate(key.token)).toBeNull();
  });
});
