/** Languages that a machine talks in. Sounds of English are always there; those of the others are fetched when wanted. */
import type { Extension, Organization } from './organization.ts';

export const SPOKEN_LANGUAGES = ['en', 'es', 'fr', 'it', 'ru'] as const;
export type SpokenLanguage = (typeof SPOKEN_LANGUAGES)[number];

export const isLanguage = (text: unknown): text is SpokenLanguage => SPOKEN_LANGUAGES.includes(text as SpokenLanguage);

/** The one that most people of a country understand, where it is one of ours; else English. */
export function languageOfCountry(country: string): SpokenLanguage {
  const { language } = new Intl.Locale(`und-${country}`).maximize();
  return isLanguage(language) ? language : 'en';
}

/** What an extension hears and its callers from outside hear; null: whom the organization has no extension for. */
export function languageOf(
  organization: Pick<Organization, 'language'>,
  extension: Pick<Extension, 'language'> | null | undefined,
): SpokenLanguage {
  return extension?.language ?? organization.language;
}

/** All that somebody of these organizations is to hear. */
export function languagesWanted(
  organizations: readonly Pick<Organization, 'language' | 'revision'>[],
): Set<SpokenLanguage> {
  const wanted = new Set<SpokenLanguage>();
  for (const organization of organizations) {
    wanted.add(organization.language);
    for (const { language } of organization.revision.content.extensions) if (language) wanted.add(language);
  }
  return wanted;
}
