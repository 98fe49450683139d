/**
 * Prompts as a language has them. Debian's packages are not alike: some sentences have another name, and Spanish lacks
 * some altogether.
 */
import type { Media } from '@littlepbx/engine/port';
import type { SpokenLanguage } from '../tenancy/language.ts';

/** What is said in place of a prompt that is not there; nothing, where the rest says it. */
const INSTEAD: Partial<Record<SpokenLanguage, Record<string, string[]>>> = {
  es: {
    'im-sorry': [],
    // `ss-noservice`, in front of it, asks for that.
    'check-number-dial-again': [],
    'please-try-call-later': ['please-try-again'],
    'vm-msgforwarded': ['auth-thankyou'],
  },
  ru: { 'please-try-call-later': ['pls-try-call-later'] },
};

const LACKING: Partial<Record<SpokenLanguage, string[]>> = {
  es: ['all-circuits-busy-now', 'cannot-complete-as-dialed', 'feature-not-avail-line', 'simul-call-limit-reached'],
};

/** All of it in one voice: what the language cannot say whole is said in English. */
export function inLanguage(media: readonly Media[], language: SpokenLanguage): Media[] {
  const lacks = LACKING[language] ?? [];
  const isWhole = media.every((one) => one.kind !== 'prompt' || !lacks.includes(one.name));
  if (!isWhole) return media.map((one) => spokenIn(one, 'en'));
  return media.flatMap((one) => {
    const instead = one.kind === 'prompt' ? INSTEAD[language]?.[one.name] : undefined;
    const said = instead?.map((name): Media => ({ kind: 'prompt', name })) ?? [one];
    return said.map((each) => spokenIn(each, language));
  });
}

const spokenIn = (one: Media, language: SpokenLanguage): Media =>
  one.kind === 'prompt' || one.kind === 'digits' || one.kind === 'number' ? { ...one, language } : one;
