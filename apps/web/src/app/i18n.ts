/**
 * Words of the page. One JSON per language and area; those that every page needs come as one file. Any other area is read
 * together with the first page of it: what waits for words while it is drawn is drawn again, and React lets that wait.
 * `useTranslation('area')` gives `t`, whose keys the compiler knows; a test keeps both languages complete.
 */
import i18next, { type BackendModule, type CustomTypeOptions } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { EVERYWHERE, firstLanguage, LANGUAGES, type Language, rememberLanguage } from './language.ts';

export { LANGUAGES, type Language };

export type Area = keyof CustomTypeOptions['resources'];

type Words = Record<string, string>;

/** All others. */
const AREAS = import.meta.glob<Words>(['../locales/*/*.json', '!../locales/*/{common,parts,refusals,shell}.json'], {
  import: 'default',
});

async function wordsOf(language: string, area: string): Promise<Words> {
  if (EVERYWHERE.some((one) => one === area)) {
    const all = (await import(`./words-${language}.ts`)) as unknown as Record<string, Words>;
    return all[area]!;
  }
  return AREAS[`../locales/${language}/${area}.json`]!();
}

const files: BackendModule = {
  type: 'backend',
  init() {},
  read(language, area, done) {
    wordsOf(language, area).then(
      (words) => done(null, words),
      (error: Error) => done(error, false),
    );
  },
};

export async function startWords(): Promise<void> {
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language;
  });
  await i18next
    .use(files)
    .use(initReactI18next)
    .init({
      lng: firstLanguage(),
      supportedLngs: Object.keys(LANGUAGES),
      fallbackLng: false,
      // It adds to its own.
      ns: [...EVERYWHERE],
      defaultNS: 'common',
      interpolation: { escapeValue: false },
    });
}

/** Reads what is said there, unless it was read before. */
export const readWords = (areas: readonly Area[]): Promise<void> => i18next.loadNamespaces(areas);

export async function speak(language: Language): Promise<void> {
  rememberLanguage(language);
  await i18next.changeLanguage(language);
}

export const spoken = (): Language => (i18next.resolvedLanguage === 'ru' ? 'ru' : 'en');
