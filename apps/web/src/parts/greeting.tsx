import { ActionIcon, Group, Select, Stack, Text, Title } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { api, everyPage } from '../app/api.ts';
import { useOrganization } from '../app/session.ts';
import { useNamedFailure } from './failure.tsx';
import { useQuestion } from './question.tsx';
import { fileSound, SoundPlayer } from './sound-player.tsx';
import { SoundUpload, soundName } from './sound-upload.tsx';

const STANDARD = 'standard';

/** Sounds that may greet. */
const greetingsQuery = (org: string) =>
  queryOptions({
    queryKey: ['organization', org, 'greetings'],
    queryFn: () => everyPage((query) => api.listFiles({ params: { org }, query: { ...query, kind: 'greeting' } })),
  });

interface GreetingProps {
  /** Number of the extension. */
  extension: string;
  /** Id of the sound; null: the standard. */
  greeting: string | null;
  change(change: { greeting: string | null }): Promise<unknown>;
}

/** What callers hear before they leave a message: chosen, brought, listened to. */
export function Greeting({ extension, greeting, change }: GreetingProps) {
  const { t } = useTranslation('voicemail');
  const id = useId();
  const { slug: org, may, extensionId } = useOrganization();
  const queries = useQueryClient();
  const failed = useNamedFailure();
  const question = useQuestion();
  const canRead = may('files:read');
  const canWrite = may('voicemail:write');
  const { data: sounds = [] } = useQuery({ ...greetingsQuery(org), enabled: canRead && extensionId === null });
  const read = () => queries.invalidateQueries({ queryKey: greetingsQuery(org).queryKey });
  const upload = useMutation({
    mutationFn: async (sound: File) => {
      const name = soundName(sound.name.replace(/\.[^.]*$/, ''), extension);
      const { id } = await api.uploadFile({ params: { org }, query: { kind: 'greeting', name }, sound });
      await change({ greeting: id });
    },
    onError: (error, { name }) => failed(error, name),
    onSettled: read,
  });
  const remove = useMutation({
    mutationFn: async (file: string) => {
      await change({ greeting: null });
      await api.deleteFile({ params: { org, file } });
    },
    onError: failed,
    onSettled: read,
  });
  // One that was recorded by phone has no name, and is of this box alone.
  const named = sounds.flatMap(({ id, name }) => (name === null ? [] : [{ value: id, label: name }]));
  const isByPhone = greeting !== null && !named.some(({ value }) => value === greeting);
  const chosen = named.find(({ value }) => value === greeting);
  return (
    <Stack gap="xs" component="section" aria-labelledby={id}>
      <Title order={3} size="h5" id={id}>
        {t('greeting.title')}
      </Title>
      <Text size="sm" c="dimmed">
        {t('greeting.text')}
      </Text>
      <Group align="flex-end" gap="xs">
        <Select
          label={t('greeting.which')}
          w={{ base: '100%', xs: 280 }}
          allowDeselect={false}
          disabled={!canWrite}
          value={greeting ?? STANDARD}
          data={[
            { value: STANDARD, label: t('greeting.standard') },
            ...(isByPhone
              ? [{ value: greeting, label: extensionId === null ? t('greeting.byPhone') : t('greeting.own') }]
              : []),
            ...named,
          ]}
          onChange={(id) => void change({ greeting: id === STANDARD ? null : id }).catch(failed)}
        />
        {canWrite && may('files:write') && (
          <SoundUpload label={t('greeting.upload')} isPending={upload.isPending} onSound={upload.mutate} />
        )}
        {chosen && canWrite && may('files:write') && (
          <ActionIcon
            size={36}
            variant="subtle"
            color="red"
            aria-label={t('greeting.delete', { name: chosen.label })}
            loading={remove.isPending}
            onClick={() =>
              question({
                title: t('greeting.delete', { name: chosen.label }),
                text: t('greeting.deleteText'),
                action: t('message.delete'),
                onYes: () => remove.mutate(chosen.value),
              })
            }
          >
            <IconTrash size={18} aria-hidden />
          </ActionIcon>
        )}
      </Group>
      <Text size="xs" c="dimmed">
        {t('greeting.formats')}
      </Text>
      {greeting !== null && canRead && (
        <SoundPlayer
          src={fileSound(org, greeting)}
          label={t('greeting.listen')}
          duration={sounds.find(({ id }) => id === greeting)?.duration}
        />
      )}
    </Stack>
  );
}
