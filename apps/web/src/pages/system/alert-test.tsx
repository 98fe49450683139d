import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useFailureText } from '../../parts/failure.tsx';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';

/** Something harmless by each way that is stored, and what became of it. @param hasWay whether there is any */
export function AlertTest({ hasWay }: { hasWay: boolean }) {
  const { t } = useTranslation('system');
  const textOf = useFailureText();
  const test = useMutation({ mutationFn: () => api.testAlerts() });
  return (
    <Stack gap="sm" align="flex-start">
      <Group gap="sm">
        <Button variant="default" disabled={!hasWay} loading={test.isPending} onClick={() => test.mutate()}>
          {t('alerting.test')}
        </Button>
        {!hasWay && (
          <Text size="sm" c="dimmed">
            {t('alerting.noWay')}
          </Text>
        )}
      </Group>
      <Stack gap="xs" role="status">
        {test.data?.items.length === 0 && <Alert color="orange">{t('alerting.noMailServer')}</Alert>}
        {test.data?.items.map(({ channel, isSent, reason }) => (
          <Alert key={channel} color={isSent ? 'teal' : 'red'}>
            <Text size="sm">{isSent ? t(`alerting.sent.${channel}`) : t(`alerting.notSent.${channel}`)}</Text>
            {reason !== null && (
              <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                {t('alerting.said', { said: reason })}
              </Text>
            )}
          </Alert>
        ))}
        <RefusalAlert text={test.isError ? textOf(test.error) : null} />
      </Stack>
    </Stack>
  );
}
