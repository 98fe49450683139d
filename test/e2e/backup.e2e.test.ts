/**
 * A backup of the running installation becomes another one, in which everybody finds what they had; its engine is then
 * upgraded, since that takes programs of its own.
 */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll } from 'vitest';
import { littlepbx, newPorts, stopInstallation } from '../kit/installation.ts';
import { System } from '../kit/system.ts';
import { hangUp, hearEachOther, TONES, talk } from '../kit/talk.ts';
import { expect, test } from '../kit/test.ts';
import { Town } from '../kit/town.ts';
import { Visitor } from '../kit/visitor.ts';
import { eventually } from '../phones/index.ts';
import { shareOfTone } from '../phones/tones.ts';
import { parseWav } from '../phones/wav.ts';

const folder = mkdtempSync(join(tmpdir(), 'h-backup-'));
const passphraseFile = join(folder, 'passphrase');
writeFileSync(passphraseFile, 'three blind mice\n');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Below DATA. */
const sounds = (data: string): string[] =>
  ['engine/spool', 'files'].flatMap((part) =>
    existsSync(join(data, part))
      ? readdirSync(join(data, part), { recursive: true, encoding: 'utf8' })
          .filter((name) => name.endsWith('.wav'))
          .map((name) => join(part, name))
      : [],
  );

/** Asterisk and Postgres as all installations of a machine share them, for one alone. */
const home = join(folder, 'home');
const typed = { enter: ['env', `LITTLEPBX_HOME=${home}`] };
const real = process.env.LITTLEPBX_ROOT ?? '';
/** As the first of its list of packages. */
const root = join(home, /root-[a-z]+-[0-9a-f]{8}/.exec(real)?.[0] ?? 'none');

/** A root as `up` would make it in half a minute, by links to the one that is here; nobody can be asked for a newer one. */
function makeRoot(path: string, asterisk?: string): void {
  mkdirSync(home, { recursive: true });
  try {
    execFileSync('cp', ['-al', real, path], { stdio: 'ignore' });
  } catch {
    // Another file system.
    rmSync(path, { recursive: true, force: true });
    execFileSync('cp', ['-a', real, path]);
  }
  // Never written through the link.
  const replace = (file: string, content: string | Buffer, mode = 0o644) => {
    rmSync(join(path, file));
    writeFileSync(join(path, file), content, { mode });
  };
  for (const file of ['etc/passwd', 'etc/group']) replace(file, readFileSync(join(real, file)));
  replace('etc/apt/sources.list', '');
  if (asterisk) replace('usr/sbin/asterisk', asterisk, 0o755);
}

/** Names of the roots that engine and database run in. */
const rootsOf = (data: string): string[] => {
  const pidOf = (name: string) => readFileSync(join(data, 'run', `${name}.pid`), 'utf8').trim();
  return ['engine', 'db'].map((name) => {
    const { ino } = statSync(`/proc/${pidOf(name)}/root/`);
    return readdirSync(home).find((entry) => statSync(join(home, entry)).ino === ino) ?? 'none of ours';
  });
};

/** Programs that do not start are given up, those that do are taken, and the old ones go. */
async function upgradeEngine(data: string): Promise<void> {
  const upgrade = (...args: string[]) => littlepbx(['upgrade', '--engine', '--data', data, ...args], typed);
  makeRoot(`${root}-2`, '#!/bin/sh\nexit 1\n');
  const given = await upgrade('--health-in-s', '2');
  expect(given).toMatchObject({ code: 1, err: expect.stringContaining('The one from before runs again') });
  expect(rootsOf(data)).toEqual([basename(root), basename(root)]);
  expect(existsSync(`${root}-2`)).toBe(false);
  makeRoot(`${root}-2`);
  const taken = await upgrade();
  expect(taken.code, taken.err).toBe(0);
  expect(rootsOf(data)).toEqual([basename(`${root}-2`), basename(`${root}-2`)]);
  expect(existsSync(root)).toBe(false);
}

