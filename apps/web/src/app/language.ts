/** Which language the page begins in. */
export const LANGUAGES = { en: 'English', ru: 'Русский' } as const;
export type Language = keyof typeof LANGUAGES;

const STORED = 'littlepbx.language';

/** What was chosen last, else what the browser asks for. */
export function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored !== null && stored in LANGUAGES) return stored as Language;
  return navigator.language.startsWith('ru') ? 'ru' : 'en';
}

export const rememberLanguage = (language: Language): void => localStorage.setItem(STORED, language);

/** Areas that every page needs. */
export const EVERYWHERE = ['common', 'shell', 'parts', 'refusals'] as const;
