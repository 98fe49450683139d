/** Calls in progress by the API: seen, hung up, transferred, recorded. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { hangUp, hearEachOther, TONES, talk } from '../kit/talk.ts';
import { expect, test } from '../kit/test.ts';
import { eventually } from '../phones/index.ts';
import { shareOfTone } from '../phones/tones.ts';
import { parseWav } from '../phones/wav.ts';

describe.concurrent('live calls', () => {
  test('a call is listed as it rings, talks and is held', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const call = await ann.dial('102');
    const rung = await bob.rings();
    await call.ringing();
    expect(await office.liveCall()).toMatchObject({
      direction: 'internal',
      from: '101',
      fromName: 'Ann',
      to: '102',
      with: '102',
      state: 'ringing',
      answeredAt: null,
      isRecorded: false,
      revision: 1,
    });
    await rung.answer();
    await call.answered();
    expect(await office.liveCall()).toMatchObject({ state: 'talking', answeredAt: expect.any(Number) });
    await hangUp(call, rung);
    await eventually(async () => ((await office.liveCalls()).length === 0 ? true : undefined), {
      reason: () => 'the call is still listed',
    });
  });

  test('hung up by the admin', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const admin = town.system.apiAs(await office.adminKey());
    const { call, answered } = await talk(ann, '102', bob);
    const { id } = await office.liveCall();
    await admin.hangUpCall({ params: { org: office.slug, call: id } });
    await Promise.all([call.ended(), answered.ended()]);
    expect(await office.record()).toMatchObject({ id, result: 'answered', reason: 'hung-up-by-admin' });
    await expect(admin.hangUpCall({ params: { org: office.slug, call: id } })).rejects.toMatchObject({
      id: 'not-found',
    });
  });

  test('hung up while it rings: the caller is told, the phone stops', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const call = await ann.dial('102');
    const rung = await bob.rings();
    await office.api.hangUpCall({ params: { ...office.params, call: (await office.liveCall()).id } });
    await rung.stopsRinging();
    expect((await call.refused()).status).toBeGreaterThanOrEqual(400);
  });

  test('transferred by the admin: whoever called goes on', async ({ town }) => {
    const office = await town.office();
    const { ann, bob, carol } = await office.staff('ann', 'bob', 'carol');
    const { call, answered } = await talk(ann, '102', bob);
    const { id } = await office.liveCall();
    const params = { ...office.params, call: id };
    await expect(office.api.transferCall({ params, body: { to: '199' } })).rejects.toMatchObject({ id: 'conflict' });
    await hearEachOther(call, answered);
    await office.api.transferCall({ params, body: { to: '103' } });
    const rung = await carol.rings();
    await answered.ended();
    await rung.answer();
    await hearEachOther(call, rung);
    await hangUp(call, rung);
    expect(await office.record()).toMatchObject({ id, result: 'answered', answeredBy: '103' });
  });

  test('a recording holds both voices', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const { call, answered } = await talk(ann, '102', bob);
    const { id } = await office.liveCall();
    const params = { ...office.params, call: id };
    await office.api.recordCall({ params, body: { action: 'start' } });
    expect((await office.liveCall()).isRecorded).toBe(true);
    await hearEachOther(call, answered);
    await office.api.recordCall({ params, body: { action: 'stop' } });
    await eventually(async () => ((await office.liveCall()).isRecorded ? undefined : true), {
      reason: () => 'it is still recorded',
    });
    await hangUp(call, answered);
    const record = await office.record();
    const { trace } = await office.api.getCall({ params });
    const began = trace.find((step) => step.step === 'recording-began');
    const name = String(began?.detail?.recording);
    const { rate, samples } = parseWav(town.system.recording(name));
    expect(samples.length / rate).toBeGreaterThan(0.15);
    // Both tones are in it, of about the same strength.
    for (const hertz of [TONES.caller, TONES.callee]) {
      expect(shareOfTone(samples, hertz, rate), `${hertz} Hz`).toBeGreaterThan(0.25);
    }
    expect(record.id).toBe(id);
    const folder = join(town.system.installation.data, 'engine/spool/recording');
    expect(existsSync(folder) && readdirSync(folder).filter((file) => file.includes(name))).toHaveLength(1);
  });

  test('nobody records what does not talk', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const call = await ann.dial('102');
    await bob.rings();
    const params = { ...office.params, call: (await office.liveCall()).id };
    await expect(office.api.recordCall({ params, body: { action: 'start' } })).rejects.toMatchObject({
      id: 'conflict',
    });
    await call.cancel();
  });
});
