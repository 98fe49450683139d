/** Voicemail by phone: leaving a message, the lamp, listening, PINs. */
import { describe } from 'vitest';
import { TONES } from '../kit/talk.ts';
import { expect, test } from '../kit/test.ts';
import { leaveTone, messagesOf } from '../kit/voicemail.ts';
import { type Call, eventually, type Phone } from '../phones/index.ts';
import { hasTone } from '../phones/tones.ts';
import { parseWav } from '../phones/wav.ts';

const PIN = '271828';
const TONE = TONES.caller;

async function opens(phone: Phone, keys = `${PIN}#`): Promise<Call> {
  const call = await phone.dial('*97');
  await call.answered();
  await call.hearsSound();
  await call.press(keys);
  return call;
}

describe.concurrent('voicemail', () => {
  test('ann leaves a tone for bob, his lamp goes on, he hears it, deletes it, and the lamp goes off', async ({
    town,
  }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    await office.set('102', { forwardBusy: 'voicemail' });
    const box = { ...office.params, extension: '102' };
    await office.api.updateVoicemailBox({ params: box, body: { pin: PIN } });
    bob.onCall = (call) => call.decline(486);
    const call = await ann.dial('102');
    await leaveTone(call);
    await call.hangUp();
    const [message] = await messagesOf(office, '102', 1);
    expect(message).toMatchObject({ from: '101', fromName: 'Ann', isSaved: false });
    expect(message!.duration).toBeGreaterThan(2500);
    await bob.showsMessages(1, 0);
    const sound = await office.api.downloadVoicemailMessage({ params: { ...box, message: message!.id } });
    const { rate, samples } = parseWav(Buffer.from(await sound.arrayBuffer()));
    expect(hasTone(samples.subarray(samples.length - rate), TONE, rate)).toBe(true);

    const listening = await opens(bob, `${PIN}#1`);
    await listening.hears(TONE, { within: 30_000, lasting: 1000 });
    await bob.showsMessages(0, 1);
    await listening.press('7');
    await listening.hearsSound();
    await listening.hangUp();
    await bob.showsMessages(0, 0);
    await messagesOf(office, '102', 0);
    const [left, listened] = await office.records(2);
    expect(left).toMatchObject({ result: 'voicemail', reason: 'message-left', answeredBy: '102' });
    expect(listened).toMatchObject({ result: 'answered', answeredBy: '*97' });
    expect(await office.steps(left!)).toEqual(
      expect.arrayContaining(['forwarded', 'voicemail', 'message-began', 'message-left', 'ended']),
    );
  });

  test('always and no answer lead to the box too; a caller from outside is named by the number', async ({ town }) => {
    const office = await town.office();
    const carrier = await town.carrier();
    await office.trunk(carrier);
    const { bob } = await office.staff('ann', 'bob');
    const did = await office.did('101');
    await office.change('101', { forwardAlways: '102' });
    await office.set('102', { forwardNoAnswer: 'voicemail', ringTimeInS: 5 });
    await bob.deregister();
    const call = await carrier.dial(did, { from: '<sip:+442079460555@carrier>' });
    await leaveTone(call);
    await call.press('#');
    await call.ended();
    expect(await messagesOf(office, '102', 1)).toMatchObject([{ from: '+442079460555' }]);
    await office.set('102', { forwardAlways: 'voicemail' });
    const short = await carrier.dial(did);
    await short.answered();
    await short.hangUp();
    const [, second] = await office.records(2);
    expect(second).toMatchObject({ direction: 'inbound', result: 'voicemail', reason: 'no-message-left' });
    await messagesOf(office, '102', 1);
    // A phone that comes back is told at once.
    await bob.register();
    await bob.showsMessages(1, 0);
  });

  test('wrong PINs lock the box until the admin unlocks it, and the first PIN is chosen by phone', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const first = await opens(bob, `${PIN}#${PIN}#`);
    const params = { ...office.params, extension: '102' };
    const box = () => office.api.getVoicemailBox({ params });
    await eventually(async () => ((await box()).hasPin ? true : undefined), {
      reason: () => 'no PIN was set by phone',
    });
    await first.hangUp();
    for (const tries of [3, 2]) {
      const call = await ann.dial('*98');
      await call.answered();
      await call.hearsSound();
      for (let i = 0; i < tries; i++) {
        await call.press('102#999999#');
        // "Login incorrect": what is typed before it is no answer to the next question.
        await call.hearsSound({ lasting: 400 });
      }
      if (tries === 3) await call.ended();
      else await call.hangUp();
    }
    await eventually(async () => ((await box()).lockedUntil === null ? undefined : true), {
      reason: () => 'the box is not locked',
    });
    const locked = await opens(bob);
    await locked.ended({ within: 40_000 });
    await office.api.updateVoicemailBox({ params, body: { isLocked: false } });
    const open = await opens(bob, `${PIN}##`);
    await open.ended({ within: 40_000 });
    const records = await office.records(5);
    expect(await office.steps(records[3]!)).not.toContain('voicemail-opened');
    expect(await office.steps(records[4]!)).toContain('voicemail-opened');
  });
});
