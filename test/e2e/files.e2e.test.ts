/** Sounds that an organization brings: music that its callers hear, refusals, and a storage that is full. */
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { hangUp, talk } from '../kit/talk.ts';
import { expect, test } from '../kit/test.ts';
import { SAMPLE_RATE, Sine } from '../phones/tones.ts';
import { formatWav } from '../phones/wav.ts';

const MUSIC = 700;
/** Of this many seconds. */
const tone = (hertz: number, seconds: number, rate = SAMPLE_RATE): Blob =>
  new Blob([Uint8Array.from(formatWav({ rate, samples: new Sine(hertz, 10_000, rate).next(seconds * rate) }))]);

describe.concurrent('sounds', () => {
  test('who is held hears the music of the organization, and of no other', async ({ town }) => {
    const [office, other] = [await town.office(), await town.office()];
    const [{ ann, bob }, { carl, dora }] = [await office.staff('ann', 'bob'), await other.staff('carl', 'dora')];
    const music = await office.api.uploadFile({
      params: office.params,
      query: { kind: 'music', name: 'Our tune' },
      sound: tone(MUSIC, 20, 44_100),
    });
    expect(music).toMatchObject({ kind: 'music', name: 'Our tune', duration: 20_000, bytes: 320_044 });
    const { call, answered } = await talk(ann, '102', bob);
    await answered.hold();
    await call.hears(MUSIC);
    await answered.resume();
    await hangUp(call, answered);

    const theirs = await talk(carl, '102', dora);
    await theirs.answered.hold();
    await theirs.call.hearsSound();
    await expect(theirs.call.hears(MUSIC, { within: 600 })).rejects.toThrow();
    await theirs.answered.resume();
    await hangUp(theirs.call, theirs.answered);

    // The stock is chosen, and heard once that is applied.
    await office.api.setMusic({ params: office.params, body: { music: 'stock' } });
    await office.apply();
    const again = await talk(ann, '102', bob);
    await again.answered.hold();
    await again.call.hearsSound();
    await expect(again.call.hears(MUSIC, { within: 600 })).rejects.toThrow();
    await again.answered.resume();
    await hangUp(again.call, again.answered);
  });

  test('what is no sound is refused, and a full storage takes neither an upload nor a recording', async ({ town }) => {
    const office = await town.office({ limits: { concurrentCalls: 10, callsPerSecond: 10, storageBytes: 100_000 } });
    const { ann, bob } = await office.staff('ann', 'bob');
    const upload = (sound: Blob) =>
      office.api.uploadFile({ params: office.params, query: { kind: 'prompt', name: 'Hello' }, sound });
    await expect(upload(new Blob(['I am no sound']))).rejects.toMatchObject({ id: 'sound-invalid', status: 422 });
    await expect(upload(tone(440, 7))).rejects.toMatchObject({ id: 'storage-full' });
    const large = new Blob(Array.from({ length: 66 }, () => new Uint8Array(1024 ** 2)));
    await expect(upload(large)).rejects.toMatchObject({ id: 'too-large', status: 413 });
    const prompt = await upload(tone(440, 6));
    expect((await office.api.getOrganization({ params: office.params })).storageUsed).toBe(prompt.bytes);
    const { call, answered } = await talk(ann, '102', bob);
    const params = { ...office.params, call: (await office.liveCall('talking')).id };
    await expect(office.api.recordCall({ params, body: { action: 'start' } })).rejects.toMatchObject({
      id: 'storage-full',
    });
    await hangUp(call, answered);
    expect(await office.steps(await office.record())).toContain('recording-refused');
    const files = join(town.system.installation.data, 'files');
    expect(readdirSync(join(files, office.id))).toEqual([`${prompt.id}.wav`]);
  });

  test('nothing of an organization that was erased stays on disk', async ({ town }) => {
    const { api } = town.system;
    const slug = `o${randomBytes(6).toString('hex')}`;
    const { id } = await api.createOrganization({ body: { slug, name: slug, country: 'GB' } });
    const params = { org: slug };
    await api.uploadFile({ params, query: { kind: 'music', name: 'Tune' }, sound: tone(MUSIC, 1) });
    const files = join(town.system.installation.data, 'files');
    expect(readdirSync(join(files, id, 'music'))).toHaveLength(1);
    await api.deleteOrganization({ params, query: { confirm: slug, erase: 'now' } });
    expect(readdirSync(files)).not.toContain(id);
  });
});
