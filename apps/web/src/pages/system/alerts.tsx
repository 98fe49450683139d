import type { AlertAnswer } from '@littlepbx/contract';
import { Badge, Group, Paper, Stack, Text } from '@mantine/core';
import { IconBellCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { isUnread } from '../../app/unread.ts';
import { useWritten } from '../../parts/moment.ts';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import { alertsQuery } from './data.ts';

const AT_MOST = 20;

/** @param which those that stand now, or those that are over too */
export function Alerts({ which }: { which: 'standing' | 'all' }) {
  const { t } = useTranslation('system');
  const alerts = useQuery(alertsQuery);
  if (alerts.isPending) return <ListSkeleton rows={2} />;
  if (isUnread(alerts)) return <Failed error={alerts.error} retry={() => void alerts.refetch()} />;
  const items = alerts.data.items.filter(({ resolvedAt }) => which === 'all' || resolvedAt === null);
  if (items.length === 0 && which === 'standing') return <Text size="sm">{t('alerts.none')}</Text>;
  if (items.length === 0) return <Empty icon={IconBellCheck} title={t('alerts.empty')} />;
  return (
    <Stack gap="xs" role="list">
      {(which === 'all' ? items.slice(0, AT_MOST) : items).map((alert) => (
        <Row key={alert.id} alert={alert} />
      ))}
    </Stack>
  );
}

function Row({ alert: { kind, severity, raisedAt, resolvedAt, toldAt, facts } }: { alert: AlertAnswer }) {
  const { t } = useTranslation('system');
  const { moment } = useWritten();
  // What a newer server tells has no words here yet.
  const told = Object.entries(facts).map(([name, value]) =>
    t(`alerts.facts.${name}` as 'alerts.facts.calls', { value, defaultValue: `${name}: ${value}` }),
  );
  return (
    <Paper p="sm" role="listitem">
      <Group gap="xs">
        <Badge variant="dot" color={resolvedAt !== null ? 'gray.6' : severity === 'critical' ? 'red' : 'orange'}>
          {resolvedAt !== null ? t('alerts.over') : t(`alerts.severities.${severity}`)}
        </Badge>
        <Text fw={resolvedAt === null ? 600 : 400}>{t(`alerts.kinds.${kind}`)}</Text>
      </Group>
      <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {resolvedAt === null
          ? t('alerts.since', { at: moment(raisedAt) })
          : t('alerts.fromTo', { from: moment(raisedAt), to: moment(resolvedAt) })}
        {told.length > 0 && ` · ${told.join(', ')}`}
        {` · ${toldAt === null ? t('alerts.untold') : t('alerts.told', { at: moment(toldAt) })}`}
      </Text>
    </Paper>
  );
}
