/** Times and lengths as people of the organization read them: by its clocks, in the language of the page. */
import { useEffect, useState } from 'react';
import { dayOf } from './day.ts';
import { locale, useTimeZone } from './time-zone.ts';

export interface Clock {
  /** IANA name of the organization's time zone. */
  timeZone: string;
  /** `14:05`. */
  time(at: number): string;
  /** `14:05:09`. */
  exactTime(at: number): string;
  /** `3 Nov, 14:05`; of today the time alone. */
  moment(at: number): string;
  /** `2026-11-03 14.05`: in names of files. */
  inFileName(at: number): string;
  /** `Tuesday, 3 November 2026`. */
  day(day: string): string;
  today(): string;
}

export function useClock(): Clock {
  return clockOf(useTimeZone());
}

function clockOf(timeZone: string): Clock {
  const format = (at: number, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale(), { timeZone, ...options }).format(at);
  const time = (at: number) => format(at, { timeStyle: 'short' });
  // As `timeStyle` has it, which does not go along with a day and a month.
  const isOfTwelve = new Intl.DateTimeFormat(locale(), { timeStyle: 'short' }).resolvedOptions().hour12;
  const hour = isOfTwelve ? 'numeric' : '2-digit';
  const today = () => dayOf(Date.now(), timeZone);
  return {
    timeZone,
    time,
    exactTime: (at) => format(at, { timeStyle: 'medium' }),
    moment: (at) => {
      const day = dayOf(at, timeZone);
      if (day === today()) return time(at);
      const isThisYear = day.slice(0, 4) === today().slice(0, 4);
      const date = { day: 'numeric', month: 'short', hour, minute: '2-digit' } as const;
      return format(at, isThisYear ? date : { ...date, year: 'numeric' });
    },
    inFileName: (at) => {
      const clock = new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'short' });
      return `${dayOf(at, timeZone)} ${clock.format(at).replace(':', '.')}`;
    },
    day: (day) =>
      new Intl.DateTimeFormat(locale(), { timeZone: 'UTC', dateStyle: 'full' }).format(Date.parse(`${day}T00:00Z`)),
    today,
  };
}

/** `0:07`, `12:05`, `1:02:03`. */
export function lengthOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Now, anew each second. */
export function useNow(): number {
  const [now, set] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => set(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
