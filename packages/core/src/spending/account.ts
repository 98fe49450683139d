/** How much one organization or extension has used in the present hour and day, reserved ahead included. */
import type { SpendingCaps } from '../tenancy/organization.ts';
import type { Part } from './charge.ts';
import type { Windows } from './windows.ts';

export interface Tally {
  calls: number;
  /** Milliseconds. */
  duration: number;
  /** Millionths. */
  cost: number;
}

/** A cap, with what it is called in records and alerts. */
export interface Cap {
  id: 'minutes-per-hour' | 'minutes-per-day' | 'money-per-hour' | 'money-per-day';
  isOff: boolean;
  /** When its hour or day began. */
  since: number;
  of: 'duration' | 'cost';
  used: number;
  limit: number;
}

/** What an alert is about: whose cap, and which. */
export function capName(owner: string, { id, isOff }: Pick<Cap, 'id' | 'isOff'>): string {
  return `${owner} ${id}${isOff ? ' off-hours' : ''}`;
}

const MINUTE = 60_000;
const none = (): Tally => ({ calls: 0, duration: 0, cost: 0 });

export class Account {
  hour = none();
  day = none();
  /** The part of the day that fell into off hours. */
  off = none();
  /** Calls to the outside under way. */
  live = 0;
  /** What its owner was told of this day. */
  told = new Set<string>();
  #hourAt = 0;
  #dayAt = 0;

  /** Begins anew what is over. A clock that goes back takes nothing away. */
  roll(now: Windows): void {
    if (now.hour > this.#hourAt) {
      this.#hourAt = now.hour;
      this.hour = none();
    }
    if (now.day > this.#dayAt) {
      this.#dayAt = now.day;
      this.day = none();
      this.off = none();
      this.told.clear();
    }
  }

  /** Adds, or takes back with negative numbers. What belongs to an hour or day that is over no longer counts. */
  add(part: Part): void {
    if (part.hour >= this.#hourAt) sum(this.hour, part);
    if (part.hour < this.#dayAt) return;
    sum(this.day, part);
    if (part.isOff) sum(this.off, part);
  }

  /** The caps that hold now; those that are null hold nothing. */
  caps(caps: { [K in keyof SpendingCaps]: number | null }, percent: number, now: Windows): Cap[] {
    const all: Cap[] = [];
    const add = (id: Cap['id'], of: Cap['of'], limit: number | null, whole: Tally, isHour: boolean) => {
      if (limit === null) return;
      const since = isHour ? now.hour : now.day;
      const scaled = of === 'duration' ? limit * MINUTE : limit;
      // An hour is wholly off or not at all; a day has both, and what of it was off has a cap of its own.
      if (!now.isOff) all.push({ id, isOff: false, since, of, used: whole[of], limit: scaled });
      else {
        const used = isHour ? whole[of] : this.off[of];
        all.push({ id, isOff: true, since, of, used, limit: Math.floor((scaled * percent) / 100) });
        if (!isHour) all.push({ id, isOff: false, since, of, used: whole[of], limit: scaled });
      }
    };
    add('minutes-per-hour', 'duration', caps.minutesPerHour, this.hour, true);
    add('minutes-per-day', 'duration', caps.minutesPerDay, this.day, false);
    add('money-per-hour', 'cost', caps.moneyPerHour, this.hour, true);
    add('money-per-day', 'cost', caps.moneyPerDay, this.day, false);
    return all;
  }
}

function sum(tally: Tally, part: Tally): void {
  tally.calls += part.calls;
  tally.duration += part.duration;
  tally.cost += part.cost;
}
