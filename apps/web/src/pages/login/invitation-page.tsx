import { Alert, Anchor, Button, Loader, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, problemOf } from '../../app/api.ts';
import { spoken } from '../../app/i18n.ts';
import { homeOf, meQuery, type Person, personCame } from '../../app/session.ts';
import { tellTabs } from '../../app/tabs.ts';
import { useFailureText } from '../../parts/failure.tsx';
import { LoginForm } from '../../parts/login-form.tsx';
import { NewPassword } from '../../parts/new-password.tsx';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { DoorPage } from './door-page.tsx';
import { isLinkVoid, useLinkToken } from './link-token.ts';

/** Opened by the link of an invitation: who is new sets name and password, who has a login accepts with it. */
export default function InvitationPage() {
  const token = useLinkToken() ?? '';
  return <Invitation key={token} token={token} />;
}

function Invitation({ token }: { token: string }) {
  const { t } = useTranslation('doors');
  const textOf = useFailureText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [hasLogin, setHasLogin] = useState(false);
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => api.lookAtInvitation({ body: { token } }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const me = useQuery(meQuery);
  const accept = useMutation({
    mutationFn: (wish: { name?: string; password?: string }) =>
      api.acceptInvitation({ body: { token, ...wish, language: spoken() } }),
    onSuccess: async (person) => {
      // Who was logged in before has one membership more.
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'invitation' && queryKey[0] !== 'me' });
      personCame(person);
      await navigate({ to: homeOf(person), replace: true });
    },
  });
  const leave = useMutation({
    mutationFn: () => api.logOut(),
    onSuccess: () => {
      tellTabs(null);
      queries.setQueryData(meQuery.queryKey, null);
    },
  });
  const loggedIn = (person: Person) => {
    personCame(person);
    accept.mutate({});
  };

  const { data } = invitation;
  // The server says so; else it is the person who does.
  const isLoginThere = problemOf(accept.error)?.id === 'login-needed';
  const person = me.data ?? null;
  const isVoid = isLinkVoid(invitation.error) || isLinkVoid(accept.error) || token === '';
  return (
    <DoorPage title={t('invitationTitle')}>
      {(invitation.isPending || me.isPending) && !isVoid && <Loader size="sm" />}
      <RefusalAlert text={isVoid ? `${t('linkVoid')} ${t('askInviter')}` : null} />
      <RefusalAlert text={invitation.isError && !isVoid ? textOf(invitation.error) : null} />
      {data && !me.isPending && !isVoid && (
        <>
          <Text>
            {data.invitedBy === null
              ? t('invitedPlainly', { company: data.companyName })
              : t('invited', { by: data.invitedBy, company: data.companyName })}
          </Text>
          {person !== null && person.email === data.email && (
            <Button loading={accept.isPending} onClick={() => accept.mutate({})}>
              {t('accept')}
            </Button>
          )}
          {person !== null && person.email !== data.email && (
            <>
              <Alert color="yellow">{t('otherPerson', { email: person.email, invited: data.email })}</Alert>
              <Button variant="default" loading={leave.isPending} onClick={() => leave.mutate()}>
                {t('leave')}
              </Button>
            </>
          )}
          {person === null && (hasLogin || isLoginThere) && (
            <>
              <Alert>{isLoginThere ? t('logInFirst') : t('logIn')}</Alert>
              <LoginForm email={data.email} onDone={loggedIn} />
              {!isLoginThere && (
                <Anchor size="sm" ta="center" component="button" type="button" onClick={() => setHasLogin(false)}>
                  {t('hasNoLogin')}
                </Anchor>
              )}
            </>
          )}
          {person === null && !hasLogin && !isLoginThere && (
            <>
              <NewcomerForm
                email={data.email}
                isPending={accept.isPending}
                error={accept.error}
                onSend={(wish) => accept.mutate(wish)}
              />
              <Anchor size="sm" ta="center" component="button" type="button" onClick={() => setHasLogin(true)}>
                {t('hasLogin')}
              </Anchor>
            </>
          )}
        </>
      )}
    </DoorPage>
  );
}

interface NewcomerFormProps {
  email: string;
  isPending: boolean;
  error: Error | null;
  onSend(wish: { name: string; password: string }): void;
}

function NewcomerForm({ email, isPending, error, onSend }: NewcomerFormProps) {
  const { t } = useTranslation('doors');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const refused = useRefusal(error);
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSend({ name: name.trim(), password });
  };
  return (
    <form onSubmit={send}>
      <Stack>
        <RefusalAlert text={refused.beside('name', 'password')} />
        <TextInput label={t('email')} name="email" autoComplete="username" readOnly value={email} />
        <TextInput
          label={t('name')}
          name="name"
          autoComplete="name"
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={refused.at('name')}
        />
        <NewPassword label={t('password')} value={password} onChange={setPassword} error={refused.at('password')} />
        <Button type="submit" loading={isPending}>
          {t('accept')}
        </Button>
      </Stack>
    </form>
  );
}
