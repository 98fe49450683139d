/** What the server says is wrong with a field, known here by its text, so that it can be told in the reader's language. */

type Values = Record<string, string>;
export type Reason = keyof typeof REASONS;

const REASONS = {
  wrong: /^is wrong$/,
  required:
    /^is required$|^must not be empty$|expected string to have >=1 characters|^expected \w+, received (?:null|NaN)$/,
  tooLong: /(?:must be at most |expected string to have <=)(?<most>\d+) characters/,
  tooShort: /must be at least (?<least>\d+) characters/,
  control: /must not contain control characters/,
  signs: /^must not contain any of (?<signs>.+)$/,
  taken: /^(?<what>.+) is taken$/,
  twice: /is there twice$/,
  slug: /^must be 2 to 31 lower-case letters/,
  extensionNumber: /^must be 2 to 8 digits$/,
  phoneNumber: /^must be a phone number/,
  email: /^must be (?:one|an) e-mail address$/,
  host: /^must be a (?:host )?name or an IP address|^must be a host name$/,
  hostAndPort: /host:port|with :port where needed/,
  port: /^must be a port from 1 to 65535$/,
  address: /^must be an IP address|IP address or a network in CIDR/,
  tooWide: /^must not be wider than|^is too large a network/,
  addressesNeeded: /^must name the addresses that calls come from/,
  direction: /^must be inbound, outbound or both$/,
  atLeastOne: /^must name (?:at least )?one/,
  sipText: /letters, digits and signs without a meaning in SIP|printable ASCII/,
  range: /^must be a (?:whole )?number(?: of days)? from (?<least>\d+)(?: \(for ever\))? to (?<most>\d+)$/,
  atLeast: /(?:expected number to be >=|^must be at least )(?<least>-?\d+)$/,
  atMost: /(?:expected number to be <=|expected array to have <=|^must be at most )(?<most>\d+)(?: items)?$/,
  tooGreat: /expected int to be [<>]/,
  number: /^expected (?:number|int)|^must be a whole number$/,
  choice: /^expected one of |^must be one of (?!the)|^must be (?:any or tls|udp, tcp or tls|yes or no)$/,
  quota: /^must be at most (?<most>\d+), its quota$/,
  extensionMissing: /^there is no such extension$/,
  timeZone: /^must be (?:the name of )?a time zone/,
  country: /^must be a country code/,
  confirm: /^must be the short name of what is deleted$/,
  webAddress: /^must be an (?:http or https )?address$|^must begin with https:/,
  privateAddress: /^must be on the public internet/,
  addressWithPassword: /^must hold no name and password$/,
  atLeastSeconds: /^must be at least (?<least>\d+) seconds$/,
  atMostSeconds: /^must be at most (?<most>\d+) seconds$/,
  rangeOfSeconds: /^must be (?:a whole number of seconds from )?(?<least>\d+) to (?<most>\d+)(?: seconds)?$/,
  hour: /^must be at most an hour$/,
  week: /^must be at most a week$/,
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
  forward: /^must be an extension, an outside number as dialled/,
  currency: /^must be three capital letters/,
  currencyOfAll: /^must be (?<currency>\w+), as of all its rates$/,
  prefix: /^must be 1 to 15 digits/,
  digits: /^must be digits$/,
  tooManyRates: /^must hold at most (?<most>\d+) rates$/,
  day: /^must be a day, such as/,
  code: /^must be 6 digits, or a recovery code$/,
  certificates: /^must be one to ten certificates/,
  onlyForUsers: /^is only for the role user$/,
  userAlready: /^(?<email>\S+) is a user of this organization already$/,
  loginAlready: /^(?<email>\S+) has a login already$/,
  inboundTrunk: /^trunk "(?<name>.+)" is the inbound one already$/,
  outboundTrunk: /^trunk "(?<name>.+)" is the outbound one already$/,
  noOrganization: /^there is no such organization$/,
  isEmail: /^must not be the e-mail address$/,
} as const satisfies Record<string, RegExp>;

/** What a reason of the server is called here, with what stands in it; null: it has no translation. */
export function reasonOf(text: string): { reason: Reason; values: Values } | null {
  for (const [reason, pattern] of Object.entries(REASONS) as [Reason, RegExp][]) {
    const found = pattern.exec(text);
    if (found) return { reason, values: { ...found.groups } };
  }
  return null;
}
