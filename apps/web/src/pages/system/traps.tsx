import { Button, CloseButton, Group, Paper, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { isUnread } from '../../app/unread.ts';
import { useFailure } from '../../parts/failure.tsx';
import { Form } from '../../parts/form.tsx';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { Failed, ListSkeleton } from '../../parts/states.tsx';
import { bansQuery, trapsQuery } from './data.ts';

/** User names that nobody has: who tries one is no customer. */
export function Traps() {
  const { t } = useTranslation('system');
  const queries = useQueryClient();
  const failed = useFailure();
  const traps = useQuery(trapsQuery);
  const caught = useQuery(bansQuery).data?.filter(({ reason }) => reason === 'honeypot').length;
  const read = () => void queries.invalidateQueries({ queryKey: trapsQuery.queryKey });
  const remove = useMutation({
    mutationFn: (username: string) => api.removeHoneypot({ params: { username } }),
    onSuccess: read,
    onError: failed,
  });
  return (
    <>
      <NewTrap onDone={read} />
      {caught !== undefined && (
        <Text size="sm">{caught === 0 ? t('traps.nobody') : t('traps.caught', { count: caught })}</Text>
      )}
      {traps.isPending && <ListSkeleton rows={1} />}
      {isUnread(traps) && <Failed error={traps.error} retry={() => void traps.refetch()} />}
      {traps.data?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('traps.empty')}
        </Text>
      )}
      <Group gap="xs" role="list" aria-label={t('traps.title')}>
        {traps.data?.map(({ username }) => (
          <Paper key={username} role="listitem" pl="sm" pr={4} py={2}>
            <Group gap={4} wrap="nowrap">
              <Text size="sm">{username}</Text>
              <CloseButton
                size="sm"
                disabled={remove.isPending && remove.variables === username}
                aria-label={t('traps.remove', { username })}
                onClick={() => remove.mutate(username)}
              />
            </Group>
          </Paper>
        ))}
      </Group>
    </>
  );
}

function NewTrap({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('system');
  const [username, setUsername] = useState('');
  const add = useMutation({
    mutationFn: () => api.addHoneypot({ body: { username: username.trim() } }),
    onSuccess: () => {
      setUsername('');
      onDone();
    },
  });
  const refused = useRefusal(add.error);
  const beside = refused.beside('username');
  return (
    <Form onSend={() => add.mutate()} failure={add.error}>
      <RefusalAlert text={beside} mb="sm" />
      <Group gap="sm" align="flex-start">
        <TextInput
          label={t('traps.username')}
          placeholder="admin"
          value={username}
          error={refused.at('username')}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setUsername(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" mt={24} loading={add.isPending}>
          {t('traps.add')}
        </Button>
      </Group>
    </Form>
  );
}