test('on other ports: phones register with their old passwords and talk, records and recordings are there; its engine is upgraded', {
  timeout: 240_000,
}, async ({ town }) => {
  const office = await town.office();
  await office.extension('101', { name: 'Ann' });
  await office.extension('102', { name: 'Bob' });
  await office.apply();
  const [anns, bobs] = [await office.device('101'), await office.device('102')];
  const ann = await (await town.phone({ name: 'ann', ...anns })).register();
  const bob = await (await town.phone({ name: 'bob', ...bobs })).register();
  const { data } = town.system.installation;
  const first = await talk(ann, '102', bob);
  const before = sounds(data);
  const { id } = await office.liveCall('talking');
  await office.api.recordCall({ params: { ...office.params, call: id }, body: { action: 'start' } });
  await Promise.all([
    first.call.hears(TONES.callee, { lasting: 1000 }),
    first.answered.hears(TONES.caller, { lasting: 1000 }),
  ]);
  await hangUp(first.call, first.answered);
  const record = await office.record();
  const recording = await eventually(
    () => sounds(data).find((name) => !before.includes(name) && statSync(join(data, name)).size > 8000),
    { reason: () => 'the recording is not written' },
  );

  const boss = new Visitor(town.system.installation.web);
  const login = { email: `boss@${office.slug}.example.com`, password: 'correct horse battery' };
  const memberships = [{ org: office.slug, role: 'admin' as const }];
  const { id: user } = await office.api.createUser({ body: { ...login, name: 'Boss', memberships } });
  expect((await boss.logIn(login.email, login.password)).status).toBe(200);

  // A call goes on while the backup is made.
  const second = await talk(ann, '102', bob);
  await office.liveCall('talking');
  const file = join(folder, 'night.backup');
  const made = await littlepbx(['backup', file, '--data', data, '--passphrase-file', passphraseFile]);
  expect(made.code, made.err).toBe(0);
  expect(made.out).toContain('encrypted');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await hearEachOther(second.call, second.answered);
  await hangUp(second.call, second.answered);
  const { flags, ...where } = await newPorts();
  const restored = { data: join(folder, 'restored'), ...where, rtpTimeoutInS: 5 };
  const how = ['--data', restored.data, '--passphrase-file', passphraseFile, ...flags];
  makeRoot(root);
  const [back, again] = await Promise.all([
    littlepbx(['restore', file, ...how], typed),
    littlepbx(['backup', file, '--data', data]),
  ]);
  expect(back, back.err).toMatchObject({ code: 0, out: expect.stringContaining('1 calls were in progress then') });
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('is there already') });
  const [up, twice] = await Promise.all([
    littlepbx(['up', '--detach', '--data', restored.data], typed),
    littlepbx(['restore', file, ...how], typed),
  ]);
  expect(up.code, up.err).toBe(0);
  expect(twice).toMatchObject({ code: 1, err: expect.stringContaining('is not empty') });
  const elsewhere = new Town(new System(restored));
  try {
    const [newAnn, newBob] = await Promise.all(
      [anns, bobs].map(async ({ username, password }) =>
        (await elsewhere.phone({ name: username, username, password })).register(),
      ),
    );
    const third = await talk(newAnn!, '102', newBob!);
    await hangUp(third.call, third.answered);
    let records = 0;
    // The one made there and the one from before; not the one that nobody knows the end of.
    await eventually(
      async () => {
        records = (await elsewhere.system.api.listCalls({ params: office.params, query: {} })).items.length;
        return records === 2 ? true : undefined;
      },
      { reason: () => `${records} records instead of 2` },
    );
    expect((await elsewhere.system.api.getCall({ params: { ...office.params, call: record.id } })).cdr).toEqual(record);
    const sound = readFileSync(join(restored.data, recording));
    expect(sound.equals(readFileSync(join(data, recording)))).toBe(true);
    const { samples, rate } = parseWav(sound);
    expect(shareOfTone(samples, TONES.callee, rate)).toBeGreaterThan(0.2);
    // The page that the boss has open goes on, and the password is the same.
    const moved = new Visitor(restored.web);
    for (const [name, value] of boss.cookies) moved.cookies.set(name, value);
    expect(await moved.ask('GET', `/organizations/${office.slug}`)).toMatchObject({
      status: 200,
      body: { id: office.id },
    });
    expect((await new Visitor(restored.web).logIn(login.email, login.password)).status).toBe(200);
    // The same authority, so phones that check certificates go on.
    expect(elsewhere.system.ca).toBe(town.system.ca);
    await upgradeEngine(restored.data);
    const fourth = await talk(newAnn!, '102', newBob!);
    await hangUp(fourth.call, fourth.answered);
    await Promise.all(elsewhere.phones.map((phone) => phone.close()));
    await elsewhere.system.isQuiet();
  } finally {
    await office.api.deleteUser({ params: { user } });
    await stopInstallation(restored);
  }
});
