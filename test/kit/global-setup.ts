/** One installation for all files of a run; each test brings its own organizations. */
import type { TestProject } from 'vitest/node';
import { type Installation, runningInstallation, startInstallation, stopInstallation } from './installation.ts';

declare module 'vitest' {
  interface ProvidedContext {
    installation: Installation;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running = process.env.LITTLEPBX_E2E_DATA;
  const installation = running ? runningInstallation(running) : await startInstallation();
  project.provide('installation', installation);
  return async () => {
    if (!running) await stopInstallation(installation);
  };
}
