/** From an empty data folder to a call, by the commands a newcomer types. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { littlepbx } from '../kit/installation.ts';
import { hangUp, talk } from '../kit/talk.ts';
import { expect, system, test } from '../kit/test.ts';

interface Settings {
  username: string;
  password: string;
  server: string;
  port: number;
  transport: string;
}

async function typed(...words: string[]): Promise<string> {
  const { code, out, err } = await littlepbx([...words, '--data', system.installation.data]);
  if (code !== 0) throw new Error(`littlepbx ${words.join(' ')} ended with ${code}: ${err}`);
  return out;
}

test('a newcomer makes an organization and two phones, and they talk', async ({ town }) => {
  const office = await town.office();
  const org = ['--org', office.slug];
  await typed('extension', 'create', '101', '--name', 'Ann', ...org);
  await typed('extension', 'create', '102', '--name', 'Bob', ...org);
  await typed('apply', ...org);
  const settings = async (extension: string): Promise<Settings> =>
    JSON.parse(await typed('device', 'create', '--extension', extension, '--json', ...org));
  const [anns, bobs] = [await settings('101'), await settings('102')];
  const ann = await town.phone({ name: 'ann', username: anns.username, password: anns.password, port: anns.port });
  const bob = await town.phone({ name: 'bob', username: bobs.username, password: bobs.password, port: bobs.port });
  await Promise.all([ann.register(), bob.register()]);

  const began = Date.now();
  const { call, answered } = await talk(ann, '102', bob);
  const talkBegan = bob.wire.received.entries.find(
    ({ message }) => message.kind === 'request' && message.method === 'ACK',
  )!.at;
  expect(answered).toMatchObject({ callerName: 'Ann', callerNumber: '101' });
  await hangUp(call, answered);
  const record = await office.record();
  const over = Date.now();
  expect(record).toMatchObject({
    organizationId: office.id,
    direction: 'internal',
    from: '101',
    fromName: 'Ann',
    fromExtension: '101',
    to: '102',
    answeredBy: '102',
    did: null,
    trunkId: null,
    result: 'answered',
    reason: 'caller-hung-up',
    blame: 'caller',
    revision: 1,
    handledBy: 'brain',
  });
  expect(record.startedAt).toBeGreaterThanOrEqual(began);
  expect(record.endedAt).toBeLessThanOrEqual(over);
  expect(record.ringDuration).toBe(record.answeredAt! - record.startedAt);
  expect(record.talkDuration).toBe(record.endedAt - record.answeredAt!);
  // What the phones saw, give or take the way to them and back on a slow machine.
  const talked = call.ending!.at - talkBegan;
  expect(Math.abs(record.talkDuration - talked)).toBeLessThan(2000);
  expect(await office.steps(record)).toEqual(['call-began', 'ringing', 'rang', 'answered', 'ended']);

  const listed = JSON.parse(await typed('call', 'list', '--json', ...org));
  expect(listed).toEqual([record]);
  expect(await typed('call', 'show', record.id, ...org)).toMatch(/call-began[\s\S]*ringing[\s\S]*answered[\s\S]*ended/);
});

test('a second `up` finds it running, and says so', async () => {
  const pid = readFileSync(join(system.installation.data, 'run/supervisor.pid'), 'utf8');
  expect(await typed('up', '--detach')).toMatch(/running already/);
  expect(readFileSync(join(system.installation.data, 'run/supervisor.pid'), 'utf8')).toBe(pid);
});
