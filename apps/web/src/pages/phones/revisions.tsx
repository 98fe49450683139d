import { Alert, Badge, Button, Group, List, Paper, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { notifications } from '@mantine/notifications';
import { IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useOrganization } from '../../app/session.ts';
import { useFailure } from '../../parts/failure.tsx';
import { useWritten } from '../../parts/moment.ts';
import { readable } from '../../parts/phone-number.ts';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import { forgetRefused } from '../../parts/stored.ts';
import { revisionsQuery, useChanges } from './data.ts';
import { WhatWaits } from './what-waits.tsx';

/** What going back would do, as the draft shows what applying would. */
function WhatGoesBack({ org, revision }: { org: string; revision: number }) {
  const { t } = useTranslation('phones');
  const preview = useQuery({
    queryKey: ['rollback', org, revision],
    queryFn: () => api.lookAtRollback({ params: { org, revision } }),
    // What stands there now.
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  if (preview.isPending) return <ListSkeleton rows={2} />;
  if (preview.isError) return <Failed error={preview.error} retry={() => void preview.refetch()} />;
  const { dropped, notRestored } = preview.data;
  return (
    <Stack gap="sm">
      <Text size="sm">{t('history.backText')}</Text>
      {dropped > 0 && <Alert color="yellow">{t('history.dropped', { count: dropped })}</Alert>}
      {notRestored.length > 0 && (
        <Alert color="yellow" title={t('history.notRestorable')}>
          <List size="sm">
            {notRestored.map(({ what, extension, number }) => (
              <List.Item key={`${what} ${extension} ${number}`}>
                {t(`history.gone.${what}`, { extension: extension ?? '', number: readable(number ?? '') })}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      <WhatWaits draft={preview.data} refusals={[]} />
    </Stack>
  );
}

/** What was applied, by whom and when; each can be gone back to. */
export default function Revisions({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('phones');
  const { moment } = useWritten();
  const { slug: org, may } = useOrganization();
  const revisions = useQuery(revisionsQuery(org));
  const { read } = useChanges(org);
  const failed = useFailure();

  const goBack = (revision: number) =>
    modals.openConfirmModal({
      title: t('history.backTitle', { revision }),
      children: <WhatGoesBack org={org} revision={revision} />,
      size: 'lg',
      labels: { confirm: t('history.back'), cancel: t('cancel') },
      closeButtonProps: { 'aria-label': t('close') },
      onConfirm: async () => {
        try {
          await api.rollback({ params: { org, revision } });
          forgetRefused();
          notifications.show({ color: 'green', message: t('history.isBack', { revision }), role: 'status' });
          onDone();
        } catch (error) {
          failed(error);
        }
        read('extensions', 'numbers', 'devices', 'music', 'draft', 'revisions');
      },
    });

  if (revisions.isPending) return <ListSkeleton rows={4} />;
  if (revisions.isError) return <Failed error={revisions.error} retry={() => void revisions.refetch()} />;
  if (revisions.data.length === 0) return <Empty icon={IconHistory} title={t('history.none')} />;
  return (
    <Stack gap="xs">
      {revisions.data.map(({ number, appliedAt, appliedBy, note, isCurrent }) => (
        <Paper key={number} p="sm">
          <Group justify="space-between" gap="sm">
            <div>
              <Group gap="xs">
                <Text fw={500}>{t('history.revision', { number })}</Text>
                {isCurrent && (
                  <Badge color="green" variant="dot" tt="none">
                    {t('history.current')}
                  </Badge>
                )}
              </Group>
              <Text size="sm" c="dimmed">
                {[moment(appliedAt), appliedBy, note].filter(Boolean).join(' · ')}
              </Text>
            </div>
            {!isCurrent && may('revisions:write') && (
              <Button size="xs" variant="light" onClick={() => goBack(number)}>
                {t('history.back')}
              </Button>
            )}
          </Group>
        </Paper>
      ))}
    </Stack>
  );
}
