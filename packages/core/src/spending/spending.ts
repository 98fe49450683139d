/**
 * What calls to the outside may use, and what they use. Nothing is asked on the way: all is counted in memory, reserved
 * before it is used, and written down with the call's own state.
 *
 *     reserve ──> a minute is taken from every cap before the carrier is called
 *        │ answered
 *        v
 *     extend ───> the next minute, ten seconds before the last one is used up; refused: the call ends where its paid time does
 *        │ ended
 *        v
 *     settle ───> what was not used is given back
 *
 * So a cap is never overshot while a brain is there, by however many calls at once. A duration computed once from what is
 * left would let fifty calls each spend the same money; here each has its own.
 *
 * Invariant: an account holds what its finished calls used (`Journal.spent`) and the parts of its live charges.
 */
import { TokenBucket } from '../call/token-bucket.ts';
import type { Alerts, Clock } from '../ports.ts';
import type { OutsideNumber } from '../tenancy/dialling.ts';
import { controlOf, NO_EXTENSION_LIMITS, type Organization, type OrganizationId } from '../tenancy/organization.ts';
import { Account, type Cap } from './account.ts';
import type { Charge, Part, Spent } from './charge.ts';
import { priceOf, type RateDeck } from './rates.ts';
import { type Windows, windowsAt } from './windows.ts';

/** Taken at a time. Milliseconds. */
const GRANT = 60_000;
/** Less is not worth beginning a call for. Milliseconds. */
const LEAST_FIRST_GRANT = 10_000;
const SECOND = 1000;
/** Part of a cap at which its owner is told, when nobody says otherwise. Percent. */
const NEAR = 80;

export type SpendRefusal = 'spend-limit' | 'no-rate' | 'too-many-calls' | 'too-many-calls-per-second';

/** A charge without its leg, which is not made yet. */
export type Reservation =
  | { ok: true; charge: Omit<Charge, 'leg'> }
  | { ok: false; reason: SpendRefusal; detail: Record<string, string> };

/** On whose behalf a leg is made. */
export interface Spender {
  extensionId: string | null;
  /** Username of the phone that asked for it; null: a forward. */
  device: string | null;
}

/** Told of every step, so that what is unusual is seen at once. */
export interface SpendingWatch {
  placed(organization: Organization, charge: Omit<Charge, 'leg'>): void;
  spent(organization: Organization, charge: Omit<Charge, 'leg'>, cost: number): void;
  ended(organization: Organization, charge: Charge): void;
}

/** A cap that is nearly or wholly used. */
export interface NearCap {
  cap: Cap;
  /** Null: the organization's own. */
  extensionId: string | null;
  usedPercent: number;
}

interface Accounts {
  own: Account;
  extensions: Map<string, Account>;
  rates: Map<string, TokenBucket>;
}

interface Holder {
  extensionId: string | null;
  account: Account;
  caps: Cap[];
}

export class Spending {
  readonly #clock: Clock;
  readonly #alerts: Alerts;
  readonly #watch: SpendingWatch;
  readonly #nearPercent: () => number;
  readonly #decks = new Map<string, RateDeck>();
  readonly #organizations = new Map<OrganizationId, Accounts>();
  /** Of finished calls, until their organization is first asked about. */
  #finished = new Map<OrganizationId, Spent[]>();

  constructor(o: { clock: Clock; alerts: Alerts; watch: SpendingWatch; nearPercent?: () => number }) {
    this.#clock = o.clock;
    this.#alerts = o.alerts;
    this.#watch = o.watch;
    this.#nearPercent = o.nearPercent ?? (() => NEAR);
  }

  /** What calls that ended before this brain began have used. Call once, before any other. */
  restore(spent: Spent[]): void {
    this.#finished = Map.groupBy(spent, (part) => part.organizationId);
  }

  /** Null: the trunk has no deck any more. */
  putDeck(trunkId: string, deck: RateDeck | null): void {
    if (deck) this.#decks.set(trunkId, deck);
    else this.#decks.delete(trunkId);
  }

  deckOf(trunkId: string): RateDeck | null {
    return this.#decks.get(trunkId) ?? null;
  }

