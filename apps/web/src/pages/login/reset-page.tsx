import { Alert, Anchor, Button, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { NewPassword } from '../../parts/new-password.tsx';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { DoorPage } from './door-page.tsx';
import { isLinkVoid, useLinkToken } from './link-token.ts';

/** Asks for the link; or, opened by the link, for the new password. */
export default function ResetPage() {
  const { t } = useTranslation('doors');
  const token = useLinkToken();
  /** The link that another one is asked for instead of. */
  const [isVoid, setVoid] = useState<string | null>(null);
  return (
    <DoorPage title={t('resetTitle')}>
      {token === null || token === isVoid ? (
        <AskForm />
      ) : (
        <PasswordForm key={token} token={token} onVoid={() => setVoid(token)} />
      )}
      <Anchor size="sm" ta="center" renderRoot={(props) => <Link to="/login" {...props} />}>
        {t('toLogin')}
      </Anchor>
    </DoorPage>
  );
}

function AskForm() {
  const { t } = useTranslation('doors');
  const [email, setEmail] = useState('');
  const ask = useMutation({ mutationFn: () => api.requestPasswordReset({ body: { email: email.trim() } }) });
  const refused = useRefusal(ask.error);
  const send = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate();
  };
  if (ask.isSuccess) {
    return (
      <Alert color="green" role="status">
        {t('sent')}
      </Alert>
    );
  }
  return (
    <form onSubmit={send}>
      <Stack>
        <Text size="sm">{t('resetText')}</Text>
        <RefusalAlert text={refused.beside('email')} />
        <TextInput
          label={t('email')}
          type="email"
          name="email"
          autoComplete="username"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={refused.at('email')}
        />
        <Button type="submit" loading={ask.isPending}>
          {t('send')}
        </Button>
      </Stack>
    </form>
  );
}

function PasswordForm({ token, onVoid }: { token: string; onVoid(): void }) {
  const { t } = useTranslation('doors');
  const [password, setPassword] = useState('');
  const save = useMutation({ mutationFn: () => api.confirmPasswordReset({ body: { token, password } }) });
  const refused = useRefusal(save.error);
  const send = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  if (save.isSuccess) {
    return (
      <Alert color="green" role="status">
        {t('saved')}
      </Alert>
    );
  }
  if (isLinkVoid(save.error)) {
    return (
      <>
        <RefusalAlert text={t('linkVoid')} />
        <Button variant="default" onClick={onVoid}>
          {t('askAgain')}
        </Button>
      </>
    );
  }
  return (
    <form onSubmit={send}>
      <Stack>
        <RefusalAlert text={refused.beside('password')} />
        <NewPassword label={t('newPassword')} value={password} onChange={setPassword} error={refused.at('password')} />
        <Button type="submit" loading={save.isPending}>
          {t('save')}
        </Button>
      </Stack>
    </form>
  );
}
