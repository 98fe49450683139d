import { ActionIcon, Badge, Button, Group, Paper, Stack, Text, Tooltip } from '@mantine/core';
import { IconDownload, IconMail, IconMailOpened, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useOrganization } from '../../app/session.ts';
import { useClock } from '../../parts/clock.ts';
import { useFailure } from '../../parts/failure.tsx';
import { useNames } from '../../parts/names.ts';
import { SoundPlayer } from '../../parts/sound-player.tsx';
import { type Message, messageSound, messagesQuery } from './data.ts';
import { useDeletion } from './deletion.tsx';

interface MessageRowProps {
  message: Message;
  extension: string;
}

/** Who left it and when, and the message itself. Whoever hears it to its end has heard it. */
export function MessageRow({ message, extension }: MessageRowProps) {
  const { t } = useTranslation('voicemail');
  const { slug: org, may } = useOrganization();
  const clock = useClock();
  const names = useNames();
  const mark = useMark(extension);
  const remove = useDeletion();
  const { id, isSaved, from, fromName, createdAt, duration } = message;
  const who = from === null ? t('hidden') : names.label(from, fromName);
  const when = clock.moment(createdAt);
  const sound = messageSound(org, extension, id);
  const canWrite = may('voicemail:write');
  return (
    <Paper component="li" p="sm" aria-label={t('message.from', { who, when })}>
      <Stack gap="xs">
        <Group justify="space-between" gap="xs">
          <Group gap="xs" miw={0} style={{ rowGap: 2 }}>
            <Text size="sm" fw={isSaved ? 400 : 700} style={{ overflowWrap: 'anywhere' }}>
              {who}
            </Text>
            {!isSaved && (
              <Badge tt="none" size="sm">
                {t('message.new')}
              </Badge>
            )}
            <Text size="xs" c="dimmed">
              {when}
            </Text>
          </Group>
          <Group gap={4} wrap="nowrap">
            {canWrite && (
              <Button
                size="compact-xs"
                variant="subtle"
                color="gray"
                leftSection={isSaved ? <IconMail size={14} aria-hidden /> : <IconMailOpened size={14} aria-hidden />}
                loading={mark.isPending}
                onClick={() => mark.mutate({ message: id, isSaved: !isSaved })}
              >
                {isSaved ? t('message.markNew') : t('message.markHeard')}
              </Button>
            )}
            <Tooltip label={t('message.download')}>
              <ActionIcon
                component="a"
                href={sound}
                download={`${who} ${clock.inFileName(createdAt)}.wav`}
                variant="subtle"
                color="gray"
                aria-label={t('message.downloadFrom', { who, when })}
              >
                <IconDownload size={18} aria-hidden />
              </ActionIcon>
            </Tooltip>
            {canWrite && (
              <Tooltip label={t('message.delete')}>
                <ActionIcon
                  variant="subtle"
                  color="red"
                  aria-label={t('message.deleteFrom', { who, when })}
                  onClick={() => remove({ org, extension, message: id, isSaved })}
                >
                  <IconTrash size={18} aria-hidden />
                </ActionIcon>
              </Tooltip>
            )}
          </Group>
        </Group>
        <SoundPlayer
          src={sound}
          label={t('message.from', { who, when })}
          duration={duration}
          onEnded={() => {
            if (canWrite && !isSaved) mark.mutate({ message: id, isSaved: true });
          }}
        />
      </Stack>
    </Paper>
  );
}

function useMark(extension: string) {
  const { slug: org } = useOrganization();
  const queries = useQueryClient();
  const failed = useFailure();
  const { queryKey } = messagesQuery(org, extension);
  return useMutation({
    mutationFn: ({ message, isSaved }: { message: string; isSaved: boolean }) =>
      api.updateVoicemailMessage({ params: { org, extension, message }, body: { isSaved } }),
    onSuccess: (marked) => {
      queries.setQueryData(queryKey, (known) =>
        known === undefined
          ? known
          : {
              ...known,
              pages: known.pages.map((page) => ({
                ...page,
                items: page.items.map((message) => (message.id === marked.id ? marked : message)),
              })),
            },
      );
      void queries.invalidateQueries({ queryKey: ['organization', org, 'voicemail', 'boxes'] });
    },
    onError: failed,
  });
}
