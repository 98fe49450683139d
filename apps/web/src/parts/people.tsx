/** Who may log in to an organization, and who is invited. */

import type { InvitationAnswer, OrganizationUserAnswer, SentInvitationAnswer } from '@littlepbx/contract';
import {
  Alert,
  Badge,
  Button,
  Group,
  Modal,
  NativeSelect,
  Paper,
  Select,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { IconPlus, IconUsers } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, everyPage } from '../app/api.ts';
import { LANGUAGES, type Language, spoken } from '../app/i18n.ts';
import { useMe } from '../app/session.ts';
import { isUnread } from '../app/unread.ts';
import { extensionsQuery } from './extensions.ts';
import { useFailure } from './failure.tsx';
import { Form } from './form.tsx';
import { useWritten } from './moment.ts';
import { Once } from './once.tsx';
import { useQuestion } from './question.tsx';
import { useRefusal } from './refusal.ts';
import { RefusalAlert } from './refusal-alert.tsx';
import { Empty, Failed, ListSkeleton } from './states.tsx';

type Role = OrganizationUserAnswer['role'];
const ROLES: Role[] = ['admin', 'viewer', 'user'];

export function People({ org, canChange }: { org: string; canChange: boolean }) {
  const { t } = useTranslation('people');
  const queries = useQueryClient();
  const users = useQuery({
    queryKey: ['people', org, 'users'],
    queryFn: () => everyPage((query) => api.listOrganizationUsers({ params: { org }, query })),
  });
  const invitations = useQuery({
    queryKey: ['people', org, 'invitations'],
    queryFn: () => everyPage((query) => api.listInvitations({ params: { org }, query })),
  });
  const [isInviting, setInviting] = useState(false);
  const [sent, setSent] = useState<SentInvitationAnswer | null>(null);
  const read = () => void queries.invalidateQueries({ queryKey: ['people', org] });
  const onSent = (invitation: SentInvitationAnswer) => {
    setInviting(false);
    setSent(invitation);
    read();
  };
  const row = { org, canChange, onChanged: read };
  const failure = [users, invitations].find(isUnread)?.error;
  const add = canChange && (
    <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setInviting(true)}>
      {t('invite.button')}
    </Button>
  );
  return (
    <Stack maw={900}>
      <Group justify="space-between" align="flex-start">
        <Text c="dimmed" size="sm" flex="1 1 300px">
          {t('about')}
        </Text>
        {add}
      </Group>
      {sent?.isMailed && (
        <Alert color="teal" withCloseButton onClose={() => setSent(null)} closeButtonLabel={t('close')} role="status">
          {t('invite.mailed', { email: sent.email })}
        </Alert>
      )}
      {users.isPending && <ListSkeleton rows={3} height={64} />}
      {failure && (
        <Failed
          error={failure}
          retry={() => {
            void users.refetch();
            void invitations.refetch();
          }}
        />
      )}
      {users.data?.length === 0 && <Empty icon={IconUsers} title={t('empty')} />}
      <Stack gap="xs" role="list">
        {users.data?.map((user) => (
          <UserRow key={user.id} user={user} {...row} />
        ))}
      </Stack>
      {(invitations.data?.length ?? 0) > 0 && (
        <>
          <Title order={2} size="h4">
            {t('invited')}
          </Title>
          <Stack gap="xs" role="list">
            {invitations.data?.map((invitation) => (
              <InvitationRow key={invitation.id} invitation={invitation} onSent={onSent} {...row} />
            ))}
          </Stack>
        </>
      )}
      <Modal
        opened={isInviting}
        onClose={() => setInviting(false)}
        closeOnClickOutside={false}
        title={t('invite.title')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <InviteForm org={org} onSent={onSent} onClose={() => setInviting(false)} />
      </Modal>
      <Once
        title={t('invite.linkTitle', { email: sent?.email ?? '' })}
        label={t('invite.link')}
        text={t('invite.linkText')}
        secret={sent?.link ?? null}
        onClose={() => setSent(null)}
      />
    </Stack>
  );
}

