/** The installation of this worker: its first file starts it, the next ones find it, and at the end of the run it is stopped. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import './global-setup.ts';
import { type Installation, runningInstallation, startInstallation } from './installation.ts';

export async function ownInstallation(): Promise<Installation> {
  const running = process.env.LITTLEPBX_E2E_DATA;
  if (running) return runningInstallation(running);
  const file = join(inject('installations'), `${process.env.VITEST_POOL_ID}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Installation;
  const installation = await startInstallation();
  writeFileSync(file, JSON.stringify(installation));
  return installation;
}
