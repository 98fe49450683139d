import { existsSync } from 'node:fs';
import { checkPrivileges } from '../install/install.ts';
import { newestRoot } from '../install/roots.ts';
import { Progress } from '../progress.ts';
import { fetchSounds } from '../sounds/fetch.ts';
import { FETCHED, type FetchedLanguage, fetchState, hasSounds } from '../sounds/folder.ts';

/** Fetches the sounds of these languages now, whether anybody wants them or not. */
export async function installSounds(languages: FetchedLanguage[]): Promise<void> {
  checkPrivileges();
  const progress = new Progress(languages.length);
  const root = existsSync(newestRoot()) ? newestRoot() : null;
  for (const language of languages) {
    progress.step(`Fetching the sounds of '${language}'`);
    if (hasSounds(language)) progress.note('they are there already');
    else await fetchSounds(language, root, (percent) => progress.percent(percent));
  }
  progress.done();
}

/** One line per language. */
export function listSounds(): void {
  console.log('en  there');
  for (const language of FETCHED) console.log(`${language}  ${stateText(language)}`);
}

function stateText(language: FetchedLanguage): string {
  if (hasSounds(language)) return 'there';
  const state = fetchState(language);
  if (state === null) return 'not fetched';
  if (state.state === 'failed') return `could not be fetched: ${state.reason}`;
  return `being fetched, ${state.percent} %`;
}
