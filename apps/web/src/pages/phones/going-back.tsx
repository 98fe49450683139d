import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useOrganization } from '../../app/session.ts';
import { isUnread } from '../../app/unread.ts';
import { useFailure } from '../../parts/failure.tsx';
import { readable } from '../../parts/phone-number.ts';
import { Failed, ListSkeleton } from '../../parts/states.tsx';
import { allAnswered, forgetRefused } from '../../parts/typed-fields.ts';
import { useChanges } from './data.ts';
import { WhatWaits } from './what-waits.tsx';

interface GoingBackProps {
  revision: number;
  /** To the list. */
  onCancel(): void;
  onDone(): void;
}

/** Asks whether to go back to a revision, and tells what that changes and what it takes away for good. */
export default function GoingBack({ revision, onCancel, onDone }: GoingBackProps) {
  const { t } = useTranslation('phones');
  const { slug: org } = useOrganization();
  const { read } = useChanges(org);
  const failed = useFailure();
  const params = { org, revision };
  const preview = useQuery({
    queryKey: ['rollback', org, revision],
    queryFn: () => api.lookAtRollback({ params }),
    // What stands there now.
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const back = useMutation({
    async mutationFn() {
      await allAnswered();
      return api.rollback({ params });
    },
    onSuccess() {
      forgetRefused();
      notifications.show({ color: 'green', message: t('history.isBack', { revision }), role: 'status' });
      onDone();
    },
    onError: failed,
    onSettled: () => read('extensions', 'numbers', 'devices', 'music', 'draft', 'revisions'),
  });
  return (
    <Stack>
      {preview.isPending && <ListSkeleton rows={2} />}
      {isUnread(preview) && <Failed error={preview.error} retry={() => void preview.refetch()} />}
      {preview.data && (
        <>
          <Text size="sm">{t('history.backText')}</Text>
          {preview.data.dropped > 0 && (
            <Alert color="yellow">{t('history.dropped', { count: preview.data.dropped })}</Alert>
          )}
          {preview.data.notRestored.length > 0 && (
            <Alert color="yellow" title={t('history.notRestorable')}>
              <List size="sm">
                {preview.data.notRestored.map(({ what, extension, number }) => (
                  <List.Item key={`${what} ${extension} ${number}`}>
                    {t(`history.gone.${what}`, { extension: extension ?? '', number: readable(number ?? '') })}
                  </List.Item>
                ))}
              </List>
            </Alert>
          )}
          <WhatWaits draft={preview.data} refusals={[]} />
        </>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          {t('cancel')}
        </Button>
        <Button disabled={!preview.isSuccess} loading={back.isPending} onClick={() => back.mutate()}>
          {t('history.back')}
        </Button>
      </Group>
    </Stack>
  );
}
