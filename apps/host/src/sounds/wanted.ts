/**
 * Fetches the sounds that the brain wants. Part of the supervisor, since only root may: the brain writes a list of
 * languages into its own folder, this side reads it when it changes. What fails is tried again now and then.
 */
import { closeSync, constants, type FSWatcher, openSync, readFileSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '../failure.ts';
import type { Paths } from '../install/installation.ts';
import type { Say } from '../processes/keeper.ts';
import { fetchSounds } from './fetch.ts';
import { FETCHED, type FetchedLanguage, fetchState, hasSounds } from './folder.ts';

/** Looked at again, should a change not have been told. Milliseconds. */
const LOOK_EVERY = 5000;
/** Milliseconds. */
const TRY_AGAIN = 10 * 60_000;

/** Where the brain says which languages it wants, as the host sees it. */
export function wantedFile(paths: Paths): string {
  return join(paths.brain, 'sounds', 'wanted.json');
}

/** Languages of a list that the brain wrote; it may have written anything. */
export function parseWanted(text: string): FetchedLanguage[] {
  try {
    const wanted: unknown = JSON.parse(text);
    return Array.isArray(wanted) ? FETCHED.filter((language) => wanted.includes(language)) : [];
  } catch {
    return [];
  }
}

/** Never through a link: the folder is the brain's, and we are root. */
function readWanted(paths: Paths): FetchedLanguage[] {
  try {
    const file = openSync(wantedFile(paths), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return parseWanted(readFileSync(file, 'utf8'));
    } finally {
      closeSync(file);
    }
  } catch {
    return [];
  }
}

/** Fetches what is wanted and missing. @returns whether all is there now */
export async function fetchWanted(paths: Paths, root: string | null, say: Say, stop?: AbortSignal): Promise<boolean> {
  let isAll = true;
  for (const language of readWanted(paths)) {
    if (hasSounds(language)) continue;
    if (stop?.aborted) return false;
    const state = fetchState(language);
    if (state?.state === 'failed' && Date.now() - state.at < TRY_AGAIN) {
      isAll = false;
      continue;
    }
    say(`sounds of '${language}': fetching, English is spoken meanwhile`);
    try {
      await fetchSounds(language, root, () => {}, stop);
      say(`sounds of '${language}': there`);
    } catch (error) {
      isAll = false;
      say(messageOf(error).split('\n')[0] ?? '');
    }
  }
  return isAll;
}

export class WantedSounds {
  readonly #paths: Paths;
  readonly #root: string | null;
  readonly #say: Say;
  #watcher: FSWatcher | null = null;
  #timer: NodeJS.Timeout | null = null;
  #working: Promise<void> | null = null;
  #isDue = false;
  readonly #stop = new AbortController();

  constructor(paths: Paths, root: string | null, say: Say) {
    this.#paths = paths;
    this.#root = root;
    this.#say = say;
  }

  start(): void {
    try {
      this.#watcher = watch(dirname(wantedFile(this.#paths)), () => this.#look());
      this.#watcher.on('error', () => {});
    } catch (error) {
      this.#say(`sounds: what is wanted is looked at every 5 s only: ${messageOf(error)}`);
    }
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY);
    this.#timer.unref();
    this.#look();
  }

  /** Breaks off what is being fetched; whoever supervises next begins it anew. */
  stop(): void {
    this.#stop.abort();
    this.#watcher?.close();
    if (this.#timer) clearInterval(this.#timer);
  }

  #look(): void {
    this.#isDue = true;
    this.#working ??= this.#all().finally(() => {
      this.#working = null;
    });
  }

  async #all(): Promise<void> {
    while (this.#isDue && !this.#stop.signal.aborted) {
      this.#isDue = false;
      await fetchWanted(this.#paths, this.#root, this.#say, this.#stop.signal).catch((error: unknown) =>
        this.#say(`sounds: ${messageOf(error)}`),
      );
    }
  }
}
