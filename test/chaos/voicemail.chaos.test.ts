/** Messages that are being left while something dies: what was said is kept. */
import { TONES } from '../kit/talk.ts';
import { leaveTone, messagesOf } from '../kit/voicemail.ts';
import { hasTone } from '../phones/tones.ts';
import { parseWav } from '../phones/wav.ts';
import { expect, machine, measured, system, systemIsReady, test } from './chaos.ts';

/** How fast a brain is back is proven elsewhere. Milliseconds. */
const BACK = 10_000;

test('the brain is killed while ann speaks: she speaks on, and the whole message is there', async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  await office.set('102', { forwardAlways: 'voicemail' });
  const call = await ann.dial('102');
  await leaveTone(call, 2000);
  await system.api.getSystem();
  measured('control back', await machine.brainIsBack(machine.kill('brain'), { calls: 1, within: BACK }));
  await call.hearsSilence({ lasting: 2000 });
  await call.hangUp();
  const [message] = await messagesOf(office, '102', 1);
  expect(message!.duration).toBeGreaterThan(4000);
  await bob.showsMessages(1);
  const params = { ...office.params, extension: '102', message: message!.id };
  const sound = await office.api.downloadVoicemailMessage({ params });
  const { rate, samples } = parseWav(Buffer.from(await sound.arrayBuffer()));
  expect(hasTone(samples.subarray(samples.length - rate), TONES.caller, rate)).toBe(true);
  expect(await office.record()).toMatchObject({ result: 'voicemail', reason: 'message-left' });
});

test('ann hangs up while no brain is there: what she said is there once one is', async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  await office.set('102', { forwardAlways: 'voicemail' });
  const call = await ann.dial('102');
  await leaveTone(call);
  await system.api.getSystem();
  const killed = machine.kill('brain');
  await call.hangUp();
  await machine.brainIsBack(killed, { within: BACK });
  await systemIsReady();
  const [message] = await messagesOf(office, '102', 1);
  expect(message!.duration).toBeGreaterThan(2500);
  await bob.showsMessages(1);
});

test('Postgres is dead while ann leaves a message: it appears when it is back', async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  await office.set('102', { forwardAlways: 'voicemail' });
  const pid = machine.pid('db')!;
  machine.freeze('db');
  const call = await ann.dial('102');
  await leaveTone(call);
  await call.hangUp();
  machine.thaw();
  expect(machine.pid('db')).toBe(pid);
  await systemIsReady();
  await messagesOf(office, '102', 1, { within: 40_000 });
  await bob.showsMessages(1, 0, { within: 30_000 });
});
