/** Times, sizes and amounts as people of the page's language write them. */
import { useTranslation } from 'react-i18next';
import { locale, useTimeZone } from './time-zone.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Written {
  /** Date and time. @param at milliseconds since the epoch */
  moment(at: number): string;
  /** How long ago, or in how long; the date when it is more than a month. */
  ago(at: number): string;
  /** @param bytes in whatever unit fits */
  size(bytes: number): string;
  number(value: number, digits?: number): string;
  /** Millionths of a currency. */
  money(millionths: number, currency: string | null): string;
  country(code: string): string;
}

export function useWritten(): Written {
  useTranslation();
  return writtenIn(locale(), useTimeZone());
}

const known = new Map<string, Written>();

function writtenIn(language: string, timeZone: string): Written {
  const key = `${language} ${timeZone}`;
  let written = known.get(key);
  if (!written) {
    written = make(language, timeZone);
    known.set(key, written);
  }
  return written;
}

function make(language: string, timeZone: string): Written {
  const moments = new Intl.DateTimeFormat(language, { timeZone, dateStyle: 'medium', timeStyle: 'short' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const countries = new Intl.DisplayNames(language, { type: 'region' });
  return {
    moment: (at) => moments.format(at),
    ago(at) {
      const distance = at - Date.now();
      const far = Math.abs(distance);
      if (far < MINUTE) return relative.format(0, 'minute');
      if (far < HOUR) return relative.format(Math.trunc(distance / MINUTE), 'minute');
      if (far < DAY) return relative.format(Math.trunc(distance / HOUR), 'hour');
      if (far < 31 * DAY) return relative.format(Math.trunc(distance / DAY), 'day');
      return moments.format(at);
    },
    size(bytes) {
      const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
      const power = Math.min(bytes < 1 ? 0 : Math.floor(Math.log(bytes) / Math.log(1024)), units.length - 1);
      const value = bytes / 1024 ** power;
      const maximumFractionDigits = value < 10 && power > 0 ? 1 : 0;
      return value.toLocaleString(language, { style: 'unit', unit: units[power]!, maximumFractionDigits });
    },
    number: (value, digits = 0) => value.toLocaleString(language, { maximumFractionDigits: digits }),
    money: (millionths, currency) =>
      (millionths / 1_000_000).toLocaleString(
        language,
        currency === null ? { maximumFractionDigits: 2 } : { style: 'currency', currency },
      ),
    country: (code) => countries.of(code) ?? code,
  };
}