interface RowProps {
  org: string;
  canChange: boolean;
  onChanged(): void;
}

function UserRow({ user, org, canChange, onChanged }: RowProps & { user: OrganizationUserAnswer }) {
  const { t } = useTranslation('people');
  const me = useMe();
  const ask = useQuestion();
  const failed = useFailure();
  const params = { org, user: user.id };
  const [isBinding, setBinding] = useState(false);
  const change = useMutation({
    mutationFn: (body: { role: Role; extension?: string }) => api.changeRole({ params, body }),
    onSuccess: () => {
      setBinding(false);
      onChanged();
    },
    onError: failed,
  });
  const remove = useMutation({ mutationFn: () => api.removeUser({ params }), onSuccess: onChanged, onError: failed });
  const question = () =>
    ask({
      title: t('remove.title', { name: user.name }),
      text: t('remove.text'),
      action: t('remove.button'),
      onYes: remove.mutate,
    });
  return (
    <Paper p="sm" role="listitem">
      <Group justify="space-between" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Text fw={600}>{user.name}</Text>
            {user.id === me.id && (
              <Badge size="sm" variant="outline">
                {t('you')}
              </Badge>
            )}
            {user.isSuspended && (
              <Badge size="sm" variant="dot" color="red">
                {t('suspended')}
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {user.email} · {user.hasTwoFactor ? t('twoFactor') : t('noTwoFactor')}
          </Text>
        </div>
        <Group gap="xs">
          {canChange ? (
            <NativeSelect
              size="xs"
              aria-label={t('roleOf', { name: user.name })}
              value={change.isPending ? change.variables.role : user.role}
              data={ROLES.map((value) => ({ value, label: t(`roles.${value}.name`) }))}
              onChange={(event) => {
                const role = event.currentTarget.value as Role;
                if (role === 'user') setBinding(true);
                else change.mutate({ role });
              }}
            />
          ) : (
            <Text size="sm">{t(`roles.${user.role}.name`)}</Text>
          )}
          {user.role === 'user' &&
            (canChange ? (
              <Button variant="default" size="xs" onClick={() => setBinding(true)}>
                {user.extension ?? t('extensionGone')}
              </Button>
            ) : (
              <Text size="sm">{user.extension ?? t('extensionGone')}</Text>
            ))}
          {canChange && (
            <Button variant="light" color="red" size="xs" loading={remove.isPending} onClick={question}>
              {t('remove.button')}
            </Button>
          )}
        </Group>
      </Group>
      <Modal
        opened={isBinding}
        onClose={() => setBinding(false)}
        title={t('binding.title', { name: user.name })}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <Binding
          org={org}
          extension={user.extension}
          isPending={change.isPending}
          onChosen={(extension) => change.mutate({ role: 'user', extension })}
        />
      </Modal>
    </Paper>
  );
}

interface BindingProps {
  org: string;
  extension: string | null;
  isPending: boolean;
  onChosen(extension: string): void;
}

/** Which extension is somebody's own. */
function Binding({ org, extension, isPending, onChosen }: BindingProps) {
  const { t } = useTranslation('people');
  const [chosen, choose] = useState(extension);
  return (
    <Stack>
      <Text size="sm">{t('roles.user.text')}</Text>
      <OwnExtension org={org} value={chosen} onChange={choose} error={undefined} />
      <Group justify="flex-end">
        <Button disabled={chosen === null} loading={isPending} onClick={() => chosen !== null && onChosen(chosen)}>
          {t('binding.do')}
        </Button>
      </Group>
    </Stack>
  );
}

interface OwnExtensionProps {
  org: string;
  value: string | null;
  error: string | undefined;
  onChange(number: string | null): void;
}

function OwnExtension({ org, value, error, onChange }: OwnExtensionProps) {
  const { t } = useTranslation('people');
  const { data: extensions = [] } = useQuery(extensionsQuery(org));
  return (
    <Select
      label={t('extension')}
      placeholder={t('extensionChoose')}
      searchable
      limit={50}
      nothingFoundMessage={t('extensionNone')}
      allowDeselect={false}
      value={value}
      error={error}
      data={extensions.map(({ number, name }) => ({ value: number, label: `${number} ${name}` }))}
      onChange={onChange}
    />
  );
}

interface InvitationRowProps extends RowProps {
  invitation: InvitationAnswer;
  onSent(invitation: SentInvitationAnswer): void;
}

function InvitationRow({ invitation, org, canChange, onChanged, onSent }: InvitationRowProps) {
  const { t } = useTranslation('people');
  const { ago } = useWritten();
  const failed = useFailure();
  const params = { org, invitation: invitation.id };
  const again = useMutation({
    mutationFn: () => api.resendInvitation({ params }),
    onSuccess: onSent,
    onError: failed,
  });
  const revoke = useMutation({
    mutationFn: () => api.revokeInvitation({ params }),
    onSuccess: onChanged,
    onError: failed,
  });
  const isOver = invitation.expiresAt < Date.now();
  return (
    <Paper p="sm" role="listitem">
      <Group justify="space-between" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            {invitation.email}
          </Text>
          <Text size="sm" c="dimmed">
            {t(`roles.${invitation.role}.name`)} · {t('by', { name: invitation.invitedBy ?? 'API' })} ·{' '}
            {isOver ? t('expired') : t('expires', { ago: ago(invitation.expiresAt) })}
          </Text>
        </div>
        {canChange && (
          <Group gap="xs">
            <Button variant="default" size="xs" loading={again.isPending} onClick={() => again.mutate()}>
              {t('again')}
            </Button>
            <Button variant="light" color="red" size="xs" loading={revoke.isPending} onClick={() => revoke.mutate()}>
              {t('takeBack')}
            </Button>
          </Group>
        )}
      </Group>
    </Paper>
  );
}

interface InviteFormProps {
  org: string;
  onSent(invitation: SentInvitationAnswer): void;
  onClose(): void;
}

function InviteForm({ org, onSent, onClose }: InviteFormProps) {
  const { t } = useTranslation('people');
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [extension, setExtension] = useState<string | null>(null);
  const [language, setLanguage] = useState<Language>(spoken());
  const of = role === 'user' && extension !== null ? { extension } : {};
  const invite = useMutation({
    mutationFn: () => api.invite({ params: { org }, body: { email: email.trim(), role, language, ...of } }),
    onSuccess: onSent,
  });
  const refused = useRefusal(invite.error);
  const beside = refused.beside('email', 'role', 'extension', 'language');
  return (
    <Form onSend={() => invite.mutate()} failure={invite.error}>
      <Stack>
        <RefusalAlert text={beside} />
        <TextInput
          type="email"
          label={t('invite.email')}
          required
          value={email}
          error={refused.at('email')}
          onChange={(event) => setEmail(event.currentTarget.value)}
          data-autofocus
        />
        <NativeSelect
          label={t('invite.role')}
          description={t(`roles.${role}.text`)}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={role}
          error={refused.at('role')}
          data={ROLES.map((value) => ({ value, label: t(`roles.${value}.name`) }))}
          onChange={(event) => setRole(event.currentTarget.value as Role)}
        />
        {role === 'user' && (
          <OwnExtension org={org} value={extension} onChange={setExtension} error={refused.at('extension')} />
        )}
        <NativeSelect
          label={t('invite.language')}
          value={language}
          data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
          onChange={(event) => setLanguage(event.currentTarget.value as Language)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('invite.cancel')}
          </Button>
          <Button type="submit" loading={invite.isPending}>
            {t('invite.send')}
          </Button>
        </Group>
      </Stack>
    </Form>
  );
}
