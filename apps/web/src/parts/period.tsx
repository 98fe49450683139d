/** Which days are looked at: a named stretch of time, or from one day to another. It stands in the page's address. */
import { Group, Select, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Clock } from './clock.ts';
import { addDays, startOfDay } from './day.ts';

const NAMED = ['today', 'yesterday', 'week', 'month', 'quarter'] as const;
type Named = (typeof NAMED)[number];

export interface Period {
  name: Named | 'always' | 'days';
  /** Of `days`: the first and the last one, `YYYY-MM-DD`. */
  from?: string;
  to?: string;
}

export interface Days {
  from: string;
  to: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What an address says; something else means `otherwise`. */
export function periodOf(search: Record<string, unknown>, otherwise: Period['name']): Period {
  const { period, from, to } = search;
  if (period === 'days' && isDay(from) && isDay(to) && from <= to) return { name: 'days', from, to };
  const known = [...NAMED, 'always'] as const;
  return { name: known.find((name) => name === period) ?? otherwise };
}

const isDay = (value: unknown): value is string =>
  typeof value === 'string' && DAY.test(value) && !Number.isNaN(Date.parse(value));

/** The first and the last day; null: all there are. */
export function daysOf({ name, from, to }: Period, today: string): Days | null {
  switch (name) {
    case 'today':
      return { from: today, to: today };
    case 'yesterday':
      return { from: addDays(today, -1), to: addDays(today, -1) };
    case 'week':
      return { from: addDays(today, -6), to: today };
    case 'month':
      return { from: addDays(today, -29), to: today };
    case 'quarter':
      return { from: addDays(today, -89), to: today };
    case 'days':
      return { from: from!, to: to! };
    default:
      return null;
  }
}

/** In milliseconds since the epoch, for the API. */
export function boundsOf(days: Days | null, { timeZone }: Clock): { since?: number; until?: number } {
  if (days === null) return {};
  return { since: startOfDay(days.from, timeZone), until: startOfDay(addDays(days.to, 1), timeZone) };
}

interface PeriodPickerProps {
  period: Period;
  today: string;
  /** Whether all there is may be looked at. */
  hasAlways?: boolean;
  onChange(period: Period): void;
}

export function PeriodPicker({ period, today, hasAlways = false, onChange }: PeriodPickerProps) {
  const { t } = useTranslation('period');
  const names = [...(hasAlways ? (['always'] as const) : []), ...NAMED, 'days' as const];
  const days = daysOf(period, today) ?? { from: addDays(today, -29), to: today };
  const choose = (name: Period['name']) => onChange(name === 'days' ? { name, ...days } : { name });
  const change = (part: Partial<Days>) => {
    const next = { ...days, ...part };
    if (!isDay(next.from) || !isDay(next.to)) return;
    if (next.from > next.to) onChange({ name: 'days', from: part.from ?? next.to, to: part.to ?? next.from });
    else onChange({ name: 'days', ...next });
  };
  return (
    <Group gap="xs" align="flex-end" w={{ base: '100%', xs: 'auto' }}>
      <Select
        label={t('period')}
        w={{ base: '100%', xs: 170 }}
        allowDeselect={false}
        value={period.name}
        data={names.map((value) => ({ value, label: t(`names.${value}`) }))}
        onChange={(name) => choose(name as Period['name'])}
      />
      {period.name === 'days' && (
        <>
          <TextInput
            type="date"
            label={t('from')}
            value={days.from}
            max={today}
            onChange={(event) => change({ from: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            label={t('to')}
            value={days.to}
            max={today}
            onChange={(event) => change({ to: event.currentTarget.value })}
          />
        </>
      )}
    </Group>
  );
}
