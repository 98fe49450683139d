/**
 * Bans: who may not try again for a while. Decided here, kept in the brain's local file, enforced by whoever is plugged in
 * (firewall or engine for SIP, the API by itself).
 *
 *   tries ── points reach the threshold ──> banned ── delay over ──> watched ── again ──> banned for longer
 *                                             │                        └─ quiet for a day ──> forgotten
 *                                             └── lifted ──> forgotten
 *
 * - An **address** (an IPv6 /64) is banned from the service it offended: SIP or the API. So a script with an old key does
 *   not silence the phones of its office. By hand it may be banned from both.
 * - An **account** that is guessed at from many addresses is banned in another sense: nobody is refused who knows its
 *   password, or else everybody who knows a username could silence its phone; but whoever gets it wrong once is banned.
 * - Addresses on the allow-list, loopback and carriers are never banned.
 * - Where somebody has authenticated lately (phones of an office behind one address), ten times as much is needed, and
 *   what a forged UDP packet can say counts nothing at all.
 */
import type { SecurityEvent } from '@littlepbx/engine/security';
import type { Clock, Ids, Log } from '../ports.ts';
import { canonicalAddress, canonicalNetwork, Networks, networkOf } from './networks.ts';
import { Offences } from './offences.ts';

export type Service = 'sip' | 'api';
export type BanReason = NonNullable<SecurityEvent['failure']> | 'honeypot' | 'wrong-key' | 'guessed-at' | 'by-hand';

export interface Ban {
  /** UUID. */
  id: string;
  service: Service | 'all';
  kind: 'address' | 'account';
  /** CIDR, or the account's name. */
  subject: string;
  reason: BanReason;
  /** How often in a row; the first is 1. */
  times: number;
  /** Milliseconds since the epoch. */
  since: number;
  /** Null: until it is lifted. */
  until: number | null;
  note: string | null;
}

export interface AllowedNetwork {
  /** CIDR. */
  network: string;
  note: string | null;
  since: number;
}

/** The brain's local file. Synchronous: what was decided stands before anybody hears of it. */
export interface BanStore {
  bans(): Ban[];
  /** Replaces the one with this id. */
  putBan(ban: Ban): void;
  removeBans(ids: string[]): void;
  allowed(): AllowedNetwork[];
  putAllowed(entry: AllowedNetwork): void;
  removeAllowed(network: string): void;
  /** Null: never changed, the default list holds. */
  honeypots(): string[] | null;
  setHoneypots(usernames: string[]): void;
}

/** Brings what is in force to where packets and requests are refused. Called after every change, with all of it. */
export interface Enforcer {
  enforce(state: { banned: { network: string; until: number | null }[]; allowed: readonly string[] }): void;
}

export interface ProtectionPorts {
  store: BanStore;
  enforcer: Enforcer;
  /** Addresses and networks of carriers, of all organizations. */
  carriers(): Iterable<string>;
  clock: Clock;
  ids: Ids;
  log: Log;
}

export interface Attempt {
  service: Service;
  address: string;
  /** Whom it claimed to be; null when it did not say. */
  account: string | null;
  reason: Exclude<BanReason, 'honeypot' | 'guessed-at' | 'by-hand'>;
  /** Whether the address is certainly the sender's own. */
  isProven: boolean;
}

const MINUTE = 60_000;
/** Of the first, second, … ban in a row. Milliseconds. */
export const DELAYS = [MINUTE, 5 * MINUTE, 30 * MINUTE, 120 * MINUTE, 1440 * MINUTE] as const;
/** So long after its end a ban still counts as the one before the next. Milliseconds. */
const REMEMBERED_FOR = 1440 * MINUTE;
export const THRESHOLD = 5;
/** Where somebody has authenticated lately. */
export const GOOD_THRESHOLD = 50;
/** Addresses that gave a wrong password for one account. */
export const ACCOUNT_THRESHOLD = 5;
/** Beyond, those that end first make room: forged addresses are for free. */
export const BANS_AT_MOST = 5_000;
const CARRIERS_AGE = 1000;
/** Room is made for this many at once. */
const ROOM = 500;
/** Many changes in a row are enforced together, this long after the last time. Milliseconds. */
const ENFORCE_EVERY = 50;

