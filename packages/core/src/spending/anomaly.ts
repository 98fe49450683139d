/**
 * Watches what phones spend, and names one that behaves as a stolen one does. It looks at every leg to the outside when it
 * is placed, extended and ended, so it is as fast as the calls themselves; thresholds are the organization's.
 *
 * What it has counted is forgotten with the brain, but for the countries: a new brain counts anew, a minute behind.
 */
import type { Alerts, Clock } from '../ports.ts';
import type { AnomalyThresholds, Organization, OrganizationId } from '../tenancy/organization.ts';
import type { Charge } from './charge.ts';
import type { SpendingWatch } from './spending.ts';

/** Whom it is about: a phone, or an extension whose forward spends for a caller from outside. */
export interface Suspect {
  organizationId: OrganizationId;
  kind: 'device' | 'extension';
  /** Username, or id of the extension. */
  id: string;
}

export interface Finding extends Suspect {
  reason: 'calls-to-new-country' | 'short-calls' | 'parallel-calls-to-prefix' | 'cost-velocity';
  at: number;
}

/** Which countries an organization has called, and since when. Survives the brain. */
export interface CountriesCalled {
  all(): { organizationId: OrganizationId; country: string; at: number }[];
  add(organizationId: OrganizationId, country: string, at: number): void;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NEW_FOR = 24 * HOUR;
const SHORT = 15_000;
/** Characters of an E.164 number that make it begin alike, the plus included: a country and an area or an operator. */
const PREFIX = 8;

/** What one suspect did lately. */
interface Recent {
  toNewCountries: number[];
  short: number[];
  costs: { at: number; cost: number }[];
  live: Map<string, number>;
}

export class AnomalyWatch implements SpendingWatch {
  readonly #clock: Clock;
  readonly #alerts: Alerts;
  readonly #countries: CountriesCalled;
  readonly #found: (finding: Finding) => void;
  readonly #called = new Map<OrganizationId, Map<string, number>>();
  readonly #recent = new Map<string, Recent>();

  constructor(o: { clock: Clock; alerts: Alerts; countries: CountriesCalled; found: (finding: Finding) => void }) {
    this.#clock = o.clock;
    this.#alerts = o.alerts;
    this.#countries = o.countries;
    this.#found = o.found;
    for (const { organizationId, country, at } of o.countries.all()) this.#of(organizationId).set(country, at);
  }

  placed(organization: Organization, charge: Omit<Charge, 'leg'>): void {
    const { anomaly } = organization.limits;
    const recent = this.#recentOf(organization.id, charge);
    const now = this.#clock.now();
    const prefix = charge.number.slice(0, PREFIX);
    const live = (recent.live.get(prefix) ?? 0) + 1;
    recent.live.set(prefix, live);
    if (this.#isNew(organization, charge, now)) {
      recent.toNewCountries = [...recent.toNewCountries, now].filter((at) => now - at < HOUR);
      this.#judge(organization.id, charge, 'callsToNewCountry', recent.toNewCountries.length, anomaly);
    }
    this.#judge(organization.id, charge, 'parallelCallsToPrefix', live, anomaly);
  }

  spent(organization: Organization, charge: Omit<Charge, 'leg'>, cost: number): void {
    const recent = this.#recentOf(organization.id, charge);
    const now = this.#clock.now();
    recent.costs = [...recent.costs, { at: now, cost }].filter(({ at }) => now - at < 10 * MINUTE);
    const sum = recent.costs.reduce((total, step) => total + step.cost, 0);
    this.#judge(organization.id, charge, 'moneyPerTenMinutes', sum, organization.limits.anomaly);
  }

  ended(organization: Organization, charge: Charge): void {
    const recent = this.#recentOf(organization.id, charge);
    const prefix = charge.number.slice(0, PREFIX);
    const live = (recent.live.get(prefix) ?? 0) - 1;
    if (live > 0) recent.live.set(prefix, live);
    else recent.live.delete(prefix);
    const { answeredAt, endedAt } = charge;
    if (answeredAt === null || endedAt === null || endedAt - answeredAt >= SHORT) return;
    recent.short = [...recent.short, endedAt].filter((at) => endedAt - at < MINUTE);
    this.#judge(organization.id, charge, 'shortCallsPerMinute', recent.short.length, organization.limits.anomaly);
  }

  /** A call of an earlier brain goes on. */
  adopted(organizationId: OrganizationId, charge: Charge): void {
    if (charge.endedAt !== null) return;
    const { live } = this.#recentOf(organizationId, charge);
    const prefix = charge.number.slice(0, PREFIX);
    live.set(prefix, (live.get(prefix) ?? 0) + 1);
  }

  #judge(
    organizationId: OrganizationId,
    charge: Omit<Charge, 'leg'>,
    what: keyof AnomalyThresholds,
    count: number,
    thresholds: AnomalyThresholds,
  ): void {
    const suspect = suspectOf(organizationId, charge);
    if (!suspect || thresholds[what] === 0 || count <= thresholds[what]) return;
    this.#found({ ...suspect, reason: REASONS[what], at: this.#clock.now() });
  }

  /** Another country than its own, first called less than a day ago, by an organization that has called for longer. */
  #isNew({ id, country: own }: Organization, { country }: Omit<Charge, 'leg'>, now: number): boolean {
    if (country === null) return false;
    const called = this.#of(id);
    let since = called.get(country);
    const isFirstDay = ![...called.values()].some((at) => now - at >= NEW_FOR);
    if (since === undefined) {
      since = now;
      called.set(country, now);
      this.#countries.add(id, country, now);
      if (country !== own && !isFirstDay) {
        this.#alerts.raise({ id: 'country-first-called', organizationId: id, at: now, detail: { country } });
      }
    }
    return country !== own && !isFirstDay && now - since < NEW_FOR;
  }

  #of(id: OrganizationId): Map<string, number> {
    const called = this.#called.get(id) ?? new Map<string, number>();
    this.#called.set(id, called);
    return called;
  }

  #recentOf(organizationId: OrganizationId, charge: Omit<Charge, 'leg'>): Recent {
    const suspect = suspectOf(organizationId, charge);
    const key = suspect ? `${suspect.kind} ${suspect.id}` : '';
    let recent = this.#recent.get(key);
    if (!recent) {
      recent = { toNewCountries: [], short: [], costs: [], live: new Map() };
      this.#recent.set(key, recent);
    }
    return recent;
  }
}

const REASONS: Record<keyof AnomalyThresholds, Finding['reason']> = {
  callsToNewCountry: 'calls-to-new-country',
  shortCallsPerMinute: 'short-calls',
  parallelCallsToPrefix: 'parallel-calls-to-prefix',
  moneyPerTenMinutes: 'cost-velocity',
};

function suspectOf(organizationId: OrganizationId, { device, extensionId }: Omit<Charge, 'leg'>): Suspect | null {
  if (device !== null) return { organizationId, kind: 'device', id: device };
  return extensionId === null ? null : { organizationId, kind: 'extension', id: extensionId };
}
