import { Group, Stack, Title, Tooltip } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useOrganization } from '../../app/session.ts';
import { useClock } from '../../parts/clock.ts';
import { addDays } from '../../parts/day.ts';
import { Download } from '../../parts/download.tsx';
import { PageFrame } from '../../parts/page.tsx';
import { type Days, daysOf, type Period, PeriodPicker, periodOf } from '../../parts/period.tsx';
import { type CallFilter, filterOf } from './data.ts';
import { Filters } from './filters.tsx';
import { LiveCalls } from './live-calls.tsx';
import { PastCalls } from './past-calls.tsx';

/** The longest stretch that can be downloaded at once. Days. */
const LONGEST_EXPORT = 400;

/** Calls in progress, and those that are over. What is looked for stands in the address. */
export default function CallsPage() {
  const { t } = useTranslation('calls');
  const { extensionId } = useOrganization();
  const clock = useClock();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const filter = filterOf(search);
  const period = periodOf(search, 'always');
  const days = daysOf(period, clock.today());
  const look = (next: CallFilter, { name, from, to }: Period) => {
    const when = name === 'always' ? {} : name === 'days' ? { period: name, from, to } : { period: name };
    void navigate({ to: '.', search: { ...next, ...when } as never, replace: true, resetScroll: false });
  };
  return (
    <PageFrame title={t('title')}>
      <LiveCalls />
      <Stack gap="sm" component="section" aria-labelledby="past-calls">
        <Group justify="space-between">
          <Title order={2} size="h4" id="past-calls">
            {t('past.title')}
          </Title>
          {extensionId === null && <Export days={days} filter={filter} />}
        </Group>
        <Group gap="xs" align="flex-end" role="search" aria-label={t('filters.title')}>
          <Filters filter={filter} onChange={(next) => look(next, period)} />
          <PeriodPicker period={period} today={clock.today()} hasAlways onChange={(next) => look(filter, next)} />
        </Group>
        <PastCalls filter={filter} days={days} onClear={() => look({}, { name: 'always' })} />
      </Stack>
    </PageFrame>
  );
}

function Export({ days, filter }: { days: Days | null; filter: CallFilter }) {
  const { t } = useTranslation('calls');
  const { slug } = useOrganization();
  const { timeZone, today } = useClock();
  const { from, to } = days ?? { from: addDays(today(), 1 - LONGEST_EXPORT), to: today() };
  // The days are those of the clock that is shown.
  const query = new URLSearchParams({ ...filter, from, to, timeZone });
  return (
    <Tooltip label={t('exportHint')}>
      <Download href={`/api/v1/organizations/${encodeURIComponent(slug)}/calls/export?${query}`}>
        {t('export')}
      </Download>
    </Tooltip>
  );
}
