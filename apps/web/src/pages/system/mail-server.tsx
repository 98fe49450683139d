import type { MailServerAnswer } from '@littlepbx/contract';
import { Button, Checkbox, Group, NativeSelect, PasswordInput, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { Form } from '../../parts/form.tsx';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { Saved } from '../../parts/saved.tsx';
import { TornFields, useSharedForm } from '../../parts/shared-form.tsx';

const SECURITIES = ['starttls', 'tls', 'none'] as const;
/** What the API takes when none is named. */
const USUAL_PORTS = { starttls: '587', tls: '465', none: '25' } as const;
const FIELDS = ['host', 'port', 'security', 'verifyCertificate', 'username', 'fromAddress', 'fromName'] as const;

type Typed = Pick<MailServerAnswer, 'host' | 'security' | 'verifyCertificate' | 'fromAddress' | 'fromName'> & {
  port: string;
  username: string;
  password: string;
};

/** As it is sent; of no server all is null. Nobody sees the password. */
type Seen = { [K in (typeof FIELDS)[number]]: MailServerAnswer[K] | null } & { password?: string };

const NONE: Seen = Object.fromEntries(FIELDS.map((field) => [field, null])) as Record<(typeof FIELDS)[number], null>;

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

const seenOf = (server: MailServerAnswer | null): Seen => {
  if (server === null) return NONE;
  const { hasPassword: _, ...seen } = server;
  return seen;
};

const typedOf = ({ password = '', ...seen }: Seen): Typed => ({
  host: seen.host ?? NEW.host,
  port: seen.port === null ? NEW.port : String(seen.port),
  security: seen.security ?? NEW.security,
  verifyCertificate: seen.verifyCertificate ?? NEW.verifyCertificate,
  username: seen.username ?? NEW.username,
  password,
  fromAddress: seen.fromAddress ?? NEW.fromAddress,
  fromName: seen.fromName ?? NEW.fromName,
});

const sentOf = ({ port, username, password, ...rest }: Typed) => ({
  ...rest,
  host: rest.host.trim(),
  fromAddress: rest.fromAddress.trim(),
  fromName: rest.fromName.trim() || NEW.fromName,
  username: username === '' ? null : username,
  port: Number(port.trim() || USUAL_PORTS[rest.security]),
  ...(password === '' ? {} : { password }),
});

interface MailServerFormProps {
  server: MailServerAnswer | null;
  onChanged(): void;
}

export function MailServerForm({ server, onChanged }: MailServerFormProps) {
  const { t } = useTranslation('system');
  const [typed, setTyped] = useState(() => typedOf(seenOf(server)));
  const form = useSharedForm<Seen>({
    stored: seenOf(server),
    wanted: sentOf(typed),
    async store(_difference, { seen, wanted }) {
      const { password: _, ...expected } = seen;
      return seenOf(await api.setMailServer({ body: { ...sentOf(typedOf(wanted)), expected } }));
    },
    show: (values) => setTyped(typedOf(values)),
    onSaved: onChanged,
  });
  const refused = useRefusal(form.failure);
  const beside = refused.beside(...FIELDS, 'password');
  const set = (change: Partial<Typed>) => setTyped((was) => ({ ...was, ...change }));
  const inWords = (field: string, value: unknown) => {
    if (field === 'security' && value !== null) return t(`mail.securities.${value as Typed['security']}`);
    if (typeof value === 'boolean') return value ? t('yes') : t('no');
    return value === null || value === '' ? t('mail.nothing') : String(value);
  };
  const text = (field: 'host' | 'port' | 'username' | 'fromAddress' | 'fromName') => ({
    label: t(`mail.${field}`),
    value: typed[field],
    error: refused.at(field),
    spellCheck: false,
    onChange: (event: { currentTarget: { value: string } }) => set({ [field]: event.currentTarget.value }),
  });
  // It is given to no other server and no other user than it was meant for.
  const keepsPassword =
    server?.hasPassword && server.host === typed.host.trim() && (server.username ?? '') === typed.username;
  return (
    <Form onSend={form.save} failure={form.error}>
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
        <TornFields of={form} name={(field) => t(`mail.${field as (typeof FIELDS)[number]}`)} inWords={inWords} />
        <Group>
          <Button type="submit" loading={form.isSaving}>
            {t('save')}
          </Button>
          <Saved isSaved={form.isSaved} failure={form.failure} />
        </Group>
      </Stack>
    </Form>
  );
}
