import type { UsageAnswer } from '@littlepbx/contract';
import { Alert, Paper, Progress, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { isUnread } from '../../app/unread.ts';
import { useWritten } from '../../parts/moment.ts';
import { Failed, ListSkeleton } from '../../parts/states.tsx';
import { usageQuery } from '../../parts/usage-query.ts';
import { wideTable } from '../../parts/wide-table.ts';
import { Bill } from './bill.tsx';
import type { PartProps } from './organization-page.tsx';

/** Milliseconds. */
const LOOK_AGAIN = 5_000;
const MINUTE = 60_000;

/** What was used of what may be used. */
export function Usage({ organization }: PartProps) {
  return (
    <Stack maw={900} gap="lg">
      <Now organization={organization} />
      <Bill organization={organization} />
    </Stack>
  );
}

function Now({ organization: { slug: org, storageUsed, limits } }: Pick<PartProps, 'organization'>) {
  const { t } = useTranslation('organizations');
  const { size, moment } = useWritten();
  const usage = useQuery({ ...usageQuery(org), refetchInterval: LOOK_AGAIN });
  if (usage.isPending) return <ListSkeleton rows={4} height={72} />;
  if (isUnread(usage)) return <Failed error={usage.error} retry={() => void usage.refetch()} />;
  const { caps, extensions, alerts, callsInProgress, isOffHours, currency } = usage.data;
  return (
    <Stack>
      <Text>{t('usage.now', { count: callsInProgress })}</Text>
      {isOffHours && <Alert color="indigo">{t('usage.offHours')}</Alert>}
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        {caps.map((cap) => (
          <Cap key={`${cap.id}${cap.isOffHours}`} cap={cap} currency={currency} />
        ))}
        <Bar label={t('usage.storage')} used={storageUsed} limit={limits.storageBytes} write={size} />
      </SimpleGrid>
      {extensions.length > 0 && (
        <Table.ScrollContainer minWidth={420} scrollAreaProps={wideTable}>
          <Table aria-label={t('usage.byExtension')}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('usage.extension')}</Table.Th>
                <Table.Th>{t('usage.callsToday')}</Table.Th>
                <Table.Th>{t('usage.minutesToday')}</Table.Th>
                <Table.Th>{t('usage.costToday')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {extensions.map((one) => (
                <ExtensionRow key={one.extensionId} one={one} currency={currency} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {alerts.length > 0 && (
        <Stack gap={4}>
          <Text fw={600}>{t('usage.alerts')}</Text>
          {alerts.map((alert) => (
            <Text size="sm" key={`${alert.id}${alert.at}`}>
              {moment(alert.at)}: {t(`usage.kinds.${alert.id}` as 'usage.alerts', { defaultValue: alert.id })}
            </Text>
          ))}
        </Stack>
      )}
    </Stack>
  );
}

function ExtensionRow({ one, currency }: { one: UsageAnswer['extensions'][number]; currency: string | null }) {
  const { number, money } = useWritten();
  return (
    <Table.Tr>
      <Table.Td>{one.extension ?? '—'}</Table.Td>
      <Table.Td>{number(one.day.calls)}</Table.Td>
      <Table.Td>{number(one.day.duration / MINUTE, 1)}</Table.Td>
      <Table.Td>{money(one.day.cost, currency)}</Table.Td>
    </Table.Tr>
  );
}

function Cap({ cap, currency }: { cap: UsageAnswer['caps'][number]; currency: string | null }) {
  const { t } = useTranslation('organizations');
  const { number, money } = useWritten();
  const write = cap.id.startsWith('money')
    ? (value: number) => money(value, currency)
    : (value: number) => number(value / MINUTE, 0);
  const label = cap.isOffHours ? t('usage.atNight', { cap: t(`usage.caps.${cap.id}`) }) : t(`usage.caps.${cap.id}`);
  return <Bar label={label} used={cap.used} limit={cap.limit} write={write} />;
}

interface BarProps {
  label: string;
  used: number;
  limit: number;
  write(value: number): string;
}

function Bar({ label, used, limit, write }: BarProps) {
  const { t } = useTranslation('organizations');
  const share = limit === 0 ? 100 : Math.min((used / limit) * 100, 100);
  return (
    <Paper p="sm">
      <Text size="sm" fw={500}>
        {label}
      </Text>
      <Progress
        value={share}
        color={share >= 100 ? 'red' : share >= 80 ? 'orange' : 'indigo'}
        aria-label={label}
        my={6}
      />
      <Text size="sm" c="dimmed">
        {t('usage.of', { used: write(used), limit: write(limit) })}
      </Text>
    </Paper>
  );
}