/** Nobody can ban the machine itself: its own scripts and a proxy in front of the API come from there. */
const LOOPBACK = ['127.0.0.1/32', '::1/128'];

/** What scanners try first, and no device is called. */
export const DEFAULT_HONEYPOTS = [
  '100',
  '1000',
  '9999',
  'admin',
  'asterisk',
  'guest',
  'pbx',
  'sip',
  'test',
  'user',
  'voip',
];

export class Protection {
  readonly #ports: ProtectionPorts;
  readonly #offences = new Offences();
  /** In force or remembered, by `keyOf`. */
  readonly #bans = new Map<string, Ban>();
  #allowed: AllowedNetwork[];
  #honeypots: Set<string>;
  #safe = new Networks(LOOPBACK);
  #safeAt = Number.NEGATIVE_INFINITY;
  #enforced = '';
  #enforcedAt = Number.NEGATIVE_INFINITY;
  #isEnforcing = false;
  #stopTimer: () => void = () => {};

  constructor(ports: ProtectionPorts) {
    this.#ports = ports;
    for (const ban of ports.store.bans()) this.#bans.set(keyOf(ban.service, ban.kind, ban.subject), ban);
    this.#allowed = ports.store.allowed();
    this.#honeypots = new Set(ports.store.honeypots() ?? DEFAULT_HONEYPOTS);
  }

