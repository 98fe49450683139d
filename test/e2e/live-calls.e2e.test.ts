/** Calls in progress by the API: seen, hung up, transferred, recorded. */
import { readdirSync } from 'node:fs';
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
    expect(await office.liveCall('ringing')).toMatchObject({
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
    expect(await office.liveCall('talking')).toMatchObject({ answeredAt: expect.any(Number) });
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
    const { id } = await office.liveCall('talking');
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
    const { id } = await office.liveCall('talking');
    const params = { ...office.params, call: id };
    await expect(office.api.transferCall({ params, body: { to: '199' } })).rejects.toMatchObject({ id: 'invalid' });
    await hearEachOther(call, answered);
    await office.api.transferCall({ params, body: { to: '103' } });
    const rung = await carol.rings();
    await answered.ended();
    expect(await office.liveCall('ringing')).toMatchObject({ with: '103' });
    await rung.answer();
    await hearEachOther(call, rung);
    await hangUp(call, rung);
    expect(await office.record()).toMatchObject({ id, result: 'answered', answeredBy: '103' });
    // Wherever the day begins.
    const day = (difference: number) => new Date(Date.now() + difference * 86_400_000).toISOString().slice(0, 10);
    const query = { from: day(-1), to: day(1), by: 'day', timeZone: 'UTC' } as const;
    const { extensions } = await office.api.getStatistics({ params: office.params, query });
    const answers = extensions.map(({ extension, answered: count }) => `${extension} ${count}`);
    expect(answers).toEqual(['101 0', '102 1', '103 1']);
  });

  test('a recording holds both voices', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const { call, answered } = await talk(ann, '102', bob);
    const { id } = await office.liveCall('talking');
    const params = { ...office.params, call: id };
    await office.api.recordCall({ params, body: { action: 'start' } });
    await eventually(async () => (await office.liveCall()).isRecorded || undefined, {
      reason: () => 'it is not recorded',
    });
    await hearEachOther(call, answered);
    await office.api.recordCall({ params, body: { action: 'stop' } });
    await eventually(async () => ((await office.liveCall()).isRecorded ? undefined : true), {
      reason: () => 'it is still recorded',
    });
    await hangUp(call, answered);
    const record = await office.record();
    const [recording] = await office.recordings(id, 1);
    const { rate, samples } = parseWav(await office.sound(recording!.id));
    expect(samples.length / rate).toBeGreaterThan(0.15);
    expect(Math.abs(recording!.duration - (1000 * samples.length) / rate)).toBeLessThan(1);
    // Both tones are in it, of about the same strength.
    for (const hertz of [TONES.caller, TONES.callee]) {
      expect(shareOfTone(samples, hertz, rate), `${hertz} Hz`).toBeGreaterThan(0.25);
    }
    expect(record.id).toBe(id);
    const data = town.system.installation.data;
    expect(readdirSync(join(data, 'files/spool/recording'))).toEqual([]);
    expect(readdirSync(join(data, 'files', office.id))).toEqual([`${recording!.id}.wav`]);
    // A player asks for a part of it.
    const path = `/organizations/${office.slug}/files/${recording!.id}`;
    const part = await fetch(`${town.system.installation.web}/api/v1${path}/sound`, {
      headers: { authorization: `Bearer ${town.system.operatorKey}`, range: 'bytes=0-3' },
    });
    expect([part.status, await part.text(), part.headers.get('content-type')]).toEqual([206, 'RIFF', 'audio/wav']);
    expect((await office.api.getOrganization({ params: office.params })).storageUsed).toBe(recording!.bytes);
    await office.api.deleteFile({ params: { ...office.params, file: recording!.id } });
    expect(readdirSync(join(data, 'files', office.id))).toEqual([]);
    expect((await office.api.getOrganization({ params: office.params })).storageUsed).toBe(0);
  });

  test('nobody records what does not talk', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const call = await ann.dial('102');
    await bob.rings();
    const params = { ...office.params, call: (await office.liveCall('ringing')).id };
    await expect(office.api.recordCall({ params, body: { action: 'start' } })).rejects.toMatchObject({
      id: 'conflict',
    });
    await call.cancel();
  });
});
