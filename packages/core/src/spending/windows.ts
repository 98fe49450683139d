/**
 * The clock hour and the day that an instant belongs to, as an organization's wall clock shows them, and whether it is
 * at night or on a weekend. Hours and days are named by the instant they began at, so a day of 23 or 25 hours is one.
 */
import type { OffHours } from '../tenancy/organization.ts';

export interface Windows {
  /** When the present hour and day began. Milliseconds since the epoch. */
  hour: number;
  day: number;
  /** Night or weekend: the lower caps hold. */
  isOff: boolean;
}

interface Local {
  hour: number;
  day: number;
  /** 0 to 23, and 0 (Sunday) to 6. */
  hourOfDay: number;
  weekday: number;
}

const HOUR = 3_600_000;
const formats = new Map<string, Intl.DateTimeFormat>();
/** Of each zone: what was computed last. Reading a wall clock costs 2 µs, and the hour seldom changes. */
const latest = new Map<string, Local>();

export function windowsAt(at: number, timeZone: string, off: OffHours): Windows {
  let local = latest.get(timeZone);
  if (!local || at < local.hour || at >= local.hour + HOUR) {
    local = localAt(at, timeZone);
    latest.set(timeZone, local);
  }
  return { hour: local.hour, day: local.day, isOff: isOff(local, off) };
}

function isOff({ hourOfDay, weekday }: Local, { fromHour, toHour, hasWeekends }: OffHours): boolean {
  if (hasWeekends && (weekday === 0 || weekday === 6)) return true;
  if (fromHour <= toHour) return hourOfDay >= fromHour && hourOfDay < toHour;
  return hourOfDay >= fromHour || hourOfDay < toHour;
}

function localAt(at: number, timeZone: string): Local {
  const wall = at + offsetAt(at, timeZone);
  const midnight = Math.floor(wall / (24 * HOUR)) * 24 * HOUR;
  const date = new Date(wall);
  return {
    hour: Math.floor(wall / HOUR) * HOUR - (wall - at),
    // Its offset may differ: the clock was changed since.
    day: midnight - offsetAt(midnight - (wall - at), timeZone),
    hourOfDay: date.getUTCHours(),
    weekday: date.getUTCDay(),
  };
}

/** What the wall clock is ahead of UTC. Milliseconds. */
function offsetAt(at: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(at)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/** Whether the zone is one that exists, such as `Europe/London` or `UTC`. */
export function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en-GB', { timeZone: name })) && !/^[+-]/.test(name);
  } catch {
    return false;
  }
}

/** Of two instants half a year apart, so that summer time counts. */
const SEASONS = [Date.UTC(2026, 0, 15), Date.UTC(2026, 6, 15)];

/** The zone of a country whose clocks all agree; UTC for the others, whose operator has to say. */
export function timeZoneOf(country: string): string {
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & { getTimeZones?(): string[] | undefined };
  const zones = locale.getTimeZones?.() ?? [];
  const clocks = new Set(zones.map((zone) => SEASONS.map((at) => offsetAt(at, zone)).join()));
  return clocks.size === 1 ? zones[0]! : 'UTC';
}
