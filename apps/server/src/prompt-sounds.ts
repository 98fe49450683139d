/**
 * Which languages the engine has sounds of, and telling the host which it should have. The host fetches them
 * (`apps/host/src/sounds`); until they are there, and if they never come, callers hear English.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Log } from '@littlepbx/core/ports';
import { languagesWanted, SPOKEN_LANGUAGES, type SpokenLanguage } from '@littlepbx/core/tenancy/language';
import type { Organization } from '@littlepbx/core/tenancy/organization';
import type { LanguageState } from './http/live.ts';
import type { BrainSettings } from './settings.ts';

/** How old what is known of the folder may be. Milliseconds. */
const LOOK_EVERY = 1000;
/** Changes of organizations come in bursts. Milliseconds. */
const SETTLE = 200;
/** A host that has not said for so long that it is fetching has died over it. Milliseconds. */
const FETCHING_FOR = 60_000;

export class PromptSounds {
  readonly #settings: BrainSettings['prompts'];
  readonly #clock: Clock;
  readonly #log: Log;
  #there = new Set<SpokenLanguage>(['en']);
  #lookedAt = Number.NEGATIVE_INFINITY;
  #wanted = new Set<SpokenLanguage>();
  #told = '';
  #organizations: readonly Organization[] | null = null;

  /** @param o.settings null: this host knows of no further languages */
  constructor(o: { settings: BrainSettings['prompts']; clock: Clock; log: Log }) {
    this.#settings = o.settings;
    this.#clock = o.clock;
    this.#log = o.log;
  }

  /** The language itself where its sounds are there, else English. */
  spoken(language: SpokenLanguage): SpokenLanguage {
    return language === 'en' || this.#has(language) ? language : 'en';
  }

  /** Has the host fetch what these organizations are to hear. */
  wantedBy(organizations: readonly Organization[]): void {
    const isDue = this.#organizations !== null;
    this.#organizations = organizations;
    if (isDue) return;
    this.#clock.after(SETTLE, () => {
      this.#wanted = languagesWanted(this.#organizations ?? []);
      this.#organizations = null;
      this.#tell();
    });
  }

  states(): LanguageState[] {
    return SPOKEN_LANGUAGES.map((language): LanguageState => {
      const known = {
        language,
        percent: null,
        reason: null,
        isWanted: language === 'en' || this.#wanted.has(language),
      };
      return this.#has(language) ? { ...known, state: 'there' } : { ...known, ...this.#fetching(language) };
    });
  }

  #has(language: SpokenLanguage): boolean {
    const now = this.#clock.now();
    if (this.#settings && Math.abs(now - this.#lookedAt) > LOOK_EVERY) {
      this.#lookedAt = now;
      const { engine } = this.#settings;
      this.#there = new Set(SPOKEN_LANGUAGES.filter((one) => one === 'en' || existsSync(join(engine, one))));
    }
    return this.#there.has(language);
  }

  /** As the host noted it (`FetchState` in `apps/host/src/sounds/folder.ts`). */
  #fetching(language: SpokenLanguage): Pick<LanguageState, 'state' | 'percent' | 'reason'> {
    const missing = { state: 'missing', percent: null, reason: null } as const;
    if (!this.#settings) return missing;
    try {
      const noted = JSON.parse(readFileSync(join(this.#settings.folder, `${language}.json`), 'utf8'));
      if (noted.state === 'failed') return { state: 'failed', percent: null, reason: String(noted.reason) };
      if (Math.abs(this.#clock.now() - noted.at) > FETCHING_FOR) return missing;
      return { state: 'fetching', percent: Number(noted.percent), reason: null };
    } catch {
      return missing;
    }
  }

  #tell(): void {
    if (!this.#settings) return;
    const text = JSON.stringify([...this.#wanted].sort());
    if (text === this.#told) return;
    const { wanted } = this.#settings;
    try {
      writeFileSync(`${wanted}.new`, text, { mode: 0o600 });
      renameSync(`${wanted}.new`, wanted);
      this.#told = text;
    } catch (error) {
      this.#log.error('languages-not-told', { error: String(error) });
    }
  }
}
