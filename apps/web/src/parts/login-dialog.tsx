import { Button, Modal, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { interruption } from '../app/api.ts';
import { meQuery, type Person, personCame } from '../app/session.ts';
import { LoginForm } from './login-form.tsx';

/** Over the page whose session has ended: what was typed stays, and is stored once the same person is back. */
export default function LoginDialog() {
  const { t } = useTranslation('login');
  const queries = useQueryClient();
  const me = queries.getQueryData(meQuery.queryKey);
  const done = (person: Person) => {
    // Somebody else must not send what this one typed.
    if (me && person.id !== me.id) return location.assign('/');
    personCame(person);
    interruption.get()?.isOver();
  };
  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      title={t('ended')}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          {t('endedText')}
        </Text>
        <LoginForm {...(me ? { email: me.email } : {})} onDone={done} />
        <Button variant="subtle" color="gray" onClick={() => location.assign('/login')}>
          {t('leave')}
        </Button>
      </Stack>
    </Modal>
  );
}
