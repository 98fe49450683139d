/**
 * What somebody dialled, made sense of: an extension, an emergency number, a feature code, or a number of the outside
 * world in E.164. Also the writing of numbers that people type into forms and that carriers send.
 */
import {
  type CountryCode,
  isSupportedCountry,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { isEmergency } from './emergency.ts';

/** What libphonenumber knows of a number's tariff; `unknown` where its ranges say nothing. */
export type NumberType =
  | 'fixed'
  | 'mobile'
  | 'fixed-or-mobile'
  | 'premium'
  | 'shared-cost'
  | 'toll-free'
  | 'voip'
  | 'personal'
  | 'pager'
  | 'universal-access'
  | 'voicemail'
  | 'unknown';

const TYPES: Record<string, NumberType> = {
  FIXED_LINE: 'fixed',
  MOBILE: 'mobile',
  FIXED_LINE_OR_MOBILE: 'fixed-or-mobile',
  PREMIUM_RATE: 'premium',
  SHARED_COST: 'shared-cost',
  TOLL_FREE: 'toll-free',
  VOIP: 'voip',
  PERSONAL_NUMBER: 'personal',
  PAGER: 'pager',
  UAN: 'universal-access',
  VOICEMAIL: 'voicemail',
};

export interface OutsideNumber {
  kind: 'outside';
  e164: string;
  /** ISO 3166-1 alpha-2; null for numbers of no country (satellite, +800) and where the range is not known. */
  country: string | null;
  type: NumberType;
  /** False when the length fits the country but no range is known for it. */
  isKnownRange: boolean;
}

export type Dialled =
  | { kind: 'extension'; number: string }
  | { kind: 'emergency'; number: string }
  /** Begins with `*`; whether the feature exists is the call logic's to know. */
  | { kind: 'feature'; code: string }
  | OutsideNumber
  | { kind: 'invalid' };

/** Separators that people and phone books put in between. */
function stripped(text: string): string {
  return text.replace(/[\s().\-/]/g, '');
}

function parse(text: string, country: string): PhoneNumber | undefined {
  const options = isSupportedCountry(country)
    ? { defaultCountry: country as CountryCode, extract: false }
    : { extract: false };
  const number = parsePhoneNumberFromString(text, options);
  return number?.isPossible() && !number.ext ? number : undefined;
}

function outside(number: PhoneNumber): OutsideNumber {
  return {
    kind: 'outside',
    e164: number.number,
    country: number.country ?? null,
    type: TYPES[number.getType() ?? ''] ?? 'unknown',
    isKnownRange: number.isValid(),
  };
}

/**
 * @param dialled as sent by the phone or typed by a person; `+` and the country's international prefix (00, 011, …)
 *   are understood
 * @param country the organization's, ISO 3166-1 alpha-2
 * @param isExtension whether the organization has this extension. It wins over an outside number of the same digits:
 *   national numbers of 7 or 8 digits (Norway, Denmark, Singapore) look like extensions. Without it, what looks like
 *   an extension and is no national number counts as one.
 */
export function normalise(dialled: string, country: string, isExtension?: (number: string) => boolean): Dialled {
  const digits = stripped(dialled);
  if (/^\*[0-9*#]{1,30}$/.test(digits)) return { kind: 'feature', code: digits };
  if (!/^\+?[0-9]{2,20}$/.test(digits)) return { kind: 'invalid' };
  if (isEmergency(digits, country)) return { kind: 'emergency', number: digits };

  const looksLikeExtension = /^[0-9]{2,8}$/.test(digits);
  if (looksLikeExtension && isExtension?.(digits)) return { kind: 'extension', number: digits };
  const number = parse(digits, country);
  // Local numbers without area code are "possible" in many countries, so a short one must be in a known range.
  if (looksLikeExtension && !number?.isValid()) return { kind: 'extension', number: digits };
  return number ? outside(number) : { kind: 'invalid' };
}

/**
 * A number in any usual writing, as E.164; null when it cannot be one.
 * @param country decides how national writing is read, ISO 3166-1 alpha-2
 */
export function toE164(text: string, country: string): string | null {
  const digits = stripped(text);
  if (!/^\+?[0-9]{3,20}$/.test(digits)) return null;
  return parse(digits, country)?.number ?? null;
}

/**
 * A number that somebody may be given, in any usual writing, as E.164; null when nobody can have it: its length is
 * wrong, or its range was never given out.
 * @param country decides how national writing is read, ISO 3166-1 alpha-2
 */
export function assignableNumber(text: string, country: string): string | null {
  const digits = stripped(text);
  if (!/^\+?[0-9]{3,20}$/.test(digits)) return null;
  const number = parse(digits, country);
  return number?.isValid() ? number.number : null;
}

/**
 * A number that a carrier sent (dialled DID, caller): carriers write E.164 with or without the plus, with an
 * international prefix, or nationally. The valid reading wins, the national one first. Null when there is none.
 */
export function carrierNumber(text: string, country: string): string | null {
  const digits = stripped(text);
  if (!/^\+?[0-9]{3,20}$/.test(digits)) return null;
  const national = parse(digits, country);
  if (digits.startsWith('+') || national?.isValid()) return national?.number ?? null;
  const international = parse(`+${digits}`, country);
  return (international?.isValid() ? international : (national ?? international))?.number ?? null;
}

/** Whether this is a country that exists (and has telephones). */
export function isCountry(code: string): boolean {
  return /^[A-Z]{2}$/.test(code) && isSupportedCountry(code);
}
