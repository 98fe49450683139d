import { Anchor, Button, Checkbox, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, problemOf } from '../app/api.ts';
import type { Person } from '../app/session.ts';
import { useFailureText } from './failure.tsx';
import { RefusalAlert } from './refusal-alert.tsx';

interface LoginFormProps {
  /** Who it must be; left out: anybody. */
  email?: string;
  onDone(person: Person): void;
}

/** Address and password, then the code of whoever has one. */
export function LoginForm({ email: fixed, onDone }: LoginFormProps) {
  const [isCodeNeeded, needCode] = useState(false);
  const done = ({ isCodeNeeded, person }: { isCodeNeeded: boolean; person: Person | null }) => {
    if (person !== null) onDone(person);
    else needCode(isCodeNeeded);
  };
  return isCodeNeeded ? (
    <CodeForm onDone={done} onAgain={() => needCode(false)} />
  ) : (
    <PasswordForm {...(fixed === undefined ? {} : { email: fixed })} onDone={done} />
  );
}

type Done = (answer: { isCodeNeeded: boolean; person: Person | null }) => void;

function PasswordForm({ email: fixed, onDone }: { email?: string; onDone: Done }) {
  const { t } = useTranslation('login');
  const textOf = useFailureText();
  const [email, setEmail] = useState(fixed ?? '');
  const [password, setPassword] = useState('');
  const [isRemembered, setRemembered] = useState(true);
  const logIn = useMutation({
    mutationFn: () => api.logIn({ body: { email: email.trim(), password, isRemembered } }),
    onSuccess: onDone,
  });
  const said = problemOf(logIn.error)?.id === 'invalid' ? t('invalid') : textOf(logIn.error);
  const first = useRef<HTMLInputElement>(null);
  // A page of its own: there is nothing before it that a screen reader would miss.
  useEffect(() => {
    if (document.activeElement === document.body) first.current?.focus();
  }, []);
  const refusal = logIn.isError ? said : null;
  const send = (event: FormEvent) => {
    event.preventDefault();
    logIn.mutate();
  };
  return (
    <form onSubmit={send}>
      <Stack>
        <RefusalAlert text={refusal} />
        <TextInput
          ref={first}
          label={t('email')}
          type="email"
          name="email"
          autoComplete="username"
          required
          withAsterisk={false}
          readOnly={fixed !== undefined}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          data-autofocus={fixed === undefined || undefined}
        />
        <PasswordInput
          label={t('password')}
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
          data-autofocus={fixed !== undefined || undefined}
        />
        <Checkbox
          label={t('remember')}
          checked={isRemembered}
          onChange={(event) => setRemembered(event.currentTarget.checked)}
        />
        <Button type="submit" loading={logIn.isPending}>
          {t('logIn')}
        </Button>
        {fixed === undefined && (
          <Anchor size="sm" ta="center" renderRoot={(props) => <Link to="/reset-password" {...props} />}>
            {t('forgotten')}
          </Anchor>
        )}
      </Stack>
    </form>
  );
}

function CodeForm({ onDone, onAgain }: { onDone: Done; onAgain: () => void }) {
  const { t } = useTranslation('login');
  const textOf = useFailureText();
  const [code, setCode] = useState('');
  const sendCode = useMutation({
    mutationFn: () => api.sendLoginCode({ body: { code } }),
    onSuccess: onDone,
    onError: (error) => {
      if (problemOf(error)?.id === 'login-expired') onAgain();
    },
  });
  // What cannot be a code at all is a wrong one.
  const isWrong = ['login-failed', 'invalid'].includes(problemOf(sendCode.error)?.id ?? '');
  const said = isWrong ? t('wrongCode') : textOf(sendCode.error);
  const refusal = sendCode.isError ? said : null;
  const send = (event: FormEvent) => {
    event.preventDefault();
    sendCode.mutate();
  };
  return (
    <form onSubmit={send}>
      <Stack>
        <RefusalAlert text={refusal} />
        <Text size="sm">{t('codeText')}</Text>
        <TextInput
          label={t('code')}
          name="code"
          autoComplete="one-time-code"
          inputMode="text"
          required
          withAsterisk={false}
          // The field before it is gone, and whoever logs in goes on typing.
          ref={(field) => field?.focus()}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <Button type="submit" loading={sendCode.isPending}>
          {t('goOn')}
        </Button>
        <Button variant="subtle" onClick={onAgain}>
          {t('again')}
        </Button>
      </Stack>
    </form>
  );
}
