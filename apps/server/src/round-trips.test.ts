/** Who is asked how long it takes to answer, how often, and how many at once. */
import { createSim } from '@littlepbx/engine/sim';
import { expect, test } from 'vitest';
import { RoundTrips } from './round-trips.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

/** Phones that answer in 24 ms, but for those that are named here. */
function office(answers: Record<string, number | null> = {}) {
  const { clock } = createSim();
  const asked: { at: number; usernames: readonly string[] }[] = [];
  const phones = { isEngineAway: false };
  const began = clock.now();
  const directory = {
    async roundTrips(usernames: readonly string[]) {
      asked.push({ at: clock.now() - began, usernames });
      if (phones.isEngineAway) throw new Error('no engine');
      await new Promise<void>((resolve) => clock.after(100, resolve));
      return new Map(usernames.map((username) => [username, username in answers ? answers[username]! : 24]));
    },
  };
  return { clock, asked, phones, trips: new RoundTrips({ directory, clock, log }) };
}

const at = (username: string, address = '192.0.2.7:5060') => ({ username, address });
const many = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => at(`${prefix}${i}`));

test('a phone that somebody looks at is asked at once, and again half a minute later; nobody is asked unlooked at', async () => {
  const { clock, asked, trips } = office({ mute: null });
  expect(trips.of(at('ann'))).toEqual({ roundTrip: null, isSilent: false });
  for (let second = 0; second < 70; second += 2) {
    trips.want('acme', [at('ann'), at('mute')]);
    await clock.advance(2_000);
    expect(trips.of(at('ann'))).toEqual({ roundTrip: 24, isSilent: false });
    expect(trips.of(at('mute'))).toEqual({ roundTrip: null, isSilent: true });
  }
  expect(asked.map(({ usernames }) => usernames)).toEqual(Array(3).fill(['ann', 'mute']));
  expect(asked.map(({ at }) => Math.floor(at / 1000))).toEqual([0, 32, 64]);
  await clock.advance(400_000);
  expect(asked).toHaveLength(3);
  expect(trips.of(at('ann'))).toEqual({ roundTrip: null, isSilent: false });
});

test('a phone that comes from elsewhere is not known any more, and asked anew', async () => {
  const { clock, asked, trips } = office();
  trips.want('acme', [at('ann')]);
  await clock.advance(2_000);
  const moved = at('ann', '192.0.2.8:5060');
  expect(trips.of(moved)).toEqual({ roundTrip: null, isSilent: false });
  trips.want('acme', [moved]);
  await clock.advance(2_000);
  expect(trips.of(moved).roundTrip).toBe(24);
  expect(asked).toHaveLength(2);
});

test('of thousands twenty are asked in a second, all of them in turn, and a small office does not wait for a large one', async () => {
  const { clock, asked, trips } = office();
  const [large, small] = [many('large', 700), many('small', 3)];
  trips.want('large', large);
  for (let second = 0; second < 40; second += 2) {
    trips.want('large', large);
    trips.want('small', small);
    await clock.advance(2_000);
    if (second === 0) expect(small.map((phone) => trips.of(phone).roundTrip)).toEqual([24, 24, 24]);
  }
  for (const { usernames } of asked) expect(usernames.length).toBeLessThanOrEqual(20);
  for (const [i, { at }] of asked.entries()) expect(at - (asked[i - 1]?.at ?? -1_000)).toBeGreaterThanOrEqual(1_000);
  // Those that were asked first may be asked again by now; nobody is left out for them.
  expect(large.filter((phone) => trips.of(phone).roundTrip === null)).toEqual([]);
});

test('whoever asks for one phone waits for its answer, but not for ever; an engine that is away is asked again', async () => {
  const { clock, asked, phones, trips } = office();
  phones.isEngineAway = true;
  const done: string[] = [];
  void trips.known(at('ann'), 2_500).then(() => done.push('given up'));
  await clock.advance(2_400);
  expect(done).toEqual([]);
  await clock.advance(200);
  expect(done).toEqual(['given up']);

  phones.isEngineAway = false;
  void trips.known(at('ann'), 2_500).then(() => done.push('first'));
  void trips.known(at('ann'), 2_500).then(() => done.push('second'));
  await clock.advance(200);
  expect(done).toEqual(['given up', 'first', 'second']);
  expect(trips.of(at('ann')).roundTrip).toBe(24);
  const before = asked.length;
  await trips.known(at('ann'), 2_500);
  expect(asked).toHaveLength(before);
});

test('once nobody looks at an office, those of it who still waited are not asked', async () => {
  const { clock, asked, trips } = office();
  trips.want('acme', many('phone', 1_000));
  await clock.advance(60_000);
  expect(asked.length).toBeLessThanOrEqual(11);
  trips.stop();
});
