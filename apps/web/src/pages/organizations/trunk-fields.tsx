import type { TrunkAnswer } from '@littlepbx/contract';
import {
  Checkbox,
  Fieldset,
  Group,
  NativeSelect,
  PasswordInput,
  SimpleGrid,
  Stack,
  Switch,
  TextInput,
} from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Refused } from '../../parts/refusal.ts';

/** A trunk as it is typed: texts, and what is empty is none. */
export interface TypedTrunk {
  name: string;
  isInbound: boolean;
  isOutbound: boolean;
  host: string;
  port: string;
  transport: TrunkAnswer['transport'];
  register: boolean;
  username: string;
  password: string;
  authUsername: string;
  outboundProxy: string;
  fromUser: string;
  fromDomain: string;
  verifyCertificate: boolean;
  codecs: string;
  addresses: string;
}

export const NEW_TRUNK: TypedTrunk = {
  name: '',
  isInbound: true,
  isOutbound: true,
  host: '',
  port: '',
  transport: 'udp',
  register: true,
  username: '',
  password: '',
  authUsername: '',
  outboundProxy: '',
  fromUser: '',
  fromDomain: '',
  verifyCertificate: true,
  codecs: 'alaw, ulaw',
  addresses: '',
};

export const typedTrunk = (trunk: TrunkAnswer): TypedTrunk => ({ ...NEW_TRUNK, ...shownTrunk(seenTrunk(trunk)) });

/** A trunk that is there, in the shape in which a changed one is sent. Nobody sees its password. */
export function seenTrunk(trunk: TrunkAnswer): Partial<SentTrunk> {
  const { id: _, hasPassword: __, registration: ___, certificateAuthority: ____, ...seen } = trunk;
  return seen;
}

/** Values as they are typed. */
export function shownTrunk({
  password: _,
  port,
  codecs,
  addresses,
  ...values
}: Partial<SentTrunk>): Partial<TypedTrunk> {
  const texts = Object.entries(values).map(([name, value]) => [name, value ?? '']);
  return {
    ...Object.fromEntries(texts),
    ...(port === undefined ? {} : { port: port === null ? '' : String(port) }),
    ...(codecs === undefined ? {} : { codecs: codecs.join(', ') }),
    ...(addresses === undefined ? {} : { addresses: addresses.join('\n') }),
  };
}

export type SentTrunk = ReturnType<typeof sentTrunk>;

const list = (text: string) => text.split(/[\s,;]+/).filter((part) => part !== '');
const orNull = (text: string) => (text.trim() === '' ? null : text.trim());

/** What is sent. An empty password stays out: that of a trunk that is there is kept. */
export function sentTrunk(typed: TypedTrunk) {
  const { name, isInbound, isOutbound, host, transport, register, verifyCertificate, password, port, addresses } =
    typed;
  const named = list(addresses);
  return {
    name: name.trim() === '' ? host.trim() : name,
    isInbound,
    isOutbound,
    host: host.trim(),
    port: port.trim() === '' ? null : Number(port),
    transport,
    register,
    verifyCertificate,
    username: orNull(typed.username),
    authUsername: orNull(typed.authUsername),
    outboundProxy: orNull(typed.outboundProxy),
    fromUser: orNull(typed.fromUser),
    fromDomain: orNull(typed.fromDomain),
    codecs: list(typed.codecs.toLowerCase()) as TrunkAnswer['codecs'],
    ...(named.length > 0 || isAddress(host) === false ? { addresses: named } : {}),
    ...(password === '' ? {} : { password }),
  };
}

/** A carrier that is named by its address calls from there unless told otherwise. */
const isAddress = (host: string) => /^[0-9.]+$|:/.test(host.trim());

interface TrunkFieldsProps {
  typed: TypedTrunk;
  onChange(change: Partial<TypedTrunk>): void;
  refused: Refused;
  /** Where the trunk stands in what is sent: `trunk.`. */
  prefix?: string;
  hasPassword?: boolean;
}

export function TrunkFields({ typed, onChange, refused, prefix = '', hasPassword = false }: TrunkFieldsProps) {
  const { t } = useTranslation('organizations');
  const at = (field: string) => refused.at(prefix + field);
  const text = (field: keyof TypedTrunk & ('host' | 'name' | 'port' | 'username' | 'addresses' | 'codecs')) => ({
    label: t(`trunk.${field}`),
    value: typed[field],
    error: at(field),
    onChange: (event: { currentTarget: { value: string } }) => onChange({ [field]: event.currentTarget.value }),
  });
  const rare = (field: 'authUsername' | 'outboundProxy' | 'fromUser' | 'fromDomain') => ({
    label: t(`trunk.${field}`),
    value: typed[field],
    error: at(field),
    onChange: (event: { currentTarget: { value: string } }) => onChange({ [field]: event.currentTarget.value }),
  });
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextInput {...text('host')} description={t('trunk.hostText')} required spellCheck={false} />
        <TextInput {...text('name')} description={t('trunk.nameText')} />
      </SimpleGrid>
      <Switch
        label={t('trunk.register')}
        description={t('trunk.registerText')}
        checked={typed.register}
        onChange={(event) => onChange({ register: event.currentTarget.checked })}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextInput {...text('username')} autoComplete="off" spellCheck={false} />
        <PasswordInput
          label={t('trunk.password')}
          {...(hasPassword ? { placeholder: t('trunk.passwordKept') } : {})}
          value={typed.password}
          error={at('password')}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': t('trunk.showPassword') }}
          onChange={(event) => onChange({ password: event.currentTarget.value })}
        />
      </SimpleGrid>
      <TextInput {...text('addresses')} description={t('trunk.addressesText')} spellCheck={false} />
      <Checkbox.Group
        label={t('trunk.direction')}
        error={at('isInbound') ?? at('isOutbound')}
        value={[...(typed.isInbound ? ['in'] : []), ...(typed.isOutbound ? ['out'] : [])]}
        onChange={(value) => onChange({ isInbound: value.includes('in'), isOutbound: value.includes('out') })}
      >
        <Group mt={6}>
          <Checkbox value="in" label={t('trunk.isInbound')} />
          <Checkbox value="out" label={t('trunk.isOutbound')} />
        </Group>
      </Checkbox.Group>
      <Fieldset legend={t('trunk.more')} radius="md">
        <Stack gap="sm">
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            <NativeSelect
              label={t('trunk.transport')}
              value={typed.transport}
              data={[
                { value: 'udp', label: 'UDP' },
                { value: 'tcp', label: 'TCP' },
                { value: 'tls', label: t('trunk.tls') },
              ]}
              onChange={(event) => onChange({ transport: event.currentTarget.value as TypedTrunk['transport'] })}
            />
            <TextInput
              {...text('port')}
              inputMode="numeric"
              placeholder={typed.transport === 'tls' ? '5061' : '5060'}
            />
          </SimpleGrid>
          {typed.transport === 'tls' && (
            <Checkbox
              label={t('trunk.verifyCertificate')}
              checked={typed.verifyCertificate}
              onChange={(event) => onChange({ verifyCertificate: event.currentTarget.checked })}
            />
          )}
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            <TextInput {...rare('authUsername')} />
            <TextInput {...rare('outboundProxy')} />
          </SimpleGrid>
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            <TextInput {...rare('fromUser')} />
            <TextInput {...rare('fromDomain')} />
          </SimpleGrid>
          <TextInput {...text('codecs')} description="opus, g722, alaw, ulaw" />
        </Stack>
      </Fieldset>
    </Stack>
  );
}
