/** Who left a message, and when. */
import type { Saying } from '../call/conversation.ts';
import type { SpokenLanguage } from '../tenancy/language.ts';
import type { Message } from './box.ts';
import { dateIn, timeIn } from './words.ts';

interface WallTime {
  /** Days since some beginning, to tell today from yesterday. */
  day: number;
  /** 0 = Sunday. */
  weekday: number;
  /** 0 = January. */
  month: number;
  date: number;
  hour: number;
  minute: number;
}

const DAY = 86_400_000;

function wallTime(at: number, timeZone: string): WallTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
  });
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day: date = 1, hour = 0, minute = 0 } = part;
  const midnight = Date.UTC(year, month - 1, date);
  return { day: midnight / DAY, weekday: new Date(midnight).getUTCDay(), month: month - 1, date, hour, minute };
}

const prompt = (name: string): Saying => ({ kind: 'prompt', name });

function dayIn(language: SpokenLanguage, { weekday, month, date }: WallTime): Saying[] {
  const [day, of] = [prompt(`digits/day-${weekday}`), prompt(`digits/mon-${month}`)];
  if (language === 'en') return [day, of, ...dateIn(language, date)];
  return [day, ...dateIn(language, date), ...(language === 'es' ? [prompt('digits/es-de')] : []), of];
}

/** By the wall clock of the zone. */
export function whenReceived(language: SpokenLanguage, at: number, now: number, timeZone: string): Saying[] {
  const [left, today] = [wallTime(at, timeZone), wallTime(now, timeZone)];
  const age = today.day - left.day;
  const day = age === 0 ? [prompt('digits/today')] : age === 1 ? [prompt('digits/yesterday')] : dayIn(language, left);
  return [prompt('vm-received'), ...day, ...timeIn(language, left.hour, left.minute)];
}

export function whoCalled({ from }: Message): Saying[] {
  if (from === null) return [prompt('vm-unknown-caller')];
  const digits = from.replaceAll(/[^0-9*#]/g, '');
  if (digits === '') return [prompt('vm-unknown-caller')];
  return [
    prompt(digits.length <= 8 && digits === from ? 'vm-from-extension' : 'vm-from-phonenumber'),
    { kind: 'digits', digits },
  ];
}
