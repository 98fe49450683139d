/**
 * `test` of the chaos tier: like the end-to-end tier's, with an installation for each file whose processes may be killed.
 * What a test leaves frozen goes on after it, and nothing of any call may be left in the engine.
 */
import { afterAll, test as base, expect } from 'vitest';
import { runningInstallation, startInstallation, stopInstallation } from '../kit/installation.ts';
import type { LiveCall, Office, Record } from '../kit/office.ts';
import { System } from '../kit/system.ts';
import { Town } from '../kit/town.ts';
import { eventually } from '../phones/index.ts';
import { Machine } from './machine.ts';

export { expect };

/** One that runs already, for whoever writes tests. */
const running = process.env.LITTLEPBX_CHAOS_DATA;
const installation = running
  ? runningInstallation(running)
  : await startInstallation({ prefix: 'h-chaos-', rtpTimeoutInS: 30 });

export const system = new System(installation);
export const machine = new Machine(system);

export const test = base.extend<{ town: Town }>({
  town: async ({ task }, use) => {
    const town = new Town(system);
    await use(town);
    machine.thaw();
    if (task.result?.state === 'fail') {
      await systemIsReady().catch(() => {});
      console.error(`${task.name}\n${await town.explain()}`);
      await Promise.all(town.phones.map((phone) => phone.close()));
      await town.remove();
      return;
    }
    await town.close();
  },
});

/** Resolves when everything is there again. */
export async function systemIsReady(within = 60_000): Promise<void> {
  let seen = '';
  await eventually(
    async () => {
      const now = await system.api.getSystem().catch((error: Error) => {
        seen = error.message;
      });
      if (now) seen = JSON.stringify(now);
      return now?.isReady ? true : undefined;
    },
    { within, reason: () => `the system is not ready: ${seen}` },
  );
}

/** Records of all calls there were, each of them once: nothing more is on its way to the database. */
export async function recordedOnce(office: Office, count: number): Promise<Record[]> {
  await office.records(count);
  let waiting = 0;
  await eventually(
    async () => {
      waiting = (await system.api.getSystem()).recordsWaiting;
      return waiting === 0 ? true : undefined;
    },
    { reason: () => `${waiting} records wait for the database` },
  );
  return office.records(count);
}

/** The brain knows of the one call in this state, and has it written down: what comes next may kill it. */
export async function brainHasNoted(office: Office, state: LiveCall['state']): Promise<LiveCall> {
  const call = await office.liveCall(state);
  await isWrittenDown();
  return call;
}

/**
 * What the brain has answered from is written down: it writes at the end of each turn, after the answers of that turn,
 * so a second question is answered later than the writing.
 */
export async function isWrittenDown(): Promise<void> {
  await system.api.getSystem();
  await system.api.getSystem();
}

/** Something happened between two moments that the test saw; a clock may be read a millisecond before the other. */
export function isBetween(at: number | null, from: number, to: number): void {
  expect(at).toBeGreaterThanOrEqual(from - 1);
  expect(at).toBeLessThanOrEqual(to + 1);
}

/** Prints a measured figure beside the test's name. */
export function measured(what: string, value: number | string, unit = 'ms'): void {
  console.info(`    ${what}: ${value} ${unit}`);
}

afterAll(async () => {
  machine.thaw();
  await system.isQuiet();
  if (!running) await stopInstallation(installation);
});
