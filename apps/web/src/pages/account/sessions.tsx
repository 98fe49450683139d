import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { isUnread } from '../../app/unread.ts';
import { useFailure } from '../../parts/failure.tsx';
import { useWritten } from '../../parts/moment.ts';
import { Failed, ListSkeleton } from '../../parts/states.tsx';
import { browserOf } from './browser-name.ts';

export const SESSIONS = ['own-sessions'];

/** Where the person is logged in, and the way out of everywhere else. */
export function Sessions() {
  const { t } = useTranslation('account');
  const { ago } = useWritten();
  const queries = useQueryClient();
  const failed = useFailure();
  const sessions = useQuery({ queryKey: SESSIONS, queryFn: async () => (await api.listMySessions()).items });
  const leave = useMutation({
    mutationFn: () => api.endMyOtherSessions(),
    onSuccess: () => queries.invalidateQueries({ queryKey: SESSIONS }),
    onError: failed,
  });
  if (sessions.isPending) return <ListSkeleton rows={2} height={44} />;
  if (isUnread(sessions)) return <Failed error={sessions.error} retry={() => void sessions.refetch()} />;
  return (
    <>
      <Stack gap="sm" role="list">
        {sessions.data.map(({ id, userAgent, address, loggedInAt, isThis }) => {
          const { browser, system } = browserOf(userAgent ?? '');
          return (
            <Stack key={id} gap={0} role="listitem">
              <Group gap="xs">
                <Text fw={500}>
                  {browser === null ? t('sessions.program') : [browser, system].filter(Boolean).join(' · ')}
                </Text>
                {isThis && (
                  <Badge size="sm" variant="outline" tt="none">
                    {t('sessions.this')}
                  </Badge>
                )}
              </Group>
              <Text size="sm" c="dimmed">
                {t('sessions.since', { ago: ago(loggedInAt) })}
                {address === null || address === '' ? '' : ` · ${address}`}
              </Text>
            </Stack>
          );
        })}
      </Stack>
      {sessions.data.length > 1 ? (
        <Group>
          <Button variant="default" loading={leave.isPending} onClick={() => leave.mutate()}>
            {t('sessions.leave')}
          </Button>
        </Group>
      ) : (
        <Text size="sm" c="dimmed">
          {t('sessions.nowhere')}
        </Text>
      )}
    </>
  );
}