  /** Takes the first minute of a call, or says what stands against it. */
  reserve(organization: Organization, trunkId: string, number: OutsideNumber, by: Spender): Reservation {
    const deck = this.#decks.get(trunkId);
    const rate = deck?.rateFor(number.e164) ?? null;
    // A deck that is named and not here, or silent about the number: nobody knows what it would cost.
    if (!rate && organization.rateDecks.some((named) => named.trunkId === trunkId)) {
      return { ok: false, reason: 'no-rate', detail: {} };
    }
    const refusal = by.extensionId === null ? null : this.#extensionRefuses(organization, by.extensionId);
    if (refusal) return { ok: false, reason: refusal, detail: { of: 'extension' } };
    const charge: Omit<Charge, 'leg'> = {
      ...by,
      number: number.e164,
      country: number.country,
      rate,
      currency: rate ? (deck?.currency ?? null) : null,
      startedAt: this.#clock.now(),
      answeredAt: null,
      endedAt: null,
      granted: 0,
      parts: [],
    };
    const cap = this.#grant(organization, charge, LEAST_FIRST_GRANT);
    if (cap) return { ok: false, reason: 'spend-limit', detail: cap };
    for (const { account } of this.#accountsOf(organization, charge.extensionId)) account.live += 1;
    this.#watch.placed(organization, charge);
    return { ok: true, charge };
  }

  /** Takes the next minute. Null: done; else the cap that stands against it. */
  extend(organization: Organization, charge: Charge): Record<string, string> | null {
    return this.#grant(organization, charge, SECOND);
  }

  /** The leg ended at this time: what it did not use is given back. A second time does nothing. */
  settle(organization: Organization, charge: Charge, at: number): void {
    if (charge.endedAt !== null) return;
    charge.endedAt = at;
    const { answeredAt, granted, rate } = charge;
    const corrections: Part[] = [];
    if (answeredAt === null) {
      for (const part of charge.parts) corrections.push(times(part, -1));
      charge.parts = [];
    } else {
      const talked = Math.max(0, at - answeredAt);
      const last = charge.parts.at(-1)!;
      const duration = talked - granted;
      const cost = rate ? priceOf(rate, talked) - priceOf(rate, granted) : 0;
      corrections.push({ ...last, calls: 0, duration, cost });
      last.duration += duration;
      last.cost += cost;
    }
    const of = this.#organizations.get(organization.id);
    for (const account of [of?.own, of?.extensions.get(charge.extensionId ?? '')]) {
      if (!account) continue;
      account.live -= 1;
      for (const correction of corrections) account.add(correction);
    }
    this.#watch.ended(organization, charge);
  }

  /** A call of an earlier brain goes on: what it holds is counted. */
  adopt(organization: Organization, charges: readonly Charge[]): void {
    for (const charge of charges) {
      for (const { account } of this.#accountsOf(organization, charge.extensionId)) {
        if (charge.endedAt === null) account.live += 1;
        for (const part of charge.parts) account.add(part);
      }
    }
  }

  /** Of the present hour and day, live calls included. */
  usageOf(organization: Organization): { windows: Windows; own: Account; extensions: ReadonlyMap<string, Account> } {
    const windows = this.#windows(organization);
    const { own, extensions } = this.#of(organization);
    for (const account of [own, ...extensions.values()]) account.roll(windows);
    return { windows, own, extensions };
  }

  /** Caps of which so much is used. Looks at nobody who called nowhere. */
  near(organization: Organization, percent: number): NearCap[] {
    const accounts = this.#organizations.get(organization.id);
    if (!accounts && !this.#finished.has(organization.id)) return [];
    const { windows, own, extensions } = this.usageOf(organization);
    const { limits } = organization;
    return [[null, own] as const, ...extensions].flatMap(([extensionId, account]) => {
      const caps = extensionId === null ? limits : controlOf(organization, extensionId)?.limits;
      if (!caps) return [];
      return account
        .caps(caps, limits.offHours.percent, windows)
        .filter(({ limit }) => limit > 0)
        .map((cap) => ({ cap, extensionId, usedPercent: (100 * cap.used) / cap.limit }))
        .filter(({ usedPercent }) => usedPercent >= percent);
    });
  }

  #extensionRefuses(organization: Organization, extensionId: string): SpendRefusal | null {
    const limits = controlOf(organization, extensionId)?.limits;
    if (!limits) return null;
    const accounts = this.#of(organization);
    const live = accounts.extensions.get(extensionId)?.live ?? 0;
    if (limits.concurrentCalls !== null && live >= limits.concurrentCalls) return 'too-many-calls';
    if (limits.callsPerSecond === null) return null;
    const rate = accounts.rates.get(extensionId) ?? new TokenBucket();
    accounts.rates.set(extensionId, rate);
    return rate.take(limits.callsPerSecond, this.#clock.now()) ? null : 'too-many-calls-per-second';
  }

  /** Takes a minute from every cap, or what is left of it; the cap that is in the way when that is less than `least`. */
  #grant(organization: Organization, charge: Omit<Charge, 'leg'>, least: number): Record<string, string> | null {
    const now = this.#windows(organization);
    const { limits } = organization;
    const holders = this.#accountsOf(organization, charge.extensionId).map(({ extensionId, account }): Holder => {
      const own = extensionId === null ? limits : (controlOf(organization, extensionId)?.limits ?? NO_EXTENSION_LIMITS);
      return { extensionId, account, caps: account.caps(own, limits.offHours.percent, now) };
    });
    let duration = GRANT;
    let cost = costOfMore(charge, duration);
    let cap = inTheWay(holders, duration, cost);
    while (cap && duration > least) {
      duration -= SECOND;
      cost = costOfMore(charge, duration);
      cap = inTheWay(holders, duration, cost);
    }
    if (cap) {
      this.#reached(organization, cap.holder, cap.cap);
      return { cap: cap.cap.id, of: cap.holder.extensionId === null ? 'organization' : 'extension' };
    }
    const part = { hour: now.hour, isOff: now.isOff, calls: charge.parts.length === 0 ? 1 : 0, duration, cost };
    for (const { account } of holders) account.add(part);
    charge.granted += duration;
    const last = charge.parts.at(-1);
    if (last?.hour === part.hour && last.isOff === part.isOff) {
      last.duration += duration;
      last.cost += cost;
    } else charge.parts.push(part);
    for (const holder of holders) this.#mayBeNear(organization, holder, duration, cost);
    if (cost > 0) this.#watch.spent(organization, charge, cost);
    return null;
  }

  #mayBeNear(organization: Organization, holder: Holder, duration: number, cost: number): void {
    for (const cap of holder.caps) {
      const used = cap.used + (cap.of === 'cost' ? cost : duration);
      if (used >= cap.limit) this.#reached(organization, holder, cap);
      else if (used * 100 >= cap.limit * this.#nearPercent()) this.#tell(organization, holder, cap, 'spend-limit-near');
    }
  }

  #reached(organization: Organization, holder: Holder, cap: Cap): void {
    this.#tell(organization, holder, cap, 'spend-limit-reached');
  }

  /** Once for each cap and its hour or day. */
  #tell(organization: Organization, holder: Holder, cap: Cap, id: 'spend-limit-near' | 'spend-limit-reached'): void {
    if (cap.limit === 0) return;
    const key = `${id} ${cap.id} ${cap.isOff} ${cap.since}`;
    if (holder.account.told.has(key)) return;
    holder.account.told.add(key);
    const extension = organization.revision.content.extensions.find((e) => e.id === holder.extensionId)?.number;
    this.#alerts.raise({
      id,
      organizationId: organization.id,
      at: this.#clock.now(),
      detail: { cap: cap.id, extension: extension ?? null, extensionId: holder.extensionId, isOffHours: cap.isOff },
    });
  }

  #windows(organization: Organization): Windows {
    return windowsAt(this.#clock.now(), organization.timeZone, organization.limits.offHours);
  }

  /** The organization's, and the extension's when there is one. */
  #accountsOf(organization: Organization, extensionId: string | null): Omit<Holder, 'caps'>[] {
    const { own, extensions } = this.#of(organization);
    const now = this.#windows(organization);
    own.roll(now);
    if (extensionId === null) return [{ extensionId, account: own }];
    let account = extensions.get(extensionId);
    if (!account) {
      account = new Account();
      extensions.set(extensionId, account);
    }
    account.roll(now);
    return [
      { extensionId: null, account: own },
      { extensionId, account },
    ];
  }

  #of(organization: Organization): Accounts {
    let accounts = this.#organizations.get(organization.id);
    if (!accounts) {
      accounts = { own: new Account(), extensions: new Map(), rates: new Map() };
      this.#organizations.set(organization.id, accounts);
      const finished = this.#finished.get(organization.id) ?? [];
      this.#finished.delete(organization.id);
      for (const part of finished) {
        for (const { account } of this.#accountsOf(organization, part.extensionId)) account.add(part);
      }
    }
    return accounts;
  }
}

function costOfMore({ rate, granted }: Omit<Charge, 'leg'>, duration: number): number {
  if (!rate) return 0;
  return priceOf(rate, granted + duration) - (granted === 0 ? 0 : priceOf(rate, granted));
}

function inTheWay(holders: Holder[], duration: number, cost: number): { holder: Holder; cap: Cap } | null {
  for (const holder of holders) {
    const cap = holder.caps.find((c) => c.used + (c.of === 'cost' ? cost : duration) > c.limit);
    if (cap) return { holder, cap };
  }
  return null;
}

function times(part: Part, factor: number): Part {
  return { ...part, calls: part.calls * factor, duration: part.duration * factor, cost: part.cost * factor };
}
