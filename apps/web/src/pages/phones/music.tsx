import { ActionIcon, Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useOrganization } from '../../app/session.ts';
import { isUnread } from '../../app/unread.ts';
import { useNamedFailure } from '../../parts/failure.tsx';
import { fileSound, SoundPlayer } from '../../parts/sound-player.tsx';
import { SoundUpload, soundName } from '../../parts/sound-upload.tsx';
import { Failed, ListSkeleton } from '../../parts/states.tsx';
import { StoredCheckbox } from '../../parts/stored-fields.tsx';
import { musicChoiceQuery, musicQuery, useChanges } from './data.ts';

/** What callers hear while they wait. */
export function Music() {
  const { t } = useTranslation('phones');
  const { slug: org, may } = useOrganization();
  const music = useQuery(musicQuery(org));
  const choice = useQuery(musicChoiceQuery(org));
  const isOwn = choice.data?.music !== 'stock';
  // Without any the choice says nothing of what is heard.
  const hasOwn = music.data !== undefined && music.data.length > 0;
  const { read, chooseMusic } = useChanges(org);
  const failed = useNamedFailure();
  const canWrite = may('files:write');
  const upload = useMutation({
    mutationFn: (sound: File) =>
      api.uploadFile({
        params: { org },
        query: { kind: 'music', name: soundName(sound.name, t('music.title')) },
        sound,
      }),
    onError: (error, { name }) => failed(error, name),
    onSettled: () => read('music'),
  });
  const remove = (file: string, name: string) =>
    modals.openConfirmModal({
      title: t('music.deleteTitle', { name }),
      children: <Text size="sm">{t('music.deleteText')}</Text>,
      labels: { confirm: t('music.delete'), cancel: t('cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': t('close') },
      onConfirm: () => {
        api.deleteFile({ params: { org, file } }).then(() => read('music'), failed);
      },
    });
  return (
    <Paper p="md" h="100%">
      <Stack gap="xs">
        <Group justify="space-between">
          <Group gap="xs">
            <Title order={2} size="h4">
              {t('music.title')}
            </Title>
            {choice.data && choice.data.music !== choice.data.appliedMusic && (
              <Badge color="yellow" variant="light" tt="none">
                {t('waits')}
              </Badge>
            )}
          </Group>
          {canWrite && (
            <SoundUpload label={t('music.upload')} size="xs" isPending={upload.isPending} onSound={upload.mutate} />
          )}
        </Group>
        {music.isPending ? (
          <ListSkeleton rows={1} height={48} />
        ) : isUnread(music) ? (
          <Failed error={music.error} retry={() => void music.refetch()} />
        ) : (
          <Text size="sm" c="dimmed">
            {!hasOwn ? t('music.none') : isOwn ? t('music.own') : t('music.stock')}
          </Text>
        )}
        {choice.data && music.data && (
          <StoredCheckbox
            label={t('music.playOwn')}
            field="music"
            name={t('music.title')}
            stored={hasOwn && isOwn}
            store={async (value) => (await chooseMusic(value ? 'own' : 'stock')) === 'own'}
            disabled={!canWrite || !hasOwn}
          />
        )}
        {music.data?.map(({ id, name, duration }) => (
          <Group key={id} gap="xs" wrap="nowrap">
            <Stack gap={2} flex={1} miw={0}>
              <Text size="sm" truncate>
                {name}
              </Text>
              <SoundPlayer src={fileSound(org, id)} label={name ?? ''} duration={duration} />
            </Stack>
            {canWrite && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('music.deleteTitle', { name })}
                onClick={() => remove(id, name ?? '')}
              >
                <IconTrash size={18} aria-hidden />
              </ActionIcon>
            )}
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}
