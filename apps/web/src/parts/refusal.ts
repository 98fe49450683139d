/**
 * Refusals of the API, each told at its field and in the reader's language. What the server says in words of its own is
 * known here by its text; a reason without a translation is shown as the server says it.
 */
import { useTranslation } from 'react-i18next';
import { problemOf } from '../app/api.ts';
import { useFailureText } from './failure.tsx';

type Values = Record<string, string>;
type Reason = keyof typeof REASONS;

const REASONS = {
  wrong: /^is wrong$/,
  required: /^is required$|^must not be empty$|expected string to have >=1 characters/,
  tooLong: /must be at most (?<most>\d+) characters|expected string to have <=(?<characters>\d+) characters/,
  tooShort: /must be at least (?<least>\d+) characters/,
  control: /must not contain control characters/,
  signs: /^must not contain any of (?<signs>.+)$/,
  taken: /^(?<what>.+) is taken$/,
  twice: /is there twice$/,
  slug: /^must be 2 to 31 lower-case letters/,
  extensionNumber: /^must be 2 to 8 digits$/,
  phoneNumber: /^must be a phone number/,
  email: /e-mail address$/,
  host: /^must be a host name or an IP address/,
  hostAndPort: /host:port|with :port where needed/,
  port: /^must be a port from 1 to 65535$/,
  address: /^must be an IP address|IP address or a network in CIDR/,
  tooWide: /^must not be wider than/,
  addressesNeeded: /^must name the addresses that calls come from/,
  direction: /^must be inbound, outbound or both$/,
  codecs: /^must name at least one codec$/,
  sipText: /letters, digits and signs without a meaning in SIP|printable ASCII/,
  range: /^must be a whole number(?: of days)? from (?<least>\d+)(?: \(for ever\))? to (?<most>\d+)$/,
  atLeast: /expected number to be >=(?<least>-?\d+)/,
  atMost: /expected number to be <=(?<most>\d+)/,
  number: /expected (?:number|int)/,
  quota: /^must be at most (?<most>\d+), its quota$/,
  extensionMissing: /^there is no such extension$/,
  timeZone: /^must be the name of a time zone/,
  country: /^must be a country code/,
  confirm: /^must be the short name of what is deleted$/,
  webAddress: /^must be an http or https address$|^must begin with https:/,
  privateAddress: /^must be on the public internet/,
  addressWithPassword: /^must hold no name and password$/,
  atLeastSeconds: /^must be at least (?<least>\d+) seconds$/,
  atMostSeconds:
    /^must be at most (?<most>\d+) seconds$|^must be a whole number of seconds from \d+ to (?<seconds>\d+)$/,
  hour: /^must be at most an hour$/,
  dialled: /^must be a number as it would be dialled$/,
  nowhere: /^leads nowhere$/,
  before: /^must not be before `from`$/,
  tooManyDays: /^must be within (?<most>\d+) days of `from`$/,
  itself: /^must not forward to the extension itself$/,
  emergency: /^(?<number>\S+) is an emergency number in this country/,
  emergencyForward: /^must not forward to an emergency number$/,
  ownNumber: /^must be one of the organization's own numbers$/,
  noExtension: /^there is no extension (?<number>.+)$/,
  extensionGone: /^leads to an extension that was removed$/,
  extensionThere: /^extension (?<number>.+) is there already$/,
  pinDigits: /^must be 6 to 20 digits$/,
  pinEasy: /^is too easy to guess/,
  needed: /^(?:is needed|must be given)/,
  tooPlain: /^must have at least (?<least>\d+) different characters$/,
  isEmail: /^must not be the e-mail address$/,
} as const satisfies Record<string, RegExp>;

/** What a reason of the server is called here, with what stands in it; null: it has no translation. */
export function reasonOf(text: string): { reason: Reason; values: Values } | null {
  for (const [reason, pattern] of Object.entries(REASONS) as [Reason, RegExp][]) {
    const found = pattern.exec(text);
    if (found) return { reason, values: defined(found.groups ?? {}) };
  }
  return null;
}

function defined({ characters, seconds, ...values }: Record<string, string | undefined>): Values {
  const all = { ...values, most: values.most ?? characters ?? seconds };
  return Object.fromEntries(Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

export interface Refused {
  /** What is wrong with a field, in words; undefined: nothing. Fields below it count as it: `addresses.0`. */
  at(field: string): string | undefined;
  /** What belongs to none of these fields, or to no field at all; null: nothing. */
  beside(...fields: string[]): string | null;
}

/** A reason of the server in the reader's language. */
export function useReasonText(): (text: string) => string {
  const { t } = useTranslation('refusals');
  return (text) => {
    const known = reasonOf(text);
    return known ? t(`reasons.${known.reason}`, { replace: known.values }) : text;
  };
}

const isOf = (field: string, name: string) => field === name || field.startsWith(`${name}.`);

/** Reads a failed request as a form needs it. */
export function useRefusal(error: unknown): Refused {
  const inWords = useReasonText();
  const textOf = useFailureText();
  const fields = problemOf(error)?.fields ?? [];
  return {
    at: (name) => {
      // Its reason holds both values as the API has them; the field shows the one, the person knows the other.
      if (problemOf(error)?.id === 'stale') return undefined;
      const found = fields.find(({ field }) => isOf(field, name));
      return found && inWords(found.reason);
    },
    beside(...names) {
      if (error == null) return null;
      if (fields.length === 0 || problemOf(error)?.id === 'stale') return textOf(error);
      const others = fields.filter(({ field }) => !names.some((name) => isOf(field, name)));
      return others.length === 0 ? null : others.map(({ reason }) => inWords(reason)).join(' ');
    },
  };
}
