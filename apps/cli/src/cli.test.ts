import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BASE_PATH, type Route, routes } from '@littlepbx/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from './cli.ts';
import { connectionOf } from './connection.ts';
import { length, table } from './output.ts';

interface Asked {
  id: string;
  url: string;
  token: string | null;
  body: unknown;
}

/** A server that checks each request by its route's schemas, and answers what the test says. */
function server(answers: Record<string, unknown>) {
  const asked: Asked[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(String(input));
    const [id, route] = Object.entries<Route>(routes).find(
      ([, r]) =>
        r.method === init?.method &&
        new RegExp(`^${BASE_PATH}${r.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(url.pathname),
    ) ?? ['none', undefined];
    const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined;
    route?.body?.parse(body);
    route?.query?.parse(Object.fromEntries(url.searchParams));
    asked.push({ id, url: url.pathname + url.search, token: new Headers(init?.headers).get('authorization'), body });
    const answer = answers[id];
    if (answer instanceof Response) return answer;
    return route?.responses.body
      ? Response.json(answer ?? { items: [], nextCursor: null })
      : new Response(null, { status: 204 });
  };
  return { asked, fetch };
}

async function cli(line: string | string[], answers: Record<string, unknown> = {}) {
  const { asked, fetch } = server(answers);
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(Array.isArray(line) ? line : line.split(' '), {
    env: { LITTLEPBX_URL: 'http://pbx.test/', LITTLEPBX_TOKEN: 'lpbx_x' },
    output: { out: (text) => out.push(text), err: (text) => err.push(text) },
    fetch,
  });
  return { code, out: out.join('\n'), err: err.join('\n'), asked };
}

const phone = { username: 'u1', password: 'p1', server: 'pbx.test', port: 5060, transport: 'udp' };

describe('commands', () => {
  test('webhook create prints the secret, once; an event that nobody knows is told before anything is sent', async () => {
    const made = { id: 'w', url: 'https://crm.example.com/', events: ['call-ended'], secret: 'whsec_made-for-a-test' };
    const { out, asked } = await cli('webhook create https://crm.example.com/ --org acme --events call-ended', {
      createWebhook: made,
    });
    expect(asked[0]).toMatchObject({ id: 'createWebhook', body: { url: made.url, events: made.events } });
    expect(out).toContain('whsec_made-for-a-test');
    const wrong = await cli('webhook create https://crm.example.com/ --org acme --events call-missed');
    expect([wrong.code, wrong.asked]).toEqual([2, []]);
  });

  test('user create prints the password of the first operator', async () => {
    const { out, asked } = await cli('user create --operator --email olga@example.com', {
      createUser: { email: 'olga@example.com', password: 'made-for-a-test' },
    });
    expect(asked[0]?.body).toEqual({ email: 'olga@example.com', name: 'olga', isOperator: true });
    expect(out).toBe('created olga@example.com\npassword: made-for-a-test');
    expect((await cli('user create --email bob@example.com')).code).toBe(1);
  });

  test('user reset-password finds the person by the address', async () => {
    const answers = { listUsers: { items: [{ id: 'u-1' }], nextCursor: null } };
    const made = { resetUserPassword: { email: 'bob@example.com', password: 'made-for-a-test' } };
    const { out, asked } = await cli('user reset-password bob@example.com', { ...answers, ...made });
    expect(asked.map(({ url }) => url)).toEqual([
      '/api/v1/users?email=bob%40example.com',
      '/api/v1/users/u-1/reset-password',
    ]);
    expect(out).toContain('made-for-a-test');
    expect((await cli('user delete nobody@example.com')).err).toContain('nobody has the address');
  });

  test('device create --json prints exactly the settings of the phone', async () => {
    const { code, out, asked } = await cli('device create --org acme --extension 101 --json', { createDevice: phone });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(phone);
    expect(asked).toEqual([
      {
        id: 'createDevice',
        url: '/api/v1/organizations/acme/devices',
        token: 'Bearer lpbx_x',
        body: { extension: '101' },
      },
    ]);
  });

  test('device reset-password --json prints them too', async () => {
    const { out, asked } = await cli('device reset-password u1 --json', { resetDevicePassword: phone });
    expect(JSON.parse(out)).toEqual(phone);
    expect(asked[0]?.url).toBe('/api/v1/devices/u1/reset-password');
  });

  test('file download writes the bytes, and replaces no file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lpbx-cli-'));
    const to = join(folder, 'call.wav');
    const line = ['file', 'download', 'f1', '--org', 'acme', '--to', to];
    const { code, out } = await cli(line, { downloadFile: new Response('RIFF') });
    expect([code, out, readFileSync(to, 'utf8')]).toEqual([0, `wrote ${to}`, 'RIFF']);
    const again = await cli(line, { downloadFile: new Response('other') });
    expect([again.code, again.err, readFileSync(to, 'utf8')]).toEqual([
      1,
      `littlepbx: ${to} exists; name another with --to`,
      'RIFF',
    ]);
    rmSync(folder, { recursive: true });
  });

  test('call list --json prints an array, over as many pages as it takes', async () => {
    const page = { items: [{ id: 'c1', result: 'answered' }], nextCursor: null };
    const { out, asked } = await cli('call list --org acme --result answered --since 2026-01-31T00:00:00Z --json', {
      listCalls: page,
    });
    expect(JSON.parse(out)).toEqual(page.items);
    expect(asked[0]?.url).toBe('/api/v1/organizations/acme/calls?limit=200&since=1769817600000&result=answered');
  });

  test.each([
    ['org create acme --name Acme --country GB', 'createOrganization', { slug: 'acme', name: 'Acme', country: 'GB' }],
    [
      'org create acme --name Acme --country GB --extensions 101,102 --numbers +442079460101 --admin-key',
      'createOrganization',
      {
        slug: 'acme',
        name: 'Acme',
        country: 'GB',
        extensions: [
          { number: '101', name: 'Extension 101' },
          { number: '102', name: 'Extension 102' },
        ],
        numbers: [{ number: '+442079460101', extension: '101' }],
        hasAdminKey: true,
      },
    ],
    ['org update acme --calls 60', 'updateOrganization', { limits: { concurrentCalls: 60 } }],
    ['org update acme --countries GB,IE', 'updateOrganization', { allowedCountries: ['GB', 'IE'] }],
    ['org suspend acme --calls end', 'suspendOrganization', { calls: 'end' }],
    ['org unsuspend acme', 'unsuspendOrganization', undefined],
    ['device suspend k7 --reason stolen', 'suspendDevice', { calls: 'end', reason: 'stolen' }],
    ['device reset-password k7 --calls keep', 'resetDevicePassword', { calls: 'keep' }],
    ['extension suspend 101 --org acme --calls keep', 'suspendExtension', { calls: 'keep' }],
    [
      'limits set --org acme --money-per-day 12.5 --night 19-7 --off-percent 25 --short-calls 20',
      'updateOrganization',
      {
        limits: {
          moneyPerDay: 12_500_000,
          offHours: { fromHour: 19, toHour: 7, percent: 25 },
          anomaly: { shortCallsPerMinute: 20 },
        },
      },
    ],
    [
      'limits set --org acme --extension 101 --money-per-day none --minutes-per-hour 30',
      'updateExtensionLimits',
      { moneyPerDay: null, minutesPerHour: 30 },
    ],
    ['org update acme --max-devices 5', 'updateOrganization', { quotas: { devices: 5 } }],
    ['org update acme --default-number none', 'updateOrganization', { defaultNumber: null }],
    ['org delete acme --yes', 'deleteOrganization', undefined],
    ['org delete acme --yes --end-calls --erase-now', 'deleteOrganization', undefined],
    ['org restore acme', 'restoreOrganization', undefined],
    ['org export acme', 'exportOrganization', undefined],
    [
      'extension create 101 --org acme --name Alice --ring 25 --unanswered 102',
      'createExtension',
      { number: '101', name: 'Alice', ringTimeInS: 25, forwardNoAnswer: '102' },
    ],
    ['extension update 101 --org acme --always none', 'updateExtension', { forwardAlways: null }],
    ['extension delete 101 --org acme', 'deleteExtension', undefined],
    [
      'device create --org acme --extension 101 --digest sha-256',
      'createDevice',
      { extension: '101', digest: 'sha-256' },
    ],
    ['device update u1 --digest both', 'updateDevice', { digest: 'both' }],
    ['device update u1 --transport tls', 'updateDevice', { transport: 'tls' }],
    [
      'number create +442079460101 --org acme --extension 101',
      'assignNumber',
      { number: '+442079460101', extension: '101' },
    ],
    ['number update +442079460101 --org acme --extension none', 'routeNumber', { extension: null }],
    ['number delete +442079460101 --org acme', 'releaseNumber', undefined],
    [
      'trunk create --org acme --name A --host 192.0.2.1 --port 5090 --addresses 192.0.2.1,192.0.2.2 --codecs alaw',
      'createTrunk',
      { name: 'A', host: '192.0.2.1', port: 5090, addresses: ['192.0.2.1', '192.0.2.2'], codecs: ['alaw'] },
    ],
    ['trunk update t1 --org acme --register no', 'updateTrunk', { register: false }],
    [
      'rate set +4420 --org acme --trunk t1 --per-minute 0.012 --increment 60/1 --currency EUR',
      'setRate',
      { pricePerMinute: 12_000, setupFee: 0, firstIncrementInS: 60, incrementInS: 1, currency: 'EUR' },
    ],
    ['rate delete 4420 --org acme --trunk t1', 'deleteRate', undefined],
    ['rate delete --org acme --trunk t1', 'deleteRates', undefined],
    ['apply --org acme --note Sales --json', 'applyDraft', { note: 'Sales' }],
    ['apply --org acme --json', 'applyDraft', {}],
    ['revision discard --org acme', 'discardDraft', undefined],
    ['call hangup c1 --org acme', 'hangUpCall', undefined],
    ['call transfer c1 --org acme --to 103', 'transferCall', { to: '103' }],
    ['call record c1 --org acme --stop', 'recordCall', { action: 'stop' }],
    ['file delete f1 --org acme', 'deleteFile', undefined],
    ['org update acme --storage 2', 'updateOrganization', { limits: { storageBytes: 2_097_152 } }],
    ['key create Reports --org acme --scopes calls:read', 'createKey', { name: 'Reports', scopes: ['calls:read'] }],
    ['audit list --org acme --resource device', 'listAudit', undefined],
    ['audit list --action deleted', 'listInstallationAudit', undefined],
    ['key create Robot', 'createOperatorKey', { name: 'Robot' }],
  ])('%s', async (line, id, body) => {
    const { code, err, asked } = await cli(line);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(asked.map((a) => [a.id, a.body])).toEqual([[id, body]]);
  });

  test('who applies is told whose changes went along', async () => {
    const by = (name: string) => ({ changedBy: { name } });
    const { out, asked } = await cli('apply --org acme', {
      getDraft: { changes: [by('Alice'), by('cli'), by('Alice')] },
      applyDraft: { number: 5 },
    });
    expect(asked.map(({ id }) => id)).toEqual(['getDraft', 'applyDraft']);
    expect(out).toBe('revision 5 is live: changes 2 by Alice, 1 by cli');
  });

  test.each([
    ['with rates', { currency: 'EUR' }, ' EUR'],
    ['without rates', { currency: null }, ''],
    ['of one that is deleted', Response.json({ id: 'not-found', status: 404 }, { status: 404 }), ''],
  ])('limits %s are shown as people write them, money with its currency', async (_, getUsage, currency) => {
    const limits = { moneyPerDay: 12_500_000, storageBytes: 1024 ** 3, anomaly: { moneyPerTenMinutes: 10_000_000 } };
    const getOrganization = { limits, timeZone: 'UTC' };
    const { out } = await cli('limits show --org acme', { getOrganization, getUsage });
    expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['moneyPerDay', `12.50${currency}`],
      ['storageBytes', '1 GB'],
      ['anomaly', `moneyPerTenMinutes 10.00${currency}`],
      ['timeZone', 'UTC'],
    ]);
    const ofOne = await cli('limits show --org acme --extension 101 --json', { getExtensionLimits: limits });
    expect(ofOne.asked.map(({ id }) => id)).toEqual(['getExtensionLimits']);
  });

  test('a rollback names its revision and what was not restored', async () => {
    const notRestored = [{ what: 'number', extension: null, number: '+442079460101' }];
    const { out, asked } = await cli('revision rollback 3 --org acme', {
      lookAtRollback: { changes: [], dropped: 0, effect: { devicesRemoved: [] }, notRestored },
      rollback: { number: 5, notRestored },
    });
    expect(asked[1]?.url).toBe('/api/v1/organizations/acme/revisions/3/rollback');
    expect(out).toBe(
      'revision 5 is live, with the content of 3\nnot restored: number +442079460101: it is no longer yours',
    );
  });

  test('a rollback that deletes phones is done when that is said', async () => {
    const gone = { name: 'Desk phone', extension: '105' };
    const answers = {
      lookAtRollback: { changes: [], dropped: 2, effect: { devicesRemoved: [gone] }, notRestored: [] },
      rollback: { number: 5, notRestored: [] },
    };
    const refused = await cli('revision rollback 3 --org acme', answers);
    expect(refused.asked.map(({ id }) => id)).toEqual(['lookAtRollback']);
    expect(refused.err).toContain('phone Desk phone of 105 is deleted');
    const done = await cli('revision rollback 3 --org acme --yes', answers);
    expect(done.asked.map(({ id }) => id)).toEqual(['lookAtRollback', 'rollback']);
  });

  test('a diff is a line for each change', async () => {
    const changes = [
      { kind: 'changed', what: 'extension', name: '101', before: { ringTimeInS: 25 }, after: { ringTimeInS: 40 } },
      { kind: 'removed', what: 'route', name: '+442079460101', before: { extension: '101' }, after: null },
    ];
    const touched = { changedAt: 0, changedBy: { kind: 'person', id: 'p', name: 'Ann' } };
    const devicesRemoved = [{ name: 'Desk', extension: '102', isInCall: true }];
    const draft = {
      changes: changes.map((change, i) => ({
        ...change,
        ...(i === 0 ? touched : { changedAt: null, changedBy: null }),
      })),
      effect: { callsInProgress: 2, devicesRemoved },
      waiting: null,
    };
    const { out } = await cli('revision diff --org acme', { getDraft: draft });
    const [first, ...others] = out.split('\n');
    expect(first).toMatch(/^~ extension 101: ringTimeInS 25 -> 40 {2}\(Ann, .*1970.*\)$/);
    expect(others).toEqual([
      '- route +442079460101: extension 101',
      '2 calls in progress keep the old rules',
      'phone Desk of 102 is taken away once its call has ended',
    ]);
  });
});

test('call export prints the calls as they come, and the sums as JSON', async () => {
  const text = 'id,from\r\n1,101\r\n';
  const csv = () => new Response(text, { headers: { 'content-type': 'text/csv' } });
  const line = 'call export --org acme --from 2026-10-01 --to 2026-10-31 --time-zone Europe/London';
  const { code, out, asked } = await cli(line, { exportCalls: csv() });
  expect([code, out]).toEqual([0, 'id,from\r\n1,101']);
  expect(asked[0]?.url).toContain('/calls/export?from=2026-10-01&to=2026-10-31&timeZone=Europe%2FLondon');
  expect((await cli(`${line} --json`)).asked[0]?.id).toBe('callTotals');
});

describe('extension import', () => {
  const report = { lines: 1, created: 1, changed: 0, unchanged: 0, problems: [], devices: [] };
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'littlepbx-cli-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const file = (content: string | Buffer) => {
    const path = join(folder, 'staff.csv');
    writeFileSync(path, content);
    return path;
  };

  test('sends the file, and prints the passwords of what was made', async () => {
    const devices = [{ extension: '101', name: 'Desk', username: 'u1', password: 'p1' }];
    const { out, asked } = await cli(['extension', 'import', file('number,name\n101,Ольга\n'), '--org', 'acme'], {
      importExtensions: { ...report, devices },
    });
    expect(asked[0]?.body).toEqual({ csv: 'number,name\n101,Ольга\n', isDryRun: false, mayUpdate: false });
    expect(out).toContain('1 created, 0 changed, 0 unchanged; live after: littlepbx apply --org acme');
    expect(out).toMatch(/101 +Desk +u1 +p1/);
  });

  test('a dry run names the bad lines, exit 1', async () => {
    const problems = [{ line: 3, column: 'name', reason: 'must not be empty' }];
    const { code, out } = await cli(['extension', 'import', file('number\n'), '--org', 'acme', '--dry-run'], {
      importExtensions: { ...report, problems },
    });
    expect([code, out.split('\n')[0]]).toEqual([1, 'line 3, name: must not be empty']);
  });

  test('a file in another encoding is not sent', async () => {
    const { code, err, asked } = await cli(['extension', 'import', file(Buffer.from([0xfc])), '--org', 'acme']);
    expect([code, asked]).toEqual([1, []]);
    expect(err).toContain('UTF-8');
  });
});

describe('mistakes', () => {
  test('a refusal is one line with field and reason, exit 1', async () => {
    const refusal = {
      id: 'invalid',
      status: 400,
      detail: 'x',
      fields: [{ field: 'name', reason: 'must not be\nempty' }],
    };
    const { code, err } = await cli(['extension', 'create', '101', '--org', 'acme', '--name', 'A'], {
      createExtension: new Response(JSON.stringify(refusal), {
        status: 400,
        headers: { 'content-type': 'application/problem+json' },
      }),
    });
    expect([code, err]).toEqual([1, 'littlepbx: name: must not be empty']);
  });

  test('with --json a refusal is the problem as JSON, and whoever names no subcommand is told which there are', async () => {
    const headers = { 'content-type': 'application/problem+json' };
    const refusal = {
      id: 'not-found',
      status: 404,
      detail: 'There is no organization nope.',
      fields: [],
      requestId: 'r',
    };
    const { code, err } = await cli('org show nope --json', {
      getOrganization: new Response(JSON.stringify(refusal), { status: 404, headers }),
    });
    expect([code, JSON.parse(err)]).toEqual([1, { type: 'urn:littlepbx:problem:not-found', ...refusal }]);
    const bare = await cli('number --org acme');
    expect([bare.code, bare.err]).toEqual([2, expect.stringContaining('number list|show|create|update|delete')]);
    expect((await cli('audit --org acme', { listAudit: { items: [], nextCursor: null } })).code).toBe(0);
  });

  test.each([
    'nope',
    'device create --extension 101',
    'extension create 101 --org acme --name A --ring soon',
    'call list --org acme --result lost',
    'call list --org acme --since yesterday',
    'revision show latest --org acme',
    'key create X --scopes everything',
  ])('usage: %s is exit 2, told in one line, and nothing is asked', async (line) => {
    const { code, err, asked } = await cli(line);
    expect(code).toBe(2);
    expect(err).toMatch(/^error: .+$/);
    expect(asked).toEqual([]);
  });

  test('an organization is not deleted by a slip', async () => {
    const { code, err, asked } = await cli('org delete acme');
    expect([code, asked]).toEqual([1, []]);
    expect(err).toContain('--yes');
  });

  const commands =
    'org extension device number trunk revision call file voicemail key limits rate usage mail alert audit';
  test.each(`${commands} apply ban allow honeypot`.split(' '))('%s has help', async (command) => {
    const { code, out } = await cli(`${command} --help`);
    expect(code).toBe(0);
    expect(out).toMatch(/usage/i);
  });

  test.each(['--help', 'org --help', 'device create --help', 'apply --help'])('%s is exit 0', async (line) => {
    const { code, out } = await cli(line);
    expect(code).toBe(0);
    if (line !== '--help') expect(out).toContain('Examples:');
  });
});

describe('the installation', () => {
  let data: string;
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'littlepbx-cli-'));
  });
  afterEach(() => rmSync(data, { recursive: true }));

  test('says where it listens and what the key is', () => {
    writeFileSync(join(data, 'installation.json'), JSON.stringify({ web: { host: '0.0.0.0', port: 8123 } }));
    writeFileSync(join(data, 'operator.key'), 'lpbx_key\n');
    expect(connectionOf(data, {})).toEqual({ baseUrl: 'http://127.0.0.1:8123', token: 'lpbx_key' });
  });

  test('is not there', () => {
    expect(() => connectionOf(data, {})).toThrow(/no installation in .*littlepbx up/);
  });

  test.skipIf(process.getuid?.() === 0)('keeps its key from others than root', () => {
    writeFileSync(join(data, 'installation.json'), '{}');
    writeFileSync(join(data, 'operator.key'), 'lpbx_key');
    chmodSync(join(data, 'operator.key'), 0);
    expect(() => connectionOf(data, {})).toThrow(/root only/);
  });
});

test('tables are aligned, whatever the script, and names cannot move the cursor', () => {
  const rows = [
    { name: '山田', n: 5 },
    { name: 'A\u001b[2J', n: 1000 },
  ];
  const text = table(rows, [
    ['NAME', (r) => r.name],
    ['N', (r) => r.n],
    ['X', () => null],
  ]);
  expect(text).toBe('NAME      N  X\n山田      5  -\nA�[2J  1000  -');
  expect([length(4200), length(65_000), length(3_605_000)]).toEqual(['4 s', '1:05', '1:00:05']);
});
