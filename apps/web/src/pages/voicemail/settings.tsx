/** What callers hear, and what opens the box by phone. */
import { Alert, Button, Group, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useOrganization } from '../../app/session.ts';
import { isUnread } from '../../app/unread.ts';
import { useClock } from '../../parts/clock.ts';
import { useFailure } from '../../parts/failure.tsx';
import { Greeting } from '../../parts/greeting.tsx';
import { useQuestion } from '../../parts/question.tsx';
import { useRefusal } from '../../parts/refusal.ts';
import { Failed, ListSkeleton } from '../../parts/states.tsx';
import { boxQuery } from './data.ts';

export function BoxSettings({ extension }: { extension: string }) {
  const { slug } = useOrganization();
  const box = useQuery(boxQuery(slug, extension));
  const change = useChange(extension);
  if (box.isPending) return <ListSkeleton rows={2} height={100} />;
  if (isUnread(box)) return <Failed error={box.error} retry={() => void box.refetch()} />;
  const { greeting, hasPin, lockedUntil } = box.data;
  return (
    <Stack gap="xl">
      {lockedUntil !== null && <Locked extension={extension} until={lockedUntil} />}
      <Greeting extension={extension} greeting={greeting} change={change.mutateAsync} />
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
