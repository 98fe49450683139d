import type { AlertAnswer } from '@littlepbx/contract';
import { Badge, Group, Paper, Stack, Text } from '@mantine/core';
import { IconBellCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useWritten } from '../../parts/moment.ts';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';

const AT_MOST = 20;

export function Alerts() {
  const { t } = useTranslation('system');
  const alerts = useQuery({ queryKey: ['alerts'], queryFn: () => api.listAlerts(), refetchInterval: 10_000 });
  if (alerts.isPending) return <ListSkeleton rows={2} />;
  if (alerts.isError) return <Failed error={alerts.error} retry={() => void alerts.refetch()} />;
  if (alerts.data.items.length === 0) return <Empty icon={IconBellCheck} title={t('alerts.empty')} />;
  return (
    <Stack gap="xs" role="list">
      {alerts.data.items.slice(0, AT_MOST).map((alert) => (
        <Row key={alert.id} alert={alert} />
      ))}
    </Stack>
  );
}

function Row({ alert: { kind, severity, raisedAt, resolvedAt, facts } }: { alert: AlertAnswer }) {
  const { t } = useTranslation('system');
  const { moment } = useWritten();
  const told = Object.entries(facts).map(([name, value]) => `${name}: ${value}`);
  return (
    <Paper p="sm" role="listitem">
      <Group gap="xs">
        <Badge variant="dot" color={resolvedAt !== null ? 'gray' : severity === 'critical' ? 'red' : 'orange'}>
          {resolvedAt !== null ? t('alerts.over') : t(`alerts.severities.${severity}`)}
        </Badge>
        <Text fw={resolvedAt === null ? 600 : 400}>{t(`alerts.kinds.${kind}`)}</Text>
      </Group>
      <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {resolvedAt === null
          ? t('alerts.since', { at: moment(raisedAt) })
          : t('alerts.fromTo', { from: moment(raisedAt), to: moment(resolvedAt) })}
        {told.length > 0 && ` · ${told.join(', ')}`}
      </Text>
    </Paper>
  );
}
