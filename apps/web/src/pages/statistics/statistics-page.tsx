import { Button, Group, Paper, SimpleGrid, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import { IconChartBar } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePollWithout } from '../../app/live.ts';
import { useOrganization } from '../../app/session.ts';
import { isUnread } from '../../app/unread.ts';
import { lengthOf, useClock } from '../../parts/clock.ts';
import { Download } from '../../parts/download.tsx';
import { PageFrame } from '../../parts/page.tsx';
import { type Days, daysOf, PeriodPicker, periodOf } from '../../parts/period.tsx';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import { locale } from '../../parts/time-zone.ts';
import { wideTable } from '../../parts/wide-table.ts';
import { byOf, type Counts, exportAddress, OUTCOMES, type Outcome, type Statistics, statisticsQuery } from './data.ts';
import { Extensions, Trunks } from './tables.tsx';

const Chart = lazy(() => import('./chart.tsx'));

/** What became of the calls of some days. */
export default function StatisticsPage() {
  const { t } = useTranslation('statistics');
  const { slug } = useOrganization();
  const clock = useClock();
  const navigate = useNavigate();
  const period = periodOf(useSearch({ strict: false }) as Record<string, unknown>, 'week');
  const days = daysOf(period, clock.today())!;
  const found = useQuery({
    ...statisticsQuery(slug, days, clock.timeZone),
    refetchInterval: usePollWithout(60_000),
  });
  return (
    <PageFrame title={t('title')}>
      <Stack gap="xs">
        <Group justify="space-between" align="flex-end">
          <PeriodPicker
            period={period}
            today={clock.today()}
            onChange={({ name, from, to }) => {
              const search = name === 'days' ? { period: name, from, to } : { period: name };
              void navigate({ to: '.', search: search as never, replace: true, resetScroll: false });
            }}
          />
          <Download href={exportAddress(slug, days, clock.timeZone)}>{t('export')}</Download>
        </Group>
      </Stack>
      {found.isPending ? (
        <ListSkeleton rows={4} height={110} />
      ) : isUnread(found) ? (
        <Failed error={found.error} retry={() => void found.refetch()} />
      ) : found.data.totals.calls === 0 ? (
        <Empty icon={IconChartBar} title={t('none')}>
          {t('noneText')}
        </Empty>
      ) : (
        <Figures statistics={found.data} days={days} />
      )}
    </PageFrame>
  );
}

function Figures({ statistics, days }: { statistics: Statistics; days: Days }) {
  const { t } = useTranslation('statistics');
  const { buckets, hoursOfDay, extensions, trunks } = statistics;
  const by = byOf(days);
  const language = locale();
  const bucketNames = useMemo(() => buckets.map(({ local }) => nameOf(local, by, language)), [buckets, by, language]);
  const hourNames = useMemo(() => hoursOfDay.map(({ hour }) => timeOf(hour, 0, language)), [hoursOfDay, language]);
  return (
    <Stack gap="lg">
      <Totals statistics={statistics} />
      <Bars title={by === 'hour' ? t('byHour') : t('byDay')} names={bucketNames} counts={buckets} />
      {by === 'day' && <Bars title={t('byHourOfDay')} names={hourNames} counts={hoursOfDay} />}
      <Extensions extensions={extensions} />
      <Trunks trunks={trunks} />
    </Stack>
  );
}

/** As all other times of the page are written. */
const timeOf = (hour: number, minute: number, language: string): string =>
  new Intl.DateTimeFormat(language, { timeZone: 'UTC', timeStyle: 'short' }).format(Date.UTC(1970, 0, 1, hour, minute));

/** @param local `2026-10-25T02:00+01:00` */
function nameOf(local: string, by: 'hour' | 'day', language: string): string {
  const [day = '', time = ''] = local.split('T');
  if (by === 'hour') return timeOf(Number(time.slice(0, 2)), Number(time.slice(3, 5)), language);
  const format = new Intl.DateTimeFormat(language, { timeZone: 'UTC', day: 'numeric', month: 'short' });
  return format.format(Date.parse(`${day}T00:00Z`));
}

function Totals({ statistics }: { statistics: Statistics }) {
  const { t } = useTranslation('statistics');
  const clock = useClock();
  const { totals, busiestHour } = statistics;
  const { calls, answered, voicemail, talkDuration, ringDuration } = totals;
  const part = (count: number) => t('percent', { percent: Math.round((100 * count) / calls) });
  const mean = (sum: number, count: number) => (count === 0 ? '–' : lengthOf(sum / count));
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
      <Figure name={t('calls')} value={String(calls)}>
        {t('ways', { inbound: totals.inbound, outbound: totals.outbound, internal: totals.internal })}
      </Figure>
      <Figure name={t('outcomes.answered')} value={String(answered)}>
        {part(answered)}
      </Figure>
      <Figure name={t('outcomes.missed')} value={String(totals.missed + voicemail)}>
        {t('toVoicemail', { count: voicemail })}
      </Figure>
      <Figure name={t('outcomes.abandoned')} value={String(totals.abandoned)}>
        {part(totals.abandoned)}
      </Figure>
      <Figure name={t('talked')} value={mean(talkDuration, answered + voicemail)}>
        {t('altogether', { length: lengthOf(talkDuration) })}
        <br />
        {t('waited', { length: mean(ringDuration, answered) })}
      </Figure>
      <Figure name={t('busiest')} value={busiestHour === null ? '–' : clock.moment(busiestHour.at)}>
        {busiestHour !== null && t('callsThen', { count: busiestHour.calls })}
      </Figure>
    </SimpleGrid>
  );
}

function Figure({ name, value, children }: { name: string; value: string; children: ReactNode }) {
  return (
    <Paper p="sm">
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text size="xl" fw={700}>
        {value}
      </Text>
      <Text size="xs" c="dimmed">
        {children}
      </Text>
    </Paper>
  );
}

interface BarsProps {
  title: string;
  names: string[];
  counts: Pick<Counts, Outcome | 'calls'>[];
}

/** A chart, and the same as a table: for who does not see it, and who wants to know exactly. */
function Bars({ title, names, counts }: BarsProps) {
  const { t } = useTranslation('statistics');
  const [isTable, showTable] = useState(false);
  return (
    <Paper p="md" component="section" aria-label={title}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h5">
            {title}
          </Title>
          <Button size="compact-xs" variant="subtle" aria-pressed={isTable} onClick={() => showTable(!isTable)}>
            {isTable ? t('asChart') : t('asTable')}
          </Button>
        </Group>
        {isTable ? (
          <Table.ScrollContainer minWidth={520} maxHeight={420} scrollAreaProps={wideTable}>
            <Table stickyHeader aria-label={title}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('when')}</Table.Th>
                  <Table.Th ta="right">{t('calls')}</Table.Th>
                  {OUTCOMES.map((outcome) => (
                    <Table.Th key={outcome} ta="right">
                      {t(`outcomes.${outcome}`)}
                    </Table.Th>
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {counts.map((count, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: an hour may come twice when clocks change
                  <Table.Tr key={i}>
                    <Table.Th scope="row" fw={400}>
                      {names[i]}
                    </Table.Th>
                    <Table.Td ta="right">{count.calls}</Table.Td>
                    {OUTCOMES.map((outcome) => (
                      <Table.Td key={outcome} ta="right">
                        {count[outcome]}
                      </Table.Td>
                    ))}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        ) : (
          <Suspense fallback={<Skeleton height={260} />}>
            <Chart label={t('chartOf', { title })} names={names} counts={counts} />
          </Suspense>
        )}
      </Stack>
    </Paper>
  );
}
