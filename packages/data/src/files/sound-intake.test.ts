import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '@littlepbx/core/ports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SoundFolder } from './sound-folder.ts';
import { FileIntake, typeOf } from './sound-intake.ts';

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
const ORG = '01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10';
const hasOpus = spawnSync('opusenc', ['--version']).status === 0;
const formats = String(spawnSync('sox', ['--help']).stdout ?? '');

let base: string;
let intake: FileIntake;
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'lpbx-intake-'));
  intake = new FileIntake(new SoundFolder(base, log), join(base, 'incoming'));
  await intake.open();
});
afterEach(() => rmSync(base, { recursive: true }));

async function* of(...chunks: (Buffer | string)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk as string, 'latin1');
}

/** A second and a half of 440 Hz, in stereo, as sox writes it. */
function tone(suffix: string, seconds = 1.5): Buffer {
  const path = join(base, `tone.${suffix}`);
  const source = suffix === 'opus' ? `${path}.wav` : path;
  const made = [
    spawnSync('sox', ['-n', '-r', '44100', '-c', '2', '-b', '16', source, 'synth', String(seconds), 'sine', '440']),
  ];
  if (suffix === 'opus') made.push(spawnSync('opusenc', ['--quiet', source, path]));
  for (const { status, stderr } of made) if (status !== 0) throw new Error(String(stderr));
  const bytes = readFileSync(path);
  rmSync(path);
  return bytes;
}

const leftovers = () => readdirSync(join(base, 'incoming'));

describe.skipIf(formats === '')('an upload', () => {
  test.each(
    ['wav', 'flac', 'ogg', 'aiff', 'mp3', 'opus'].filter(
      (f) => (f !== 'mp3' || formats.includes(' mp3 ')) && (f !== 'opus' || hasOpus),
    ),
  )('%s becomes what the engine plays', async (suffix) => {
    const bytes = tone(suffix);
    const taken = await intake.take(ORG, of(bytes.subarray(0, 7), bytes.subarray(7)));
    if (!taken.ok) throw new Error(taken.refusal);
    expect(Math.abs(taken.value.duration - 1500)).toBeLessThan(80);
    const id = '01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d11';
    await taken.value.keep({ id, organizationId: ORG, kind: 'music' });
    const wav = readFileSync(join(base, ORG, 'music', `${id}.wav`));
    expect(wav.length).toBe(taken.value.bytes);
    // PCM, one channel, 8000 Hz, 16 bit, and the sound right behind the header.
    expect([wav.readUInt16LE(20), wav.readUInt16LE(22), wav.readUInt32LE(24), wav.readUInt16LE(34)]).toEqual([
      1, 1, 8000, 16,
    ]);
    expect([wav.toString('latin1', 36, 40), wav.readUInt32LE(40)]).toEqual(['data', wav.length - 44]);
    expect(leftovers()).toEqual([]);
  });

  test.each<[string, string, Buffer | string]>([
    ['a text', 'not-a-sound', 'I am a sound, really'],
    ['nothing', 'not-a-sound', ''],
    ['a playlist', 'not-a-sound', '#EXTM3U\nhttp://192.0.2.1/a.mp3\n'],
    ['a WAV header that promises', 'broken-sound', 'RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00'],
    ['noise behind a FLAC mark', 'broken-sound', `fLaC${'\x00\xff'.repeat(5000)}`],
    ...(hasOpus
      ? [
          ['an Opus that only begins', 'broken-sound', `OggS${'\x00'.repeat(24)}OpusHead\x01\x02`] as [
            string,
            string,
            string,
          ],
        ]
      : []),
    ['an Ogg of something else', 'not-a-sound', `OggS${'\x00'.repeat(24)}\x80theora`],
  ])('%s is refused: %s', async (_what, refusal, bytes) => {
    expect(await intake.take(ORG, of(bytes))).toEqual({ ok: false, refusal });
    expect(leftovers()).toEqual([]);
  });

  test('an endless one is cut off at the limit, and nothing of it stays', async () => {
    let sent = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        sent += 1024 ** 2;
        yield Buffer.alloc(1024 ** 2);
      }
    }
    expect(await intake.take(ORG, endless())).toEqual({ ok: false, refusal: 'too-large' });
    expect(sent).toBeLessThanOrEqual(66 * 1024 ** 2);
    expect(leftovers()).toEqual([]);
  });

  test('an hour of silence in a few bytes is refused: it would be too long', async () => {
    const path = join(base, 'hour.flac');
    spawnSync('sox', ['-n', '-r', '8000', '-c', '1', path, 'trim', '0', '3600']);
    expect(await intake.take(ORG, of(readFileSync(path)))).toEqual({ ok: false, refusal: 'too-long' });
    expect(leftovers()).toEqual([]);
  });

  test('a third at once of one organization is refused; when one is done there is room again', async () => {
    let end = () => {};
    const slow = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('x');
      await new Promise<void>((resolve) => {
        const before = end;
        end = () => {
          before();
          resolve();
        };
      });
    };
    const two = [intake.take(ORG, slow()), intake.take(ORG, slow())];
    expect(await intake.take(ORG, of('x'))).toEqual({ ok: false, refusal: 'too-many-uploads' });
    expect((await intake.take('01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d99', of('x'))).ok).toBe(false);
    await expect.poll(() => leftovers().length, { timeout: 10_000 }).toBe(2);
    await new Promise((resolve) => setImmediate(resolve));
    end();
    await Promise.all(two);
    expect(await intake.take(ORG, of('x'))).toEqual({ ok: false, refusal: 'not-a-sound' });
  });

  test('one that breaks off leaves nothing', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('RIFF');
      throw new Error('the line went');
    }
    await expect(intake.take(ORG, broken())).rejects.toThrow('the line went');
    expect(leftovers()).toEqual([]);
  });
});

test('what a dead brain left half done is removed', async () => {
  mkdirSync(join(base, 'incoming'), { recursive: true });
  writeFileSync(join(base, 'incoming/old.raw'), 'x');
  await intake.open();
  expect(leftovers()).toEqual([]);
});

test.each([
  ['\xff\xfb\x90\x00', 'mp3'],
  ['ID3\x04', 'mp3'],
  ['\xff\xff\xff\xff', 'mp3'],
  ['\xff\xe8\x00\x00', null],
  ['%PDF-1.7', null],
])('%j is %s', (head, type) => {
  expect(typeOf(Buffer.from(head, 'latin1'))).toBe(type);
});