  /** Enforces what was in force when the last brain ended, and from then on what changes by time alone. */
  start(): void {
    this.#tidy();
    const again = () => {
      this.#stopTimer = this.#ports.clock.after(5000, () => {
        this.#tidy();
        again();
      });
    };
    again();
  }

  stop(): void {
    this.#stopTimer();
  }

  /** Somebody did not get in. @returns the ban that this led to */
  failed(attempt: Attempt): Ban | null {
    const { service } = attempt;
    const account = attempt.account?.replace(/[^\x20-\x7e]/g, '?').slice(0, 64) ?? null;
    const address = canonicalAddress(attempt.address);
    const now = this.#ports.clock.now();
    if (address === null || this.#isSafe(address) || this.bannedUntil(service, address) !== undefined) return null;
    const subject = networkOf(address);
    const key = keyOf(service, 'address', subject);
    const isGood = this.#offences.isGood(key, now);
    if (isGood && !attempt.isProven) return null;
    const isGuessedAt = this.#guess({ ...attempt, account }, subject, now);
    const isTrap = service === 'sip' && account !== null && this.#honeypots.has(account.toLowerCase());
    const isAtOnce = isTrap || (isGuessedAt && !isGood) || attempt.reason === 'scanner';
    const points = this.#offences.add(key, account, isAtOnce ? THRESHOLD : 1, now);
    if (points < (isGood ? GOOD_THRESHOLD : THRESHOLD)) return null;
    return this.#ban(service, 'address', subject, isTrap ? 'honeypot' : isGuessedAt ? 'guessed-at' : attempt.reason);
  }

  /** Somebody got in. */
  succeeded(service: Service, from: string, account: string): void {
    const address = canonicalAddress(from);
    if (address === null) return;
    this.#offences.succeeded(keyOf(service, 'address', networkOf(address)), account, this.#ports.clock.now());
  }

  /** When the ban of this address ends; null: when it is lifted; undefined: it is not banned. */
  bannedUntil(service: Service, from: string): number | null | undefined {
    if (this.#bans.size === 0) return undefined;
    const address = canonicalAddress(from);
    if (address === null || this.#isSafe(address)) return undefined;
    const now = this.#ports.clock.now();
    const subject = networkOf(address);
    const inForce = ([service, 'all'] as const)
      .map((of) => this.#bans.get(keyOf(of, 'address', subject)))
      .filter((ban) => ban !== undefined && isInForce(ban, now));
    return inForce[0]?.until;
  }

  /** In force now, newest first. */
  bans(): Ban[] {
    const now = this.#ports.clock.now();
    return [...this.#bans.values()].filter((ban) => isInForce(ban, now)).sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  /**
   * By the operator. An address that is allowed is refused: the allow-list stands above.
   * @param duration milliseconds; null: until it is lifted
   */
  banByHand(
    what: { kind: 'address' | 'account'; subject: string; service: Ban['service'] },
    duration: number | null,
    note: string | null,
  ): Ban | 'not-an-address' | 'allowed' {
    let { subject } = what;
    if (what.kind === 'address') {
      const address = canonicalAddress(subject);
      if (address === null) return 'not-an-address';
      if (this.#isSafe(address)) return 'allowed';
      subject = networkOf(address);
    }
    return this.#put(what.service, what.kind, subject, 'by-hand', duration, note);
  }

  /** Forgets it, and what it would have led to. False when there is none. */
  lift(id: string): boolean {
    const found = [...this.#bans].find(([, ban]) => ban.id === id);
    if (!found) return false;
    const [key, ban] = found;
    this.#bans.delete(key);
    this.#offences.forget(key);
    this.#ports.store.removeBans([id]);
    this.#ports.log.info('ban-lifted', { kind: ban.kind, service: ban.service, ...named(ban) });
    this.#enforce();
    return true;
  }

  allowed(): readonly AllowedNetwork[] {
    return this.#allowed;
  }

  /** Null for what is no network. What is banned in it is free at once. */
  allow(text: string, note: string | null): AllowedNetwork | null {
    const network = canonicalNetwork(text);
    if (network === null) return null;
    const entry = { network, note, since: this.#ports.clock.now() };
    this.#allowed = [...this.#allowed.filter((a) => a.network !== network), entry];
    this.#ports.store.putAllowed(entry);
    this.#safeAt = Number.NEGATIVE_INFINITY;
    const inside = new Networks([network]);
    const freed = [...this.#bans].filter(([, b]) => b.kind === 'address' && inside.has(b.subject.split('/')[0]!));
    for (const [key] of freed) this.#bans.delete(key);
    this.#ports.store.removeBans(freed.map(([, ban]) => ban.id));
    this.#enforce();
    return entry;
  }

  /** False when it was not allowed. */
  disallow(text: string): boolean {
    const network = canonicalNetwork(text);
    if (network === null || !this.#allowed.some((a) => a.network === network)) return false;
    this.#allowed = this.#allowed.filter((a) => a.network !== network);
    this.#ports.store.removeAllowed(network);
    this.#safeAt = Number.NEGATIVE_INFINITY;
    this.#enforce();
    return true;
  }

  honeypots(): string[] {
    return [...this.#honeypots].sort();
  }

  addHoneypot(username: string): void {
    this.#honeypots.add(username.toLowerCase());
    this.#ports.store.setHoneypots(this.honeypots());
  }

  /** False when it was none. */
  removeHoneypot(username: string): boolean {
    if (!this.#honeypots.delete(username.toLowerCase())) return false;
    this.#ports.store.setHoneypots(this.honeypots());
    return true;
  }

  /** Counts guesses at an account. True when it is guessed at so much that one wrong try is enough. */
  #guess({ service, account, reason }: Attempt, subject: string, now: number): boolean {
    if (account === null || (reason !== 'wrong-password' && reason !== 'wrong-key')) return false;
    const key = keyOf(service, 'account', account);
    for (const ban of [this.#bans.get(key), this.#bans.get(keyOf('all', 'account', account))]) {
      if (ban && isInForce(ban, now)) return true;
    }
    if (this.#offences.addPlace(key, subject, now) < ACCOUNT_THRESHOLD) return false;
    this.#ban(service, 'account', account, 'guessed-at');
    return true;
  }

  #ban(service: Service, kind: Ban['kind'], subject: string, reason: BanReason): Ban {
    const before = this.#bans.get(keyOf(service, kind, subject));
    const times = (before?.times ?? 0) + 1;
    return this.#put(service, kind, subject, reason, DELAYS[Math.min(times, DELAYS.length) - 1]!, null, times);
  }

  #put(
    service: Ban['service'],
    kind: Ban['kind'],
    subject: string,
    reason: BanReason,
    duration: number | null,
    note: string | null,
    times = 1,
  ): Ban {
    const { clock, ids, store, log } = this.#ports;
    const key = keyOf(service, kind, subject);
    const since = clock.now();
    const until = duration === null ? null : since + duration;
    const before = this.#bans.get(key);
    const ban: Ban = { id: ids.next(), service, kind, subject, reason, times, since, until, note };
    this.#bans.delete(key);
    this.#makeRoom();
    this.#bans.set(key, ban);
    this.#offences.forget(key);
    if (before) store.removeBans([before.id]);
    store.putBan(ban);
    log.warn('banned', { kind, service, reason, times, duration, ...named(ban) });
    this.#enforce();
    return ban;
  }

  /** What is over goes first, then what ends first; what was banned by hand never. */
  #makeRoom(): void {
    if (this.#bans.size < BANS_AT_MOST) return;
    const first = [...this.#bans]
      .filter(([, ban]) => ban.reason !== 'by-hand')
      .sort(([, a], [, b]) => (a.until ?? Number.POSITIVE_INFINITY) - (b.until ?? Number.POSITIVE_INFINITY))
      .slice(0, ROOM);
    for (const [key] of first) this.#bans.delete(key);
    this.#ports.store.removeBans(first.map(([, ban]) => ban.id));
  }

  #tidy(): void {
    const now = this.#ports.clock.now();
    const old = [...this.#bans].filter(([, ban]) => ban.until !== null && ban.until <= now - REMEMBERED_FOR);
    for (const [key] of old) this.#bans.delete(key);
    if (old.length > 0) this.#ports.store.removeBans(old.map(([, ban]) => ban.id));
    this.#enforce();
  }

  #isSafe(address: string): boolean {
    return this.#safeNetworks().has(address);
  }

  #safeNetworks(): Networks {
    const now = this.#ports.clock.now();
    if (now - this.#safeAt >= CARRIERS_AGE) {
      this.#safe = new Networks([...LOOPBACK, ...this.#allowed.map((a) => a.network), ...this.#ports.carriers()]);
      this.#safeAt = now;
    }
    return this.#safe;
  }

  /** At once, unless it was done just now. */
  #enforce(): void {
    const { clock } = this.#ports;
    const wait = this.#enforcedAt + ENFORCE_EVERY - clock.now();
    if (wait <= 0) this.#enforceNow();
    else if (!this.#isEnforcing) {
      this.#isEnforcing = true;
      clock.after(wait, () => {
        this.#isEnforcing = false;
        this.#enforceNow();
      });
    }
  }

  #enforceNow(): void {
    this.#enforcedAt = this.#ports.clock.now();
    const allowed = [...new Set(this.#safeNetworks().all)].sort();
    const banned = this.bans()
      .filter((ban) => ban.kind === 'address' && ban.service !== 'api' && !this.#isSafe(ban.subject.split('/')[0]!))
      .map(({ subject, until }) => ({ network: subject, until }));
    const state = { banned, allowed };
    const text = JSON.stringify(state);
    if (text === this.#enforced) return;
    this.#enforced = text;
    this.#ports.enforcer.enforce(state);
  }
}

/** For the log: an account may be somebody's e-mail address. */
function named({ kind, subject }: Pick<Ban, 'kind' | 'subject'>): Record<string, unknown> {
  return kind === 'account' ? { personal: { subject } } : { subject };
}

function keyOf(service: Ban['service'], kind: Ban['kind'], subject: string): string {
  return `${service} ${kind} ${subject}`;
}

function isInForce(ban: Ban, now: number): boolean {
  return ban.until === null || ban.until > now;
}
