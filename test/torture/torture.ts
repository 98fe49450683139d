/**
 * The torture's bench: an installation of its own, a house with an attacked device, its neighbour, and what must hold after
 * anything was sent: the same processes, nothing left over, memory within a bound, and the next call talks both ways.
 */
import { afterAll, expect } from 'vitest';
import { type Footprint, footprint, pidOf } from '../kit/footprint.ts';
import type { Office } from '../kit/office.ts';
import { ownInstallation } from '../kit/own-installation.ts';
import { System } from '../kit/system.ts';
import { hangUp, talk } from '../kit/talk.ts';
import { Town } from '../kit/town.ts';
import { eventually, type Phone } from '../phones/index.ts';

export const system = new System(await ownInstallation());

/** Of the SIP and API tortures. Whole numbers from the environment: `./littlepbx test torture --seed S --count N`. */
export const SEED = Number(process.env.LITTLEPBX_TEST_SEED ?? 1);

/**
 * After settling, against before. MB; descriptors and threads as such. Memory: the heap's high-water mark. The first 10,000
 * messages add some 60, 100,000 up to 136; of 230,000 the last 100,000 added 3.
 */
const GROWTH = { engineMemory: 160, brainMemory: 120, descriptors: 12, threads: 30, taskprocessors: 40 };
/**
 * Dialogs that nobody acknowledged are given up after 13 s, calls without media after 5 s. What is there later is a call on
 * hold, which may be silent for an hour: the admin must be able to end it.
 */
const SETTLES_BY_ITSELF = 30_000;
const SETTLES_WITHIN = 20_000;

export interface House {
  town: Town;
  office: Office;
  ann: Phone;
  bob: Phone;
  /** Credentials of the device that attacks, of extension 101. */
  attacker: { username: string; password: string };
  neighbour: { ann: Phone; bob: Phone; office: Office };
}

export async function openHouse(): Promise<House> {
  const town = new Town(system);
  const limits = { concurrentCalls: 100, callsPerSecond: 100 };
  const office = await town.office({ limits });
  const { ann, bob } = await office.staff('ann', 'bob');
  await office.extension('103', { name: 'Target' });
  await office.apply();
  const attacker = await office.device('103');
  const other = await town.office();
  const people = await other.staff('ann', 'bob');
  return { town, office, ann, bob, attacker, neighbour: { ...people, office: other } };
}

/** The same processes as before answer. Throws with `context`, which says what was sent. */
export async function isAlive(before: Footprint, context: string): Promise<void> {
  const pids = [pidOf(system, 'engine'), pidOf(system, 'brain')];
  expect(pids, `engine or brain was started anew; ${context}`).toEqual([before.engine.pid, before.brain.pid]);
  await eventually(
    async () => ((await system.api.getSystem().catch(() => null))?.engine.isConnected ? true : undefined),
    {
      within: 40_000,
      reason: () => `the brain does not hold the engine; ${context}`,
    },
  );
}

/** Waits until nothing of the attack is left, then compares. @returns what it found at last */
export async function settled({ office }: House, before: Footprint, context: string): Promise<Footprint> {
  let last: Footprint | null = null;
  const isQuiet = async (): Promise<Footprint | undefined> => {
    last = await footprint(system);
    const { channels, bridges, sipSessions, queued, calls } = last;
    return channels + bridges + sipSessions + queued + calls === 0 ? last : undefined;
  };
  const reason = () => `left over: ${JSON.stringify(last)}; ${context}`;
  const byItself = await eventually(isQuiet, { within: SETTLES_BY_ITSELF, every: 500, reason }).catch(() => null);
  const held = byItself ? [] : await office.liveCalls();
  for (const { id } of held) await office.api.hangUpCall({ params: { ...office.params, call: id } });
  if (held.length > 0) say(`${held.length} calls were on hold and ended by the admin`);
  const after = byItself ?? (await eventually(isQuiet, { within: SETTLES_WITHIN, every: 500, reason }));
  const grown = {
    'engine memory': [after.engine.memory - before.engine.memory, GROWTH.engineMemory],
    'brain memory': [after.brain.memory - before.brain.memory, GROWTH.brainMemory],
    'engine descriptors': [after.engine.descriptors - before.engine.descriptors, GROWTH.descriptors],
    'brain descriptors': [after.brain.descriptors - before.brain.descriptors, GROWTH.descriptors],
    'engine threads': [after.engine.threads - before.engine.threads, GROWTH.threads],
    taskprocessors: [after.taskprocessors - before.taskprocessors, GROWTH.taskprocessors],
  } satisfies Record<string, [number, number]>;
  say(
    `grew by: ${Object.entries(grown)
      .map(([what, [by]]) => `${what} ${by}`)
      .join(', ')}`,
  );
  for (const [what, [by, most]] of Object.entries(grown))
    expect(by, `${what} grew; ${context}`).toBeLessThanOrEqual(most);
  return after;
}

/** In the attacked house and at the neighbour's: audio both ways. */
export async function nextCallsWork({ ann, bob, neighbour }: House): Promise<void> {
  bob.onCall = null;
  for (const phone of [ann, bob, neighbour.ann, neighbour.bob]) await phone.register();
  for (const [from, to] of [
    [ann, bob],
    [neighbour.ann, neighbour.bob],
  ] as const) {
    const { call, answered } = await talk(from, '102', to);
    await hangUp(call, answered);
  }
}

export async function closeHouse({ town }: House): Promise<void> {
  await Promise.all(town.phones.map((phone) => phone.close()));
  await town.remove();
}

/** A line of the report. */
export const say = (text: string): void => console.info(`    ${text}`);

afterAll(() => system.isQuiet());
