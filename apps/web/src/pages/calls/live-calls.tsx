/** Who talks to whom at this moment. */
import { Anchor, Badge, Box, Group, Paper, Skeleton, Stack, Text, Title, Tooltip } from '@mantine/core';
import { IconArrowRight, IconPlayerRecordFilled } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { usePollWithout } from '../../app/live.ts';
import { useOrganization } from '../../app/session.ts';
import { isUnread } from '../../app/unread.ts';
import { lengthOf, useClock, useNow } from '../../parts/clock.ts';
import { type Names, useNames } from '../../parts/names.ts';
import { Failed } from '../../parts/states.tsx';
import { type LiveCall, liveCallsQuery } from './data.ts';
import { LiveActions } from './live-actions.tsx';
import { DirectionIcon, Party, partiesOf } from './parties.tsx';

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
      ) : isUnread(calls) ? (
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
  const { slug, extensionId } = useOrganization();
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
        {extensionId === null && (
          <Anchor
            size="sm"
            aria-label={t('live.detailsOf', partiesOf(call, names, t))}
            renderRoot={(props) => <Link to={`/o/${slug}/calls/${call.id}`} {...props} />}
          >
            {t('live.details')}
          </Anchor>
        )}
        <LiveActions call={call} names={names} />
      </Group>
    </Group>
  );
}
