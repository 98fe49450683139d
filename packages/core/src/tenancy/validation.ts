/**
 * Checks of what people typed. Each complaint names its field and says in plain words what would be right.
 * Everything that may reach a SIP header is kept free of what has a meaning there (RFC 3261, section 25.1) or in the
 * engine's configuration (`;` begins a comment, `${` a variable, `^` an escape), so no writer downstream can forget it.
 */
import { X509Certificate } from 'node:crypto';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { Codec } from '@littlepbx/engine/directory';
import { isCountry, normalise, toE164 } from './dialling.ts';
import { isEmergency } from './emergency.ts';
import { isLanguage, SPOKEN_LANGUAGES } from './language.ts';
import { type Extension, type Retention, type Trunk, VOICEMAIL } from './organization.ts';
import type { Refusal } from './outcome.ts';
import { QUOTAS, type Quotas } from './quotas.ts';
import type { NewTrunk, TrunkChange } from './views.ts';

/** Collects what is wrong with an input, field by field. */
export class Complaints {
  readonly fields: { field: string; reason: string }[] = [];

  add(field: string, reason: string): void {
    this.fields.push({ field, reason });
  }

  /** Null when there is nothing to complain about. */
  refusal(id: Refusal['id'] = 'invalid'): Refusal | null {
    if (this.fields.length === 0) return null;
    const message = this.fields.map(({ field, reason }) => `${field}: ${reason}`).join('; ');
    return { id, message, fields: this.fields };
  }
}

