/** Figures, as the page reads them. */
import type { StatisticsAnswer } from '@littlepbx/contract';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api } from '../../app/api.ts';
import type { Days } from '../../parts/period.tsx';

export type Statistics = StatisticsAnswer;
export type Counts = Statistics['hoursOfDay'][number];

/** Every call is in one of them; in the order of the bars. */
export const OUTCOMES = ['answered', 'voicemail', 'missed', 'abandoned', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Of up to so many days each hour is told. */
const HOURS_OF = 2;

export function byOf({ from, to }: Days): 'hour' | 'day' {
  return (Date.parse(to) - Date.parse(from)) / 86_400_000 < HOURS_OF ? 'hour' : 'day';
}

export const statisticsQuery = (org: string, days: Days, timeZone: string) =>
  queryOptions({
    queryKey: ['organization', org, 'statistics', days, timeZone],
    queryFn: () => api.getStatistics({ params: { org }, query: { ...days, timeZone, by: byOf(days) } }),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });

export function exportAddress(org: string, days: Days, timeZone: string): string {
  const query = new URLSearchParams({ ...days, timeZone, by: byOf(days) });
  return `/api/v1/organizations/${encodeURIComponent(org)}/statistics/export?${query}`;
}
