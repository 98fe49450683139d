import { Button, Group, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { NewPassword } from '../../parts/new-password.tsx';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { Saved } from '../../parts/saved.tsx';
import { OwnPassword } from './own-password.tsx';
import { SESSIONS } from './sessions.tsx';

/** The old and the new one. All other sessions of the person end. */
export function PasswordChange() {
  const { t } = useTranslation('account');
  const queries = useQueryClient();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const save = useMutation({
    mutationFn: () => api.changeMyPassword({ body: { currentPassword: current, newPassword: next } }),
    onSuccess: () => {
      setCurrent('');
      setNext('');
      void queries.invalidateQueries({ queryKey: SESSIONS });
    },
  });
  const refused = useRefusal(save.error);
  const send = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={send}>
      <Stack>
        <RefusalAlert text={refused.beside('currentPassword', 'newPassword')} />
        <OwnPassword
          label={t('password.current')}
          value={current}
          onChange={setCurrent}
          error={refused.at('currentPassword')}
        />
        <NewPassword label={t('password.next')} value={next} onChange={setNext} error={refused.at('newPassword')} />
        <Group>
          <Button type="submit" loading={save.isPending}>
            {t('password.save')}
          </Button>
          <Saved isSaved={save.isSuccess && current === '' && next === ''} />
        </Group>
      </Stack>
    </form>
  );
}
