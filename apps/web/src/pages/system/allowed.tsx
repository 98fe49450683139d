import { Button, Group, Paper, Stack, Text, TextInput } from '@mantine/core';
import { IconShield } from '@tabler/icons-react';
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
import { allowedQuery, bansQuery } from './data.ts';

/** Networks that are never kept out. */
export function Allowed() {
  const { t } = useTranslation('system');
  const queries = useQueryClient();
  const allowed = useQuery(allowedQuery);
  const read = () => {
    void queries.invalidateQueries({ queryKey: allowedQuery.queryKey });
    // Those that were banned in it are so no more.
    void queries.invalidateQueries({ queryKey: bansQuery.queryKey });
  };
  return (
    <Stack gap="sm">
      <NewAllowed onDone={read} />
      {allowed.isPending && <ListSkeleton rows={1} />}
      {isUnread(allowed) && <Failed error={allowed.error} retry={() => void allowed.refetch()} />}
      {allowed.data?.length === 0 && (
        <Empty icon={IconShield} title={t('allowed.empty')}>
          {t('allowed.emptyText')}
        </Empty>
      )}
      <Stack gap="xs" role="list">
        {allowed.data?.map((entry) => (
          <Row key={entry.network} entry={entry} onGone={read} />
        ))}
      </Stack>
    </Stack>
  );
}

interface RowProps {
  entry: { network: string; note: string | null; since: number };
  onGone(): void;
}

function Row({ entry: { network, note, since }, onGone }: RowProps) {
  const { t } = useTranslation('system');
  const { moment } = useWritten();
  const failed = useFailure();
  const remove = useMutation({
    mutationFn: () => api.disallowNetwork({ params: { network } }),
    onSuccess: onGone,
    onError: failed,
  });
  const name = network.replace(/\/(32|128)$/, '');
  return (
    <Paper p="sm" role="listitem">
      <Group justify="space-between" gap="xs">
        <div style={{ minWidth: 0 }}>
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Text>
          <Text size="sm" c="dimmed">
            {[note || null, t('allowed.since', { at: moment(since) })].filter((text) => text !== null).join(' · ')}
          </Text>
        </div>
        <Button
          variant="default"
          size="xs"
          loading={remove.isPending}
          aria-label={t('allowed.removeNamed', { network: name })}
          onClick={() => remove.mutate()}
        >
          {t('allowed.remove')}
        </Button>
      </Group>
    </Paper>
  );
}

function NewAllowed({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('system');
  const [network, setNetwork] = useState('');
  const [note, setNote] = useState('');
  const allow = useMutation({
    mutationFn: () =>
      api.allowNetwork({ body: { network: network.trim(), ...(note.trim() === '' ? {} : { note: note.trim() }) } }),
    onSuccess: () => {
      setNetwork('');
      setNote('');
      onDone();
    },
  });
  const refused = useRefusal(allow.error);
  const beside = refused.beside('network', 'note');
  return (
    <Form onSend={() => allow.mutate()} failure={allow.error}>
      <RefusalAlert text={beside} mb="sm" />
      <Group gap="sm" align="flex-start">
        <TextInput
          label={t('allowed.network')}
          placeholder="198.51.100.0/24"
          value={network}
          error={refused.at('network')}
          spellCheck={false}
          onChange={(event) => setNetwork(event.currentTarget.value)}
        />
        <TextInput
          label={t('allowed.note')}
          placeholder={t('allowed.noteExample')}
          value={note}
          error={refused.at('note')}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" mt={24} loading={allow.isPending}>
          {t('allowed.add')}
        </Button>
      </Group>
    </Form>
  );
}
