/** What an organization called in a month or on some days: the sums, and each call as a table for a bill. */
import { Group, NativeSelect, Paper, Stack, Table, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { isUnread } from '../../app/unread.ts';
import { addDays, dayOf } from '../../parts/day.ts';
import { Download } from '../../parts/download.tsx';
import { useWritten } from '../../parts/moment.ts';
import { useRefusal } from '../../parts/refusal.ts';
import { Failed, ListSkeleton } from '../../parts/states.tsx';
import { wideTable } from '../../parts/wide-table.ts';
import type { PartProps } from './organization-page.tsx';

const MONTHS = 13;
const MINUTE = 60_000;

interface Days {
  from: string;
  to: string;
}

export function Bill({ organization: { slug: org, timeZone } }: Pick<PartProps, 'organization'>) {
  const { t, i18n } = useTranslation('organizations');
  const months = monthsUntil(dayOf(Date.now(), timeZone));
  // Bills are made of months that are over.
  const [days, setDays] = useState<Days>(months[1]!);
  const [isFree, setFree] = useState(false);
  const nameOf = ({ from }: Days) =>
    new Intl.DateTimeFormat(i18n.resolvedLanguage, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
      Date.parse(`${from}T00:00Z`),
    );
  const choose = (from: string) => {
    const month = months.find((one) => one.from === from);
    setFree(month === undefined);
    if (month) setDays(month);
  };
  const query = new URLSearchParams({ ...days });
  return (
    <Paper p="md" component="section" aria-label={t('bill.title')}>
      <Stack gap="sm">
        <div>
          <Text fw={600}>{t('bill.title')}</Text>
          <Text size="sm" c="dimmed">
            {t('bill.text', { zone: timeZone })}
          </Text>
        </div>
        <Group gap="sm" align="flex-end">
          <NativeSelect
            label={t('bill.period')}
            value={isFree ? 'days' : days.from}
            data={[
              ...months.map((month, i) => ({
                value: month.from,
                label: i === 0 ? t('bill.soFar', { month: nameOf(month) }) : nameOf(month),
              })),
              { value: 'days', label: t('bill.days') },
            ]}
            onChange={(event) => choose(event.currentTarget.value)}
          />
          {isFree &&
            (['from', 'to'] as const).map((name) => (
              <TextInput
                key={name}
                type="date"
                label={t(`bill.${name}`)}
                value={days[name]}
                onChange={(event) => {
                  const { value } = event.currentTarget;
                  if (value !== '') setDays((was) => ({ ...was, [name]: value }));
                }}
              />
            ))}
          <Download
            href={`/api/v1/organizations/${encodeURIComponent(org)}/calls/export?${query}`}
            size="sm"
            variant="default"
          >
            {t('bill.download')}
          </Download>
        </Group>
        <Sums org={org} days={days} />
      </Stack>
    </Paper>
  );
}

function Sums({ org, days }: { org: string; days: Days }) {
  const { t } = useTranslation('organizations');
  const { number, money } = useWritten();
  const sums = useQuery({
    queryKey: ['bill', org, days.from, days.to],
    queryFn: () => api.callTotals({ params: { org }, query: { ...days } }),
    placeholderData: (before) => before,
  });
  const refused = useRefusal(sums.error);
  if (sums.isPending) return <ListSkeleton rows={2} />;
  const wrong = refused.at('to') ?? refused.at('from');
  if (wrong !== undefined) {
    return (
      <Text size="sm" c="red" role="alert">
        {wrong}
      </Text>
    );
  }
  if (isUnread(sums)) return <Failed error={sums.error} retry={() => void sums.refetch()} />;
  const { totals, costs } = sums.data;
  if (totals.length === 0) return <Text size="sm">{t('bill.none')}</Text>;
  return (
    <>
      <Table.ScrollContainer minWidth={380} scrollAreaProps={wideTable}>
        <Table aria-label={t('bill.sums')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('bill.direction')}</Table.Th>
              <Table.Th>{t('bill.calls')}</Table.Th>
              <Table.Th>{t('bill.answered')}</Table.Th>
              <Table.Th>{t('bill.minutes')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {totals.map((sum) => (
              <Table.Tr key={sum.direction}>
                <Table.Td>{t(`bill.directions.${sum.direction}`)}</Table.Td>
                <Table.Td>{number(sum.calls)}</Table.Td>
                <Table.Td>{number(sum.answered)}</Table.Td>
                <Table.Td>{number(sum.talkDuration / MINUTE, 1)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="sm">
        {costs.length === 0
          ? t('bill.noCost')
          : t('bill.cost', { cost: costs.map(({ cost, currency }) => money(cost, currency)).join(' + ') })}
      </Text>
    </>
  );
}

/** The present month and those before it, newest first. */
function monthsUntil(today: string): Days[] {
  const months: Days[] = [];
  let to = today;
  while (months.length < MONTHS) {
    const from = `${to.slice(0, 7)}-01`;
    months.push({ from, to });
    to = addDays(from, -1);
  }
  return months;
}
