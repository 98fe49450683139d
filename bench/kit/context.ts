import { type Installation, startInstallation } from './installation.ts';
import type { Measurement } from './report.ts';

/** What every measurement gets. */
export interface Context {
  /** A smoke run: everything small, nothing to be believed. */
  isQuick: boolean;
  /** `--ceiling N`: what an earlier `rate` found, so that it is not looked for again. Calls per second. */
  ceiling: number | null;
  say(text: string): void;
  /** Versions of what was measured, for the report. */
  versions: Record<string, string>;
}

export type Bench = (context: Context) => Promise<Measurement>;

/** Runs `work` on an installation of its own. */
export async function withInstallation<T>(
  context: Context,
  work: (installation: Installation) => Promise<T>,
  isLoaded = true,
): Promise<T> {
  const installation = await startInstallation(isLoaded);
  Object.assign(context.versions, installation.versions);
  try {
    return await work(installation);
  } finally {
    await installation.down();
  }
}
