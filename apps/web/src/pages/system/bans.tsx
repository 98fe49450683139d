import type { BanAnswer } from '@littlepbx/contract';
import { Button, Group, NativeSelect, Paper, Stack, Text, TextInput } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { isUnread } from '../../app/unread.ts';
import { useFailure } from '../../parts/failure.tsx';
import { Form } from '../../parts/form.tsx';
import { useWritten } from '../../parts/moment.ts';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import { bansQuery } from './data.ts';

const HOUR_IN_S = 3600;
/** Seconds; null: until it is lifted. */
const DURATIONS = { hour: HOUR_IN_S, day: 24 * HOUR_IN_S, month: 30 * 24 * HOUR_IN_S, always: null } as const;
type Duration = keyof typeof DURATIONS;

/** Who is kept out, and the way back in. */
export function Bans() {
  const { t } = useTranslation('system');
  const queries = useQueryClient();
  const bans = useQuery(bansQuery);
  const read = () => void queries.invalidateQueries({ queryKey: bansQuery.queryKey });
  return (
    <Stack gap="sm">
      <NewBan onDone={read} />
      {bans.isPending && <ListSkeleton rows={2} />}
      {isUnread(bans) && <Failed error={bans.error} retry={() => void bans.refetch()} />}
      {bans.data?.length === 0 && <Empty icon={IconShieldCheck} title={t('bans.empty')} />}
      <Stack gap="xs" role="list">
        {bans.data?.map((ban) => (
          <Row key={ban.id} ban={ban} onLifted={read} />
        ))}
      </Stack>
    </Stack>
  );
}

function Row({ ban, onLifted }: { ban: BanAnswer; onLifted: () => void }) {
  const { t } = useTranslation('system');
  const { ago, moment } = useWritten();
  const failed = useFailure();
  const lift = useMutation({
    mutationFn: () => api.liftBan({ params: { ban: ban.id } }),
    onSuccess: onLifted,
    onError: failed,
  });
  const told = [
    t(`bans.reasons.${ban.reason}`),
    t(`bans.services.${ban.service}`),
    t('bans.since', { at: moment(ban.since) }),
    ban.until === null ? t('bans.always') : t('bans.until', { ago: ago(ban.until) }),
    ban.note,
  ];
  return (
    <Paper p="sm" role="listitem">
      <Group justify="space-between" gap="xs">
        <div style={{ minWidth: 0 }}>
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            {ban.subject.replace(/\/(32|128)$/, '')}
          </Text>
          <Text size="sm" c="dimmed">
            {told.filter((text) => text !== null).join(' · ')}
          </Text>
        </div>
        <Button variant="default" size="xs" loading={lift.isPending} onClick={() => lift.mutate()}>
          {t('bans.lift')}
        </Button>
      </Group>
    </Paper>
  );
}

function NewBan({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('system');
  const [address, setAddress] = useState('');
  const [duration, setDuration] = useState<Duration>('day');
  const ban = useMutation({
    mutationFn: () => {
      const durationInS = DURATIONS[duration];
      return api.createBan({ body: { address: address.trim(), ...(durationInS === null ? {} : { durationInS }) } });
    },
    onSuccess: () => {
      setAddress('');
      onDone();
    },
  });
  const refused = useRefusal(ban.error);
  const beside = refused.beside('address');
  return (
    <Form onSend={() => ban.mutate()} failure={ban.error}>
      <RefusalAlert text={beside} mb="sm" />
      <Group gap="sm" align="flex-start">
        <TextInput
          label={t('bans.address')}
          placeholder="203.0.113.7"
          value={address}
          error={refused.at('address')}
          spellCheck={false}
          onChange={(event) => setAddress(event.currentTarget.value)}
        />
        <NativeSelect
          label={t('bans.duration')}
          value={duration}
          data={(Object.keys(DURATIONS) as Duration[]).map((value) => ({ value, label: t(`bans.durations.${value}`) }))}
          onChange={(event) => setDuration(event.currentTarget.value as Duration)}
        />
        <Button type="submit" variant="default" mt={24} loading={ban.isPending}>
          {t('bans.ban')}
        </Button>
      </Group>
    </Form>
  );
}
