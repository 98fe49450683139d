/** Days of a calendar, as `YYYY-MM-DD`, and when they begin where the organization is. */

/** The day that clocks in this time zone showed. */
export function dayOf(at: number, timeZone: string): string {
  const parts = wall(at, timeZone);
  return `${parts.year}-${parts.month}-${parts.day}`;
}

/** Milliseconds since the epoch. The day on which clocks change has no midnight in some places; then what comes first. */
export function startOfDay(day: string, timeZone: string): number {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  let at = midnight - offsetAt(midnight, timeZone);
  // Clocks may have changed between that guess and the midnight that is meant.
  at = midnight - offsetAt(at, timeZone);
  return dayOf(at, timeZone) < day ? at + 3_600_000 : at;
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** What clocks there are ahead of UTC. Milliseconds. */
function offsetAt(at: number, timeZone: string): number {
  const { year, month, day, hour, minute, second } = wall(at, timeZone);
  return Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute!, +second!) - Math.floor(at / 1000) * 1000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function wall(at: number, timeZone: string): Record<string, string> {
  let format = formats.get(timeZone);
  if (!format) {
    const two = '2-digit' as const;
    const fields = { year: 'numeric', month: two, day: two, hour: two, minute: two, second: two } as const;
    format = new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', calendar: 'gregory', ...fields });
    formats.set(timeZone, format);
  }
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
}
