/** Who talks to whom at this moment. */
import { Badge, Box, Button, Group, Paper, Skeleton, Stack, Text, Title, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconArrowRight, IconPhoneOff, IconPlayerRecordFilled } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, problemOf } from '../../app/api.ts';
import { usePollWithout } from '../../app/live.ts';
import { useOrganization } from '../../app/session.ts';
import { lengthOf, useClock, useNow } from '../../parts/clock.ts';
import { useFailure } from '../../parts/failure.tsx';
import { type Names, useNames } from '../../parts/names.ts';
import { useQuestion } from '../../parts/question.tsx';
import { Failed } from '../../parts/states.tsx';
import { type LiveCall, liveCallsQuery } from './data.ts';
import { DirectionIcon, Party } from './parties.tsx';

const STATE_COLORS = { ringing: 'yellow', talking: 'teal', held: 'gray.6' } as const;

export function LiveCalls() {
  const { t } = useTranslation('calls');
  const { slug } = useOrganization();
  const names = useNames();
  const calls = useQuery({ ...liveCallsQuery(slug), refetchInterval: usePollWithout(5_000) });
  return (
    <Stack gap="xs" component="section" aria-labelledby="live-calls">
      <Group gap="xs">
        <Title order={2} size="h4" id="live-calls">
          {t('live.title')}
        </Title>
        {calls.data && calls.data.length > 0 && (
          <Badge variant="light" circle aria-hidden>
            {calls.data.length}
          </Badge>
        )}
      </Group>
      {calls.isPending ? (
        <Skeleton height={52} radius="md" />
      ) : calls.isError ? (
        <Failed error={calls.error} retry={() => void calls.refetch()} />
      ) : calls.data.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('live.none')}
        </Text>
      ) : (
        <Paper>
          <Box component="ul" p={0} m={0} style={{ listStyle: 'none' }} aria-label={t('live.title')}>
            {calls.data.map((call) => (
              <LiveRow key={call.id} call={call} names={names} />
            ))}
          </Box>
        </Paper>
      )}
    </Stack>
  );
}

function LiveRow({ call, names }: { call: LiveCall; names: Names }) {
  const { t } = useTranslation('calls');
  const { may } = useOrganization();
  const clock = useClock();
  const now = useNow();
  const since = call.answeredAt ?? call.startedAt;
  return (
    <Group
      component="li"
      px="md"
      py="xs"
      gap="sm"
      justify="space-between"
      style={{ borderTop: '1px solid var(--mantine-color-default-border)', marginTop: -1 }}
    >
      <Group gap="sm" wrap="nowrap" miw={0} flex="1 1 260px">
        <DirectionIcon direction={call.direction} />
        <Group gap="xs" miw={0} style={{ rowGap: 2 }}>
          <Party number={call.from} name={call.fromName} names={names} />
          <IconArrowRight size={16} aria-hidden style={{ flexShrink: 0 }} />
          <Party number={call.with ?? call.did ?? call.to} names={names} />
        </Group>
      </Group>
      <Group gap="sm">
        {call.isRecorded && (
          <Tooltip label={t('live.recorded')}>
            <Box component="span" c="red" role="img" aria-label={t('live.recorded')} lh={0}>
              <IconPlayerRecordFilled size={14} aria-hidden />
            </Box>
          </Tooltip>
        )}
        <Badge variant="dot" color={STATE_COLORS[call.state]} tt="none" fw={500}>
          {t(`live.states.${call.state}`)}
        </Badge>
        <Tooltip label={`${t('live.since')}: ${clock.exactTime(since)}`}>
          <Text size="sm" ff="monospace" role="timer" aria-label={`${t('live.since')} ${clock.time(since)}`}>
            {lengthOf(now - since)}
          </Text>
        </Tooltip>
        {may('calls:write') && <HangUp call={call} names={names} />}
      </Group>
    </Group>
  );
}

function HangUp({ call, names }: { call: LiveCall; names: Names }) {
  const { t } = useTranslation('calls');
  const { slug: org } = useOrganization();
  const queries = useQueryClient();
  const failed = useFailure();
  const label = (number: string | null) => (number === null ? t('hidden') : names.label(number));
  const [from, to] = [label(call.from), label(call.with ?? call.to)];
  const hangUp = useMutation({
    mutationFn: () => api.hangUpCall({ params: { org, call: call.id } }),
    onSuccess: () => notifications.show({ message: t('live.hungUp'), role: 'status', withCloseButton: false }),
    onError: (error) => {
      if (problemOf(error)?.id === 'not-found')
        notifications.show({ message: t('live.hungUpBefore'), role: 'status', withCloseButton: false });
      else failed(error);
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: liveCallsQuery(org).queryKey }),
  });
  const question = useQuestion();
  const ask = () =>
    question({
      title: t('live.hangUpTitle'),
      text: t('live.hangUpText', { from, to }),
      action: t('live.hangUp'),
      onYes: () => hangUp.mutate(),
    });
  return (
    <Button
      size="xs"
      variant="light"
      color="red"
      leftSection={<IconPhoneOff size={14} aria-hidden />}
      loading={hangUp.isPending}
      aria-label={t('live.hangUpCall', { from, to })}
      onClick={ask}
    >
      {t('live.hangUp')}
    </Button>
  );
}
