/** All secrets are made at install; none is a default, and none shows where it does not belong. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { talk } from '../kit/talk.ts';
import { expect, system, test } from '../kit/test.ts';

const { data } = system.installation;

/** Secrets of the installation by name. */
function installed(): Map<string, string> {
  const secrets = JSON.parse(readFileSync(join(data, 'secrets.json'), 'utf8')) as Record<string, string | null>;
  const named = Object.entries(secrets).filter((entry): entry is [string, string] => entry[1] !== null);
  return new Map([
    ...named,
    ['operator key', system.operatorKey],
    ['master key', readFileSync(join(data, 'brain/master.key')).toString('base64')],
  ]);
}

/** Every file below a folder, without the databases (they hold what they hold). */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Empty when it went after it was listed, as SQLite's journals do. */
function contentOf(file: string): string {
  try {
    return readFileSync(file).toString('latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

test('no secret is a default or a word, and no two are the same', () => {
  const secrets = [...installed().values()];
  expect(new Set(secrets).size).toBe(secrets.length);
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThanOrEqual(24);
    expect(secret).not.toMatch(/littlepbx|asterisk|postgres|secret|password|changeme|admin|12345/i);
  }
});

test('doors are shut for the usual passwords', async () => {
  const ari = (user: string, password: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${system.installation.ariPort}/ari/channels`, {
      headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
    });
  const users = ['littlepbx', 'asterisk', 'admin', 'ari'];
  const passwords = ['', 'littlepbx', 'asterisk', 'admin', 'secret', 'password', 'changeme'];
  for (const user of users) {
    for (const password of passwords) expect((await ari(user, password)).status).toBe(401);
  }
  for (const token of [null, '', 'admin', 'lpbx_operator', `${system.operatorKey}x`, system.operatorKey.slice(0, -1)]) {
    expect((await system.request('GET', '/organizations', token)).status).toBe(401);
  }
});

test('only root, or the one program that needs it, can read a secret from a file', () => {
  const holders = filesBelow(data).filter((file) => {
    const content = contentOf(file);
    return [...installed().values()].some((secret) => content.includes(secret));
  });
  expect(holders.length).toBeGreaterThan(0);
  const readable = holders.filter((file) => (statSync(file).mode & 0o007) !== 0);
  expect(readable).toEqual([]);
});

test('after a day’s work no log, process list or answer holds a secret', async ({ town }) => {
  const office = await town.office();
  const carrier = await town.carrier({ registrar: { accounts: { line: 'trunk-secret-4711' } } });
  const trunk = await office.trunk(carrier, { register: true, username: 'line', password: 'trunk-secret-4711' });
  await carrier.registrar!.registered('line');
  const { ann, bob } = await office.staff('ann', 'bob');
  const token = await office.adminKey();
  const { call } = await talk(ann, '102', bob);
  const device = await office.device('101');
  const renewed = await office.api.resetDevicePassword({ params: { username: device.username } });
  const wrong = await town.phone({ username: device.username, password: 'mistyped-secret-815' });
  await wrong.tryRegister();
  // Errors of every kind, with secrets in what was sent.
  const errors = await Promise.all([
    system.request('POST', `/organizations/${office.slug}/trunks`, system.operatorKey, {
      name: 'x',
      host: 'h',
      password: 'trunk-secret-0816',
      port: -1,
    }),
    system.request('GET', '/organizations', `${token}0`),
    system.request('GET', `/organizations?limit=${token}`, token),
    system.request('POST', '/nothing', token, { password: 'trunk-secret-0816' }),
  ]);
  await call.hangUp();
  const secrets = new Map([
    ...installed(),
    ['trunk password', 'trunk-secret-4711'],
    ['refused trunk password', 'trunk-secret-0816'],
    ['mistyped password', 'mistyped-secret-815'],
    ['admin key', token],
    ['device password', device.password],
    ['new device password', renewed.password],
    ["ann's password", ann.agent.options.password!],
  ]);
  const found: string[] = [];
  const search = (where: string, text: string): void => {
    for (const [name, secret] of secrets) if (text.includes(secret)) found.push(`${name} in ${where}`);
  };
  for (const error of errors) {
    expect(error.status).toBeGreaterThanOrEqual(400);
    search('an error of the API', await error.text());
  }
  for (const folder of ['log', 'engine/log']) {
    const logs = filesBelow(join(data, folder));
    expect(logs.length).toBeGreaterThan(0);
    for (const log of logs) search(log, readFileSync(log).toString('latin1'));
  }
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      search(`/proc/${pid}/cmdline`, readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
    } catch {
      // It ended meanwhile.
    }
  }
  const shown = [
    office.api.getTrunk({ params: { ...office.params, trunk } }),
    office.api.listDevices({ params: office.params }),
    office.api.listKeys({ params: office.params }),
    office.api.getOrganization({ params: office.params }),
    office.api.getSystem(),
  ];
  for (const answer of await Promise.all(shown)) search('an answer of the API', JSON.stringify(answer));
  expect(found).toEqual([]);
});
