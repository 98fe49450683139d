/** The operator works on the installation while people talk: nobody's call is lost. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { edit, versionIn } from '../kit/another-version.ts';
import { littlepbx } from '../kit/installation.ts';
import { hangUp, hearEachOther, TONES, talk } from '../kit/talk.ts';
import { eventually } from '../phones/index.ts';
import { expect, machine, measured, system, systemIsReady, test } from './chaos.ts';

const folder = mkdtempSync(join(tmpdir(), 'h-upkeep-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const brainMain = 'apps/server/src/main.ts';
const appOfSupervisor = (): string =>
  readFileSync(`/proc/${machine.running('supervisor')}/cmdline`, 'utf8')
    .split('\0')
    .find((part) => part.endsWith('/apps/host/src/main.ts'))!
    .replace('/apps/host/src/main.ts', '');

test('upgrade: people talk on, a phone that rings is answered, and the new version looks after all', async ({
  town,
}) => {
  const office = await town.office();
  const { ann, bob, cat, dan } = await office.staff('ann', 'bob', 'cat', 'dan');
  // Longer than an upgrade takes on a busy machine.
  await office.set('104', { ringTimeInS: 120 });
  const { call, answered } = await talk(ann, '102', bob);
  const ringing = await cat.dial('104');
  const dans = await dan.rings();
  await ringing.ringing();
  const before = [machine.running('engine'), machine.running('db')];
  const old = machine.running('brain');
  const lost = call.rtp.stats.lost + answered.rtp.stats.lost;
  const app = versionIn(folder, 'next');
  const upgraded = littlepbx(['upgrade', '--data', system.installation.data], { app });
  // All the while, whatever happens to the brain.
  const talking = Promise.all([
    call.hears(TONES.callee, { lasting: 6000 }),
    answered.hears(TONES.caller, { lasting: 6000 }),
  ]);
  const { code, out, err } = await upgraded;
  expect(code, `${out}\n${err}`).toBe(0);
  await talking;
  measured('new brain took over', /took over within ([\d.]+) s/.exec(err)?.[1] ?? '?', 's');
  measured('packets lost', call.rtp.stats.lost + answered.rtp.stats.lost - lost, '');
  expect(machine.running('brain')).not.toBe(old);
  expect([machine.running('engine'), machine.running('db')]).toEqual(before);
  expect(appOfSupervisor()).toBe(app);
  await dans.answer();
  await ringing.answered();
  await hearEachOther(ringing, dans);
  expect(await office.liveCalls()).toHaveLength(2);
  await hangUp(call, answered);
  await hangUp(ringing, dans);
  const records = await office.records(2);
  expect(records.map((r) => `${r.from} -> ${r.to}: ${r.result}, ${r.reason}`).sort()).toEqual([
    '101 -> 102: answered, caller-hung-up',
    '103 -> 104: answered, caller-hung-up',
  ]);
  // The new supervisor looks after them.
  await machine.brainIsBack(machine.kill('brain'));
  const again = await littlepbx(['upgrade', '--data', system.installation.data], { app });
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('is what runs now') });
});

test('upgrade to a version that does not start, and to one that does not get well: the old one runs, nobody notices', {
  timeout: 120_000,
}, async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const { call, answered } = await talk(ann, '102', bob);
  const [old, app] = [machine.running('brain'), appOfSupervisor()];
  const broken = versionIn(folder, 'broken', (to) => edit(to, brainMain, (text) => `process.exit(3);\n${text}`));
  const first = await littlepbx(['upgrade', '--data', system.installation.data], { app: broken });
  expect(first).toMatchObject({ code: 1, err: expect.stringContaining('the new brain ended') });
  expect(first.err).toContain('The old version runs on as before');
  expect(machine.running('brain')).toBe(old);

  const sick = versionIn(folder, 'sick', (to) =>
    edit(to, brainMain, (text) =>
      text.replace('await http.listen(settings.web);', 'await new Promise((r) => setTimeout(r, 600_000));'),
    ),
  );
  const began = Date.now();
  const args = ['upgrade', '--health-in-s', '4', '--data', system.installation.data];
  const second = await littlepbx(args, { app: sick });
  measured('a sick version is tried and given up', Date.now() - began);
  expect(second).toMatchObject({ code: 1, err: expect.stringContaining('did not get ready within 4 s') });
  expect(second.err).toContain('The old version runs again');
  expect(appOfSupervisor()).toBe(app);
  await systemIsReady();
  await hearEachOther(call, answered);
  expect(await office.liveCalls()).toHaveLength(1);
  await hangUp(call, answered);
  expect(await office.record()).toMatchObject({ result: 'answered', reason: 'caller-hung-up' });
});

test('the engine is restarted once the last call has ended; nobody new is let in meanwhile', async ({ town }) => {
  const office = await town.office();
  const { ann, bob, cat } = await office.staff('ann', 'bob', 'cat');
  const { call, answered } = await talk(ann, '102', bob);
  const engine = machine.running('engine');
  const restarted = littlepbx(['restart', 'engine', '--drain-in-s', '60', '--data', system.installation.data]);
  await eventually(async () => ((await system.api.getSystem()).isDraining ? true : undefined), {
    within: 30_000,
    reason: () => 'nothing is drained',
  });
  const refused = await cat.dial('102');
  expect((await refused.refused()).status).toBe(503);
  await hearEachOther(call, answered);
  expect(machine.running('engine')).toBe(engine);
  await hangUp(call, answered);
  const { code, err } = await restarted;
  expect(code, err).toBe(0);
  expect(machine.running('engine')).not.toBe(engine);
  expect((await system.api.getSystem()).isDraining).toBe(false);
  const next = await talk(ann, '102', bob);
  const now = await littlepbx(['restart', 'engine', '--data', system.installation.data]);
  expect(now, now.err).toMatchObject({ code: 0, out: expect.stringContaining('It ended 1 calls') });
  await Promise.all([next.call.ended(), next.answered.ended()]);
  const records = await office.records(3);
  expect(records.map((r) => `${r.from} -> ${r.to}: ${r.result}, ${r.reason}, ${r.blame}`)).toEqual([
    '101 -> 102: answered, caller-hung-up, caller',
    '103 -> 102: refused, draining, platform',
    '101 -> 102: answered, stopped-by-operator, platform',
  ]);
});
