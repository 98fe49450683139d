/** What callers hear, and what opens the box by phone. */
import { ActionIcon, Alert, Button, FileButton, Group, PasswordInput, Select, Stack, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconTrash, IconUpload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useOrganization } from '../../app/session.ts';
import { useClock } from '../../parts/clock.ts';
import { useFailure } from '../../parts/failure.tsx';
import { useQuestion } from '../../parts/question.tsx';
import { useRefusal } from '../../parts/refusal.ts';
import { fileSound, SoundPlayer } from '../../parts/sound-player.tsx';
import { Failed, ListSkeleton } from '../../parts/states.tsx';
import { boxQuery, greetingsQuery } from './data.ts';

const LARGEST = 64 * 1024 * 1024;
const STANDARD = 'standard';

export function BoxSettings({ extension }: { extension: string }) {
  const { slug } = useOrganization();
  const box = useQuery(boxQuery(slug, extension));
  if (box.isPending) return <ListSkeleton rows={2} height={100} />;
  if (box.isError) return <Failed error={box.error} retry={() => void box.refetch()} />;
  const { greeting, hasPin, lockedUntil } = box.data;
  return (
    <Stack gap="xl">
      {lockedUntil !== null && <Locked extension={extension} until={lockedUntil} />}
      <Greeting extension={extension} greeting={greeting} />
      <Pin extension={extension} hasPin={hasPin} />
    </Stack>
  );
}

/** Stores a change of the box at once. */
function useChange(extension: string) {
  const { slug: org } = useOrganization();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NonNullable<Parameters<typeof api.updateVoicemailBox>[0]['body']>) =>
      api.updateVoicemailBox({ params: { org, extension }, body }),
    onSuccess: (box) => queries.setQueryData(boxQuery(org, extension).queryKey, box),
  });
}

function Locked({ extension, until }: { extension: string; until: number }) {
  const { t } = useTranslation('voicemail');
  const { may } = useOrganization();
  const clock = useClock();
  const failed = useFailure();
  const change = useChange(extension);
  return (
    <Alert color="orange">
      <Group justify="space-between">
        <Text size="sm">{t('pin.locked', { until: clock.time(until) })}</Text>
        {may('voicemail:write') && (
          <Button
            size="xs"
            variant="light"
            loading={change.isPending}
            onClick={() => change.mutate({ isLocked: false }, { onError: failed })}
          >
            {t('pin.unlock')}
          </Button>
        )}
      </Group>
    </Alert>
  );
}

function Greeting({ extension, greeting }: { extension: string; greeting: string | null }) {
  const { t } = useTranslation('voicemail');
  const { slug: org, may, extensionId } = useOrganization();
  const queries = useQueryClient();
  const failed = useFailure();
  const question = useQuestion();
  const change = useChange(extension);
  const reset = useRef<() => void>(null);
  const canRead = may('files:read');
  const canWrite = may('voicemail:write');
  const { data: sounds = [] } = useQuery({ ...greetingsQuery(org), enabled: canRead && extensionId === null });
  const read = () => queries.invalidateQueries({ queryKey: greetingsQuery(org).queryKey });
  const upload = useMutation({
    mutationFn: async (sound: File) => {
      const name = sound.name.replace(/\.[^.]*$/, '').slice(0, 100) || extension;
      const { id } = await api.uploadFile({ params: { org }, query: { kind: 'greeting', name }, sound });
      await change.mutateAsync({ greeting: id });
    },
    onError: failed,
    onSettled: () => {
      reset.current?.();
      void read();
    },
  });
  const remove = useMutation({
    mutationFn: async (file: string) => {
      await change.mutateAsync({ greeting: null });
      await api.deleteFile({ params: { org, file } });
    },
    onError: failed,
    onSettled: read,
  });
  const take = (file: File | null) => {
    if (file === null) return;
    if (file.size > LARGEST)
      notifications.show({ color: 'red', message: t('greeting.tooLarge'), role: 'alert', withCloseButton: false });
    else upload.mutate(file);
  };
  // One that was recorded by phone has no name, and is of this box alone.
  const named = sounds.flatMap(({ id, name }) => (name === null ? [] : [{ value: id, label: name }]));
  const isByPhone = greeting !== null && !named.some(({ value }) => value === greeting);
  const chosen = named.find(({ value }) => value === greeting);
  return (
    <Stack gap="xs" component="section" aria-labelledby="greeting">
      <Title order={3} size="h5" id="greeting">
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
          onChange={(id) => change.mutate({ greeting: id === STANDARD ? null : id }, { onError: failed })}
        />
        {canWrite && may('files:write') && (
          <FileButton onChange={take} accept="audio/*" resetRef={reset}>
            {(props) => (
              <Button
                {...props}
                variant="light"
                loading={upload.isPending}
                leftSection={<IconUpload size={16} aria-hidden />}
              >
                {t('greeting.upload')}
              </Button>
            )}
          </FileButton>
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
      {greeting !== null && canRead && <SoundPlayer src={fileSound(org, greeting)} label={t('greeting.listen')} />}
    </Stack>
  );
}

function Pin({ extension, hasPin }: { extension: string; hasPin: boolean }) {
  const { t } = useTranslation('voicemail');
  const { may } = useOrganization();
  const failed = useFailure();
  const question = useQuestion();
  const [pin, setPin] = useState('');
  const change = useChange(extension);
  const refusal = useRefusal(change.error);
  const done = () => {
    setPin('');
    notifications.show({ message: t('pin.stored'), role: 'status', withCloseButton: false });
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (pin !== '') change.mutate({ pin }, { onSuccess: done });
  };
  const forget = useChange(extension);
  return (
    <Stack gap="xs" component="section" aria-labelledby="pin">
      <Title order={3} size="h5" id="pin">
        {t('pin.title')}
      </Title>
      <Text size="sm" c="dimmed">
        {hasPin ? t('pin.has') : t('pin.hasNone')}
      </Text>
      {may('voicemail:write') && (
        <form onSubmit={send}>
          <Group align="flex-start" gap="xs">
            <PasswordInput
              label={t('pin.new')}
              description={t('pin.rule')}
              w={{ base: '100%', xs: 280 }}
              inputMode="numeric"
              autoComplete="new-password"
              maxLength={20}
              value={pin}
              error={refusal.at('pin') ?? refusal.beside('pin')}
              visibilityToggleButtonProps={{ 'aria-label': t('pin.show') }}
              onChange={({ currentTarget }) => {
                change.reset();
                setPin(currentTarget.value);
              }}
            />
            <Group gap="xs" pt={{ base: 0, xs: 46 }}>
              <Button type="submit" variant="light" loading={change.isPending} disabled={pin === ''}>
                {t('pin.set')}
              </Button>
              {hasPin && (
                <Button
                  variant="subtle"
                  color="red"
                  loading={forget.isPending}
                  onClick={() =>
                    question({
                      title: t('pin.removeTitle'),
                      text: t('pin.removeText'),
                      action: t('pin.remove'),
                      onYes: () => forget.mutate({ pin: null }, { onError: failed }),
                    })
                  }
                >
                  {t('pin.remove')}
                </Button>
              )}
            </Group>
          </Group>
        </form>
      )}
    </Stack>
  );
}
