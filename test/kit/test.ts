/**
 * `test` of the end-to-end tier: gives each test a `town` of its own and fails it when something of a call is left over.
 * Tests of one file share the installation and run side by side where they say so.
 */
import { afterAll, test as base, expect } from 'vitest';
import { ownInstallation } from './own-installation.ts';
import { System } from './system.ts';
import { Town } from './town.ts';

export { expect };

export const system = new System(await ownInstallation());

export const test = base.extend<{ town: Town }>({
  town: async ({ task }, use) => {
    const town = new Town(system);
    await use(town);
    if (task.result?.state === 'fail') {
      console.error(`${task.name}\n${await town.explain()}`);
      await Promise.all(town.phones.map((phone) => phone.close()));
      await town.remove();
      return;
    }
    await town.close();
  },
});

afterAll(() => system.isQuiet());
