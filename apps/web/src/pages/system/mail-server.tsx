import type { MailServerAnswer } from '@littlepbx/contract';
import { Button, Checkbox, Group, NativeSelect, PasswordInput, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { Saved } from '../../parts/saved.tsx';

const SECURITIES = ['starttls', 'tls', 'none'] as const;
/** What the API takes when none is named. */
const USUAL_PORTS = { starttls: '587', tls: '465', none: '25' } as const;
const FIELDS = ['host', 'port', 'security', 'verifyCertificate', 'username', 'password', 'fromAddress', 'fromName'];

type Typed = Pick<MailServerAnswer, 'host' | 'security' | 'verifyCertificate' | 'fromAddress' | 'fromName'> & {
  port: string;
  username: string;
  password: string;
};

const NEW: Typed = {
  host: '',
  port: '',
  security: 'starttls',
  verifyCertificate: true,
  username: '',
  password: '',
  fromAddress: '',
  fromName: 'LittlePBX',
};

const typedOf = (server: MailServerAnswer | null): Typed =>
  server === null ? NEW : { ...server, port: String(server.port), username: server.username ?? '', password: '' };

interface MailServerFormProps {
  server: MailServerAnswer | null;
  onChanged(): void;
}

export function MailServerForm({ server, onChanged }: MailServerFormProps) {
  const { t } = useTranslation('system');
  const [typed, setTyped] = useState(() => typedOf(server));
  const save = useMutation({
    mutationFn: () => {
      const { port, username, password, fromName, ...rest } = typed;
      return api.setMailServer({
        body: {
          ...rest,
          host: typed.host.trim(),
          fromAddress: typed.fromAddress.trim(),
          username: username === '' ? null : username,
          ...(port.trim() === '' ? {} : { port: Number(port) }),
          ...(password === '' ? {} : { password }),
          ...(fromName.trim() === '' ? {} : { fromName }),
        },
      });
    },
    onSuccess: (saved) => {
      setTyped(typedOf(saved));
      onChanged();
    },
  });
  const refused = useRefusal(save.error);
  const beside = refused.beside(...FIELDS);
  const set = (change: Partial<Typed>) => {
    if (save.isSuccess) save.reset();
    setTyped((was) => ({ ...was, ...change }));
  };
  const text = (field: 'host' | 'port' | 'username' | 'fromAddress' | 'fromName') => ({
    label: t(`mail.${field}`),
    value: typed[field],
    error: refused.at(field),
    spellCheck: false,
    onChange: (event: { currentTarget: { value: string } }) => set({ [field]: event.currentTarget.value }),
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  // It is given to no other server and no other user than it was meant for.
  const keepsPassword =
    server?.hasPassword && server.host === typed.host.trim() && (server.username ?? '') === typed.username;
  return (
    <form onSubmit={send} noValidate>
      <Stack maw={760} gap="sm">
        <RefusalAlert text={beside} />
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <TextInput {...text('host')} placeholder="smtp.example.com" required />
          <NativeSelect
            label={t('mail.security')}
            value={typed.security}
            error={refused.at('security')}
            data={SECURITIES.map((value) => ({ value, label: t(`mail.securities.${value}`) }))}
            onChange={(event) => {
              const security = event.currentTarget.value as Typed['security'];
              // A port that was only the usual one of what was chosen before goes with it.
              set({ security, ...(typed.port === USUAL_PORTS[typed.security] ? { port: '' } : {}) });
            }}
          />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <TextInput {...text('port')} inputMode="numeric" placeholder={USUAL_PORTS[typed.security]} />
          {typed.security !== 'none' && (
            <Checkbox
              mt={{ base: 0, xs: 32 }}
              label={t('mail.verifyCertificate')}
              checked={typed.verifyCertificate}
              error={refused.at('verifyCertificate')}
              onChange={(event) => set({ verifyCertificate: event.currentTarget.checked })}
            />
          )}
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <TextInput {...text('username')} description={t('mail.usernameText')} autoComplete="off" />
          <PasswordInput
            label={t('mail.password')}
            description={keepsPassword ? t('mail.passwordKept') : t('mail.passwordText')}
            value={typed.password}
            error={refused.at('password')}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': t('mail.showPassword') }}
            onChange={(event) => set({ password: event.currentTarget.value })}
          />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <TextInput
            {...text('fromAddress')}
            description={t('mail.fromAddressText')}
            type="email"
            placeholder="pbx@example.com"
            required
          />
          <TextInput {...text('fromName')} description={t('mail.fromNameText')} />
        </SimpleGrid>
        <Group>
          <Button type="submit" loading={save.isPending}>
            {t('save')}
          </Button>
          <Saved isSaved={save.isSuccess} />
        </Group>
      </Stack>
    </form>
  );
}
