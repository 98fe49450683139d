import { expect, test } from 'vitest';
import { type Codec, decode, encode } from './g711.ts';
import { hasTone, likeness, loudness, Sine, shareOfTone, strongestTone } from './tones.ts';
import { formatWav, parseWav } from './wav.ts';

test.each<Codec>(['PCMU', 'PCMA'])('a tone survives %s', (codec) => {
  const heard = decode(codec, encode(codec, new Sine(440).next(1600)));
  expect(shareOfTone(heard, 440)).toBeGreaterThan(0.98);
  expect(hasTone(heard, 620)).toBe(false);
  expect(strongestTone(heard)).toBe(440);
});

test.each<Codec>(['PCMU', 'PCMA'])('silence stays silence in %s', (codec) => {
  expect(loudness(decode(codec, encode(codec, new Int16Array(160))))).toBeLessThan(20);
});

test('the known code words of G.711', () => {
  expect([...encode('PCMU', Int16Array.of(0, 32_767, -32_768))]).toEqual([0xff, 0x80, 0x00]);
  expect([...encode('PCMA', Int16Array.of(8, 32_767, -32_768))]).toEqual([0xd5, 0xaa, 0x2a]);
});

test('two tones at once are both heard', () => {
  const a = new Sine(440).next(1600);
  const b = new Sine(620).next(1600);
  const both = a.map((sample, i) => (sample + b[i]!) / 2);
  expect(hasTone(both, 440) && hasTone(both, 620)).toBe(true);
});

test('a wav file reads back, also while it is still written', () => {
  const sound = { rate: 8000, samples: new Sine(440).next(800) };
  const file = formatWav(sound);
  expect(parseWav(file)).toEqual(sound);
  file.writeUInt32LE(0, 40);
  expect(parseWav(file).samples).toHaveLength(800);
});

test('a sound is found again after G.711, in another loudness and in the midst of others; another one is not', () => {
  // Sweeps, as no two moments of speech are alike.
  const sweep = (from: number, to: number): Int16Array =>
    Int16Array.from({ length: 4000 }, (_, i) => 9000 * Math.sin((from + ((to - from) * i) / 8000) * i * 0.000785));
  const [one, other] = [sweep(300, 900), sweep(1200, 500)];
  const heard = Int16Array.from([
    ...new Int16Array(700),
    ...decode(
      'PCMA',
      encode(
        'PCMA',
        one.map((s) => s / 3),
      ),
    ),
    ...other,
  ]);
  expect(likeness(heard, one.subarray(500, 3000))).toBeGreaterThan(0.97);
  expect(likeness(heard, sweep(2000, 2500).subarray(500, 3000))).toBeLessThan(0.5);
});
