import { Badge, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useOrganization } from '../../app/session.ts';
import { isUnread } from '../../app/unread.ts';
import { useWritten } from '../../parts/moment.ts';
import { useNote } from '../../parts/note.ts';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import { revisionsQuery } from './data.ts';

/** What was applied, by whom and when; each can be gone back to. */
export default function Revisions({ onWanted }: { onWanted(revision: number): void }) {
  const { t } = useTranslation('phones');
  const { moment } = useWritten();
  const { slug: org, may } = useOrganization();
  const inWords = useNote();
  const revisions = useQuery(revisionsQuery(org));

  if (revisions.isPending) return <ListSkeleton rows={4} />;
  if (isUnread(revisions)) return <Failed error={revisions.error} retry={() => void revisions.refetch()} />;
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
                {[moment(appliedAt), appliedBy, note && inWords(note)].filter(Boolean).join(' · ')}
              </Text>
            </div>
            {!isCurrent && may('revisions:write') && (
              <Button size="xs" variant="light" onClick={() => onWanted(number)}>
                {t('history.back')}
              </Button>
            )}
          </Group>
        </Paper>
      ))}
    </Stack>
  );
}
