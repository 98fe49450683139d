/**
 * Installations of a run, one for each of the files that run at once (`own-installation.ts` starts it); each test brings its
 * own organizations. Here they are stopped.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type Installation, stopInstallation } from './installation.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder with a file for each that was started: where it is. */
    installations: string;
  }
}

export default function setup(project: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'h-installations-'));
  project.provide('installations', folder);
  return async () => {
    const started = readdirSync(folder).map(
      (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Installation,
    );
    await Promise.all(started.map(stopInstallation));
    rmSync(folder, { recursive: true });
  };
}
