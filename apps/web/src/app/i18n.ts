/**
 * Words of the page. One JSON per language and area; an area is read when a page of it is shown. `useTranslation('area')`
 * gives `t`, whose keys the compiler knows; a test keeps both languages complete.
 */
import i18next, { type BackendModule } from 'i18next';
import { initReactI18next } from 'react-i18next';

export const LANGUAGES = { en: 'English', ru: 'Русский' } as const;
export type Language = keyof typeof LANGUAGES;

const STORED = 'littlepbx.language';

const files: BackendModule = {
  type: 'backend',
  init() {},
  read(language, area, done) {
    import(`../locales/${language}/${area}.json`).then(
      (module: { default: Record<string, string> }) => done(null, module.default),
      (error: Error) => done(error, false),
    );
  },
};

/** What was chosen last, else what the browser asks for. */
function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored !== null && stored in LANGUAGES) return stored as Language;
  return navigator.language.startsWith('ru') ? 'ru' : 'en';
}

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
      ns: ['common', 'shell'],
      defaultNS: 'common',
      interpolation: { escapeValue: false },
    });
}

export async function speak(language: Language): Promise<void> {
  localStorage.setItem(STORED, language);
  await i18next.changeLanguage(language);
}

export const spoken = (): Language => (i18next.resolvedLanguage === 'ru' ? 'ru' : 'en');
