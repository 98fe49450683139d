/** Who left a message, and when, as prompts that every language of the engine has. */
import type { Saying } from '../call/conversation.ts';
import type { Message } from './box.ts';

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
const number = (value: number): Saying => ({ kind: 'number', value });

export function whenReceived(at: number, now: number, timeZone: string): Saying[] {
  const [left, today] = [wallTime(at, timeZone), wallTime(now, timeZone)];
  const age = today.day - left.day;
  const day =
    age === 0
      ? [prompt('digits/today')]
      : age === 1
        ? [prompt('digits/yesterday')]
        : [prompt(`digits/day-${left.weekday}`), prompt(`digits/mon-${left.month}`), number(left.date)];
  // 14 05: "fourteen, zero five".
  const minute: Saying[] = left.minute < 10 ? [{ kind: 'digits', digits: `0${left.minute}` }] : [number(left.minute)];
  return [prompt('vm-received'), ...day, number(left.hour), ...minute];
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
