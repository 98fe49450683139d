/**
 * Prompts in further languages, fetched when somebody wants them. One folder for all installations of this machine, bound
 * read-only into what engine and brain see:
 *
 *     sounds/ru/        the sounds, there only when they are whole
 *     sounds/ru.json    what is being done about them, or why it failed; gone once they are there
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureFolder, ROOT, readJson, writeWhole } from '../files.ts';
import { machineHome } from '../install/installation.ts';

/** English is part of the isolated root. */
export const FETCHED = ['es', 'fr', 'it', 'ru'] as const;
export type FetchedLanguage = (typeof FETCHED)[number];

/** `at`: when this was written, milliseconds since the epoch; each second while fetching. */
export type FetchState =
  | { state: 'fetching'; percent: number; at: number }
  | { state: 'failed'; reason: string; at: number };

export function soundsHome(): string {
  return join(machineHome(), 'sounds');
}

/** Must be there before a process starts that has it bound. */
export function ensureSoundsHome(): void {
  ensureFolder(soundsHome(), 0o755, ROOT);
}

export function hasSounds(language: FetchedLanguage): boolean {
  return existsSync(join(soundsHome(), language));
}

const stateFile = (language: FetchedLanguage): string => join(soundsHome(), `${language}.json`);

/** Null: nothing was tried. */
export function fetchState(language: FetchedLanguage): FetchState | null {
  return readJson<FetchState>(stateFile(language));
}

export function noteState(language: FetchedLanguage, state: FetchState | null): void {
  if (state === null) rmSync(stateFile(language), { force: true });
  else writeWhole(stateFile(language), `${JSON.stringify(state)}\n`, 0o644);
}