const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
const UNSAFE_IN_SIP = /["<>\\;`^|]|\$\{/;
const MAX_NAME = 100;
const MAX_NOTE = 500;

/** A name people read, which phones may show: trimmed, bounded, nothing that SIP or the engine would interpret. */
export function checkName(c: Complaints, field: string, value: string, max = MAX_NAME): string {
  const name = value.trim().normalize('NFC');
  if (name === '') c.add(field, 'must not be empty');
  else if (name.length > max) c.add(field, `must be at most ${max} characters`);
  else if (CONTROL.test(name)) c.add(field, 'must not contain control characters');
  else if (UNSAFE_IN_SIP.test(name)) c.add(field, 'must not contain any of " < > \\ ; ` ^ | ${');
  return name;
}

/** Free text of one line that goes nowhere near SIP. */
export function checkNote(c: Complaints, field: string, value: string): string {
  const note = value.trim();
  if (note.length > MAX_NOTE) c.add(field, `must be at most ${MAX_NOTE} characters`);
  else if (CONTROL.test(note)) c.add(field, 'must not contain control characters');
  return note;
}

/** One address, as a mail server takes it. */
export function checkEmail(c: Complaints, field: string, value: string): string {
  const address = value.trim();
  const isOne =
    /^[^\s@<>(),;:"\\[\]]{1,64}@[A-Za-z0-9.-]{1,253}$/.test(address) && isHost(address.slice(address.indexOf('@') + 1));
  if (!isOne) c.add(field, 'must be one e-mail address');
  return address;
}

const MAX_MAIL_ADDRESSES = 10;

/** Without doubles, in the order given. */
export function checkEmails(c: Complaints, field: string, values: string[]): string[] {
  if (values.length > MAX_MAIL_ADDRESSES) c.add(field, `must be at most ${MAX_MAIL_ADDRESSES}`);
  return [...new Set(values.map((value, i) => checkEmail(c, `${field}.${i}`, value)))];
}

export function checkSlug(c: Complaints, field: string, value: string): void {
  if (!/^[a-z][a-z0-9-]{1,30}$/.test(value)) {
    c.add(field, 'must be 2 to 31 lower-case letters, digits and hyphens, a letter first');
  }
}

export function checkCountry(c: Complaints, field: string, value: string): void {
  if (!isCountry(value)) c.add(field, 'must be a country code of two capital letters (ISO 3166-1)');
}

export function checkLanguage(c: Complaints, field: string, value: string): void {
  if (!isLanguage(value)) c.add(field, `must be one of ${SPOKEN_LANGUAGES.join(', ')}`);
}

/** Without doubles, in the order given. */
export function checkCountries(c: Complaints, field: string, values: string[]): string[] {
  for (const [i, value] of values.entries()) checkCountry(c, `${field}.${i}`, value);
  return [...new Set(values)];
}

const MAX_LIMIT = 100_000;
export function checkQuotas(c: Complaints, field: string, quotas: Partial<Quotas>): void {
  for (const name of QUOTAS) {
    const value = quotas[name];
    if (value !== undefined && !(Number.isInteger(value) && value >= 0 && value <= MAX_LIMIT)) {
      c.add(`${field}.${name}`, `must be a whole number from 0 to ${MAX_LIMIT}`);
    }
  }
}

/** Ten years. */
const MAX_DAYS = 3650;

export function checkRetention(c: Complaints, field: string, retention: Partial<Retention>): void {
  for (const [name, value] of Object.entries(retention)) {
    if (!(Number.isInteger(value) && value >= 0 && value <= MAX_DAYS)) {
      c.add(`${field}.${name}`, `must be a whole number of days from 0 (for ever) to ${MAX_DAYS}`);
    }
  }
}

/** What an extension is checked against. */
export interface ExtensionContext {
  country: string;
  /** The organization's own numbers, E.164. */
  numbers: ReadonlySet<string>;
  /** Ids by number of the draft's other extensions. */
  others: ReadonlyMap<string, string>;
}

const FORWARDS = ['forwardAlways', 'forwardBusy', 'forwardNoAnswer'] as const;

/** Checks the whole extension and returns it cleaned up. */
export function checkExtension(c: Complaints, e: Extension, context: ExtensionContext, prefix = ''): Extension {
  const { country } = context;
  const name = checkName(c, `${prefix}name`, e.name);
  if (!/^[0-9]{2,8}$/.test(e.number)) c.add(`${prefix}number`, 'must be 2 to 8 digits');
  else if (isEmergency(e.number, country)) {
    c.add(`${prefix}number`, `${e.number} is an emergency number in this country (${country})`);
  }
  if (!(Number.isInteger(e.ringTimeInS) && e.ringTimeInS >= 5 && e.ringTimeInS <= 120)) {
    c.add(`${prefix}ringTimeInS`, 'must be a whole number of seconds from 5 to 120');
  }
  const forwards = {} as Pick<Extension, (typeof FORWARDS)[number]>;
  for (const forward of FORWARDS) forwards[forward] = checkForward(c, `${prefix}${forward}`, e[forward], e, context);

  let outboundNumber = e.outboundNumber === '' ? null : e.outboundNumber;
  if (outboundNumber !== null) {
    outboundNumber = toE164(outboundNumber, country);
    if (outboundNumber === null || !context.numbers.has(outboundNumber)) {
      c.add(`${prefix}outboundNumber`, "must be one of the organization's own numbers");
    }
  }
  if (e.language !== null) checkLanguage(c, `${prefix}language`, e.language);
  return { ...e, ...forwards, name, outboundNumber };
}

/** An extension that is not there yet is fine in a draft: apply looks again (`missingForwards`). */
function checkForward(
  c: Complaints,
  field: string,
  value: string | null,
  e: Extension,
  context: ExtensionContext,
): string | null {
  if (value === null || value.trim() === '') return null;
  if (value.trim().toLowerCase() === VOICEMAIL) return VOICEMAIL;
  const target = normalise(value, context.country, (number) => number === e.number || context.others.has(number));
  switch (target.kind) {
    case 'extension':
      if (target.number === e.number) c.add(field, 'must not forward to the extension itself');
      return target.number;
    case 'outside':
      return value.trim();
    case 'emergency':
      c.add(field, 'must not forward to an emergency number');
      return value;
    default:
      c.add(
        field,
        `must be an extension, an outside number as dialled in this country (${context.country}), or voicemail`,
      );
      return value;
  }
}

/** Fields of forwards that name an extension which `numbers` does not have. */
export function missingForwards(e: Extension, country: string, numbers: ReadonlySet<string>): string[] {
  return FORWARDS.filter((forward) => {
    const value = e[forward];
    if (value === null || value === VOICEMAIL) return false;
    const target = normalise(value, country, (number) => numbers.has(number));
    return target.kind === 'extension' && !numbers.has(target.number);
  });
}

const HOST_NAME = /^(?=.{1,253}$)(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*$/;

function isHost(text: string): boolean {
  // All digits and dots, yet no address: a mistyped address, not a name.
  return isIP(text) !== 0 || (HOST_NAME.test(text) && !/^[0-9.]+$/.test(text));
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 65_535;
}

const CODECS: readonly Codec[] = ['opus', 'g722', 'alaw', 'ulaw'];
/** Characters of RFC 3261's user part that no layer below needs to escape, and `@` for carriers with mail-like names. */
const SIP_USER = /^[A-Za-z0-9._~+!*'=@-]{1,128}$/;
const SIP_PASSWORD = /^[\x21-\x7e]([\x20-\x7e]{0,126}[\x21-\x7e])?$/;
const MAX_ADDRESSES = 64;

/** Fills in what was left out. */
export function completeTrunk(id: string, t: NewTrunk): Trunk {
  return {
    isInbound: true,
    isOutbound: true,
    port: null,
    transport: 'udp',
    register: false,
    username: null,
    authUsername: null,
    password: null,
    outboundProxy: null,
    fromUser: null,
    fromDomain: null,
    verifyCertificate: true,
    certificateAuthority: null,
    codecs: ['alaw', 'ulaw'],
    // A carrier named by address calls from there, unless told otherwise.
    addresses: !t.register && isIP(t.host) !== 0 && t.isInbound !== false ? [t.host] : [],
    ...t,
    id,
  };
}

/** `''` means "none" in a form. */
function orNull(text: string | null): string | null {
  return text === null || text.trim() === '' ? null : text.trim();
}

/** Checks the whole trunk and returns it cleaned up. */
export function checkTrunk(c: Complaints, t: Trunk): Trunk {
  const trunk: Trunk = {
    ...t,
    name: checkName(c, 'name', t.name),
    host: t.host.trim(),
    username: orNull(t.username),
    authUsername: orNull(t.authUsername),
    password: t.password === '' ? null : t.password,
    outboundProxy: orNull(t.outboundProxy)?.replace(/^sips?:/i, '') ?? null,
    fromUser: orNull(t.fromUser),
    fromDomain: orNull(t.fromDomain),
    certificateAuthority: orNull(t.certificateAuthority),
    codecs: [...new Set(t.codecs)],
    addresses: [...new Set(t.addresses.map((address) => address.trim()))],
  };
  if (!trunk.isInbound && !trunk.isOutbound) c.add('isInbound', 'must be inbound, outbound or both');
  if (!isHost(trunk.host)) c.add('host', 'must be a host name or an IP address, without port');
  if (trunk.port !== null && !isPort(trunk.port)) c.add('port', 'must be a port from 1 to 65535');
  if (!['udp', 'tcp', 'tls'].includes(trunk.transport)) c.add('transport', 'must be udp, tcp or tls');
  for (const field of ['username', 'authUsername', 'fromUser'] as const) {
    const value = trunk[field];
    if (value !== null && !SIP_USER.test(value)) {
      c.add(field, 'must be at most 128 letters, digits and signs without a meaning in SIP');
    }
  }
  if (trunk.password !== null && !SIP_PASSWORD.test(trunk.password)) {
    c.add('password', 'must be at most 128 printable ASCII characters, with no space at either end');
  }
  if (trunk.register && trunk.username === null) c.add('username', 'is needed to register');
  if (trunk.register && trunk.password === null) c.add('password', 'is needed to register');
  if (trunk.fromDomain !== null && !isHost(trunk.fromDomain)) c.add('fromDomain', 'must be a host name');
  if (trunk.outboundProxy !== null && !isHostAndPort(trunk.outboundProxy)) {
    c.add('outboundProxy', 'must be a host name or an IPv4 address, with :port where needed');
  }
  if (trunk.certificateAuthority !== null && !areCertificates(trunk.certificateAuthority)) {
    c.add('certificateAuthority', 'must be one to ten certificates in PEM, and nothing else');
  }
  if (trunk.codecs.length === 0) c.add('codecs', 'must name at least one codec');
  for (const [i, codec] of trunk.codecs.entries()) {
    if (!CODECS.includes(codec)) c.add(`codecs.${i}`, `must be one of ${CODECS.join(', ')}`);
  }
  if (trunk.addresses.length > MAX_ADDRESSES) c.add('addresses', `must be at most ${MAX_ADDRESSES}`);
  for (const [i, address] of trunk.addresses.entries()) {
    const reason = addressComplaint(address);
    if (reason) c.add(`addresses.${i}`, reason);
  }
  if (trunk.isInbound && !trunk.register && trunk.addresses.length === 0) {
    c.add('addresses', 'must name the addresses that calls come from, as the trunk does not register');
  }
  return trunk;
}

const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** A private key that somebody pasted along would be shown to whoever reads the trunk. */
function areCertificates(text: string): boolean {
  const found = text.match(PEM) ?? [];
  if (found.length === 0 || found.length > 10 || text.replace(PEM, '').trim() !== '') return false;
  try {
    for (const pem of found) new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

function isHostAndPort(text: string): boolean {
  const match = /^([^:]+)(?::([0-9]{1,5}))?$/.exec(text);
  return match !== null && isHost(match[1]!) && (match[2] === undefined || isPort(Number(match[2])));
}

/** What is wrong with an IP address or CIDR; null when nothing is. */
function addressComplaint(text: string): string | null {
  const [address, prefix, ...rest] = text.split('/');
  const bits = isIPv4(address!) ? 32 : isIPv6(address!) && !address!.includes('%') ? 128 : 0;
  const notOne = 'must be an IP address or a network in CIDR writing, like 203.0.113.0/24';
  if (bits === 0 || rest.length > 0) return notOne;
  if (prefix === undefined) return null;
  if (!/^[0-9]{1,3}$/.test(prefix) || Number(prefix) > bits) return notOne;
  // A carrier is known by its address alone, so a network as large as 0.0.0.0/0 would let in everybody.
  const least = bits === 32 ? 8 : 16;
  return Number(prefix) < least ? `is too large a network: /${least} at most` : null;
}

/** A change laid over a trunk; a password that is not named stays. */
export function changedTrunk(trunk: Trunk, change: TrunkChange): Trunk {
  return { ...trunk, ...change, id: trunk.id };
}
