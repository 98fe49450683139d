import type { AlertAnswer, AlertSettingsAnswer } from '@littlepbx/contract';
import {
  Button,
  Checkbox,
  Fieldset,
  Group,
  NativeSelect,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { LANGUAGES, type Language } from '../../app/i18n.ts';
import { isUnread } from '../../app/unread.ts';
import { Form } from '../../parts/form.tsx';
import { NumberField } from '../../parts/number-field.tsx';
import { Once } from '../../parts/once.tsx';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { Saved } from '../../parts/saved.tsx';
import { TornFields, useSharedForm } from '../../parts/shared-form.tsx';
import { Failed, ListSkeleton } from '../../parts/states.tsx';
import { AlertTest } from './alert-test.tsx';
import { Alerts } from './alerts.tsx';
import { alertSettingsQuery } from './data.ts';
import { Section } from './section.tsx';

type Kind = AlertAnswer['kind'];
type Threshold = keyof AlertSettingsAnswer['thresholds'];

const THRESHOLDS: Threshold[] = [
  'diskFreePercent',
  'certificateInDays',
  'backupInDays',
  'storageUsedPercent',
  'registrationsDropPercent',
  'failedCallsPercent',
  'spendLimitPercent',
  'eventLoopLag',
];

/** In the order in which they weigh. */
const KINDS: Kind[] = [
  'engine-down',
  'database-down',
  'disk-low',
  'journal-stuck',
  'registrations-dropped',
  'calls-failing',
  'brain-restarted',
  'event-loop-late',
  'trunk-unregistered',
  'mail-failing',
  'backup-old',
  'certificate-expiring',
  'storage-low',
  'storage-full',
  'spend-limit-near',
  'spend-limit-reached',
  'device-suspended',
  'extension-suspended',
];

const NAMES = {
  mailTo: 'alerting.mailTo',
  language: 'alerting.language',
  webhookUrl: 'alerting.webhookUrl',
  isPrivateAllowed: 'alerting.isPrivateAllowed',
  muted: 'alerting.what',
} as const;

type Typed = Omit<AlertSettingsAnswer, 'mailTo' | 'webhookUrl'> & { mailTo: string; webhookUrl: string };

const typedOf = (settings: AlertSettingsAnswer): Typed => ({
  ...settings,
  mailTo: settings.mailTo.join('\n'),
  webhookUrl: settings.webhookUrl ?? '',
});

const sentOf = (typed: Typed): AlertSettingsAnswer => ({
  ...typed,
  mailTo: typed.mailTo.split(/[\s,;]+/).filter((address) => address !== ''),
  webhookUrl: typed.webhookUrl.trim() === '' ? null : typed.webhookUrl.trim(),
});

/** What went wrong, and who is told of it from when on. */
export function AlertsPart() {
  const { t } = useTranslation('system');
  const settings = useQuery(alertSettingsQuery);
  return (
    <Stack gap="xl">
      {settings.isPending && <ListSkeleton rows={4} height={60} />}
      {isUnread(settings) && <Failed error={settings.error} retry={() => void settings.refetch()} />}
      {settings.data && <Settings settings={settings.data} />}
      <Section title={t('alerts.latest')}>
        <Alerts which="all" />
      </Section>
    </Stack>
  );
}

function Settings({ settings }: { settings: AlertSettingsAnswer }) {
  const { t } = useTranslation('system');
  const queries = useQueryClient();
  const [typed, setTyped] = useState(() => typedOf(settings));
  const [secret, setSecret] = useState<string | null>(null);
  // What another operator changed meanwhile stays, where this one has not touched it.
  const form = useSharedForm<AlertSettingsAnswer>({
    stored: settings,
    wanted: sentOf(typed),
    async store({ change, expected }) {
      const { webhookSecret, ...saved } = await api.updateAlertSettings({ body: { ...change, expected } });
      queries.setQueryData(alertSettingsQuery.queryKey, saved);
      setSecret(webhookSecret);
      return saved;
    },
    show: (saved) => setTyped(typedOf(saved)),
  });
  const refused = useRefusal(form.failure);
  const beside = refused.beside('mailTo', 'language', 'webhookUrl', 'isPrivateAllowed', 'muted', 'thresholds');
  const nameOf = (field: string) => {
    const [group, member] = field.split('.');
    return member === undefined
      ? t(NAMES[group as keyof typeof NAMES])
      : t(`alerting.thresholds.${member as Threshold}`);
  };
  const inWords = (field: string, value: unknown) => {
    const [, threshold] = field.split('.');
    if (threshold !== undefined) return `${value}${t(`alerting.units.${threshold as Threshold}`)}`;
    if (field === 'language') return LANGUAGES[value as Language];
    if (field === 'isPrivateAllowed') return value ? t('yes') : t('no');
    if (field === 'muted') {
      const kinds = KINDS.filter((kind) => (value as Kind[]).includes(kind)).map((kind) => t(`alerts.kinds.${kind}`));
      return kinds.length === 0 ? t('alerting.all') : t('alerting.allBut', { kinds: kinds.join(', ') });
    }
    return [value ?? []].flat().join(', ') || t('alerting.nobody');
  };
  const set = (change: Partial<Typed>) => setTyped((was) => ({ ...was, ...change }));
  return (
    <Form onSend={form.save} failure={form.error}>
      <Stack maw={900}>
        <RefusalAlert text={beside} />
        <Fieldset legend={t('alerting.who')} radius="md">
          <Stack gap="sm">
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
              <Textarea
                label={t('alerting.mailTo')}
                description={t('alerting.mailToText')}
                autosize
                minRows={1}
                value={typed.mailTo}
                error={refused.at('mailTo')}
                onChange={(event) => set({ mailTo: event.currentTarget.value })}
              />
              <NativeSelect
                label={t('alerting.language')}
                description={t('alerting.languageText')}
                value={typed.language}
                data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
                onChange={(event) => set({ language: event.currentTarget.value as Language })}
              />
            </SimpleGrid>
            <TextInput
              label={t('alerting.webhookUrl')}
              description={t('alerting.webhookUrlText')}
              placeholder="https://alerts.example.com/littlepbx"
              value={typed.webhookUrl}
              error={refused.at('webhookUrl')}
              spellCheck={false}
              onChange={(event) => set({ webhookUrl: event.currentTarget.value })}
            />
            {typed.webhookUrl.trim() !== '' && (
              <Checkbox
                label={t('alerting.isPrivateAllowed')}
                description={t('alerting.isPrivateAllowedText')}
                checked={typed.isPrivateAllowed}
                onChange={(event) => set({ isPrivateAllowed: event.currentTarget.checked })}
              />
            )}
          </Stack>
        </Fieldset>
        <Fieldset legend={t('alerting.when')} radius="md">
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            {THRESHOLDS.map((name) => (
              <NumberField
                key={name}
                label={t(`alerting.thresholds.${name}`)}
                value={typed.thresholds[name]}
                error={refused.at(`thresholds.${name}`)}
                min={1}
                allowDecimal={false}
                allowNegative={false}
                suffix={t(`alerting.units.${name}`)}
                onChange={(value) => set({ thresholds: { ...typed.thresholds, [name]: value } })}
              />
            ))}
          </SimpleGrid>
        </Fieldset>
        <Fieldset legend={t('alerting.what')} radius="md">
          <Stack gap="sm">
            <Text size="sm" c="dimmed">
              {t('alerting.whatText')}
            </Text>
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
              {KINDS.map((kind) => (
                <Checkbox
                  key={kind}
                  label={t(`alerts.kinds.${kind}`)}
                  checked={!typed.muted.includes(kind)}
                  onChange={(event) => {
                    const others = typed.muted.filter((other) => other !== kind);
                    set({ muted: event.currentTarget.checked ? others : [...others, kind] });
                  }}
                />
              ))}
            </SimpleGrid>
          </Stack>
        </Fieldset>
        <TornFields of={form} name={nameOf} inWords={inWords} />
        <Group>
          <Button type="submit" loading={form.isSaving}>
            {t('save')}
          </Button>
          <Saved isSaved={form.isSaved} failure={form.failure} />
        </Group>
        <AlertTest hasWay={settings.mailTo.length > 0 || settings.webhookUrl !== null} />
      </Stack>
      <Once
        title={t('alerting.secretTitle')}
        label={t('alerting.secret')}
        text={t('alerting.secretText')}
        secret={secret}
        onClose={() => setSecret(null)}
      />
    </Form>
  );
}
