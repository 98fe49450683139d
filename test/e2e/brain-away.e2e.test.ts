/** The brain hangs: what must go on without it goes on, and is in the records afterwards. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hangUp, hearEachOther, talk } from '../kit/talk.ts';
import { expect, system, test } from '../kit/test.ts';

/** Stops the brain in its tracks; the supervisor replaces it after 3 s. */
function freezeBrain(): void {
  const file = readFileSync(join(system.installation.data, 'run/brain.pid'), 'utf8');
  process.kill(Number(/\d+/.exec(file)![0]), 'SIGSTOP');
}

test('emergency and internal calls get through while the brain hangs, and talks go on', async ({ town }) => {
  const office = await town.office({ limits: { concurrentCalls: 3, callsPerSecond: 10 } });
  const carrier = await town.carrier();
  await office.trunk(carrier);
  const did = await office.did();
  const { ann, bob, carol, dave } = await office.staff('ann', 'bob', 'carol', 'dave');
  const { call, answered } = await talk(ann, '102', bob);
  freezeBrain();
  const [emergency, internal] = await Promise.all([carol.dial('999'), dave.dial('103')]);
  const help = await carrier.rings();
  expect(help.dialled).toBe('999');
  expect(help.assertedIdentity?.number).toBe(did);
  await help.answer();
  await emergency.answered();
  await hearEachOther(emergency, help);
  const rung = await carol.rings();
  await rung.answer();
  await internal.answered();
  await hearEachOther(internal, rung);
  await hearEachOther(call, answered);
  await hangUp(emergency, help);
  await hangUp(internal, rung);
  await hangUp(call, answered);
  const records = await office.records(3);
  expect(records.map((record) => [record.to, record.result]).sort()).toEqual([
    ['102', 'answered'],
    ['103', 'answered'],
    ['999', 'answered'],
  ]);
});
