import type { OrganizationAnswer } from '@littlepbx/contract';
import { Button, Fieldset, Group, MultiSelect, SimpleGrid, Stack, Switch, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import fields from '../../parts/fields.module.css';
import { Form } from '../../parts/form.tsx';
import { useWritten } from '../../parts/moment.ts';
import { NumberField } from '../../parts/number-field.tsx';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { Saved } from '../../parts/saved.tsx';
import { TornFields, useSharedForm } from '../../parts/shared-form.tsx';
import { usageQuery } from '../../parts/usage-query.ts';
import { countryChoices } from './countries.ts';
import type { PartProps } from './organization-page.tsx';

const CALLS = ['concurrentCalls', 'callsPerSecond', 'minutesPerHour', 'minutesPerDay'] as const;
const MONEY = ['moneyPerHour', 'moneyPerDay'] as const;
const QUOTAS = ['extensions', 'devices', 'numbers', 'keys'] as const;
const WATCHED = ['callsToNewCountry', 'shortCallsPerMinute', 'parallelCallsToPrefix'] as const;

const MILLION = 1_000_000;
const GIGABYTE = 1024 ** 3;

type Typed = Pick<OrganizationAnswer, 'limits' | 'quotas' | 'allowedCountries' | 'retention'>;

const typedOf = ({ limits, quotas, allowedCountries, retention }: OrganizationAnswer): Typed => ({
  limits,
  quotas,
  allowedCountries,
  retention,
});

/** What an organization may use and spend: the operator's decision. */
export function Limits({ organization, onChanged }: PartProps) {
  const { t } = useTranslation('organizations');
  const written = useWritten();
  const { data: usage } = useQuery(usageQuery(organization.slug));
  const currency = usage?.currency ?? null;
  const [typed, setTyped] = useState(() => typedOf(organization));
  const form = useSharedForm<Typed>({
    stored: typedOf(organization),
    wanted: typed,
    async store({ change, expected }) {
      const changed = await api.updateOrganization({
        params: { org: organization.slug },
        body: { ...change, expected },
      });
      onChanged(changed);
      return typedOf(changed);
    },
    show: setTyped,
  });
  const refused = useRefusal(form.failure);
  const beside = refused.beside('limits', 'quotas', 'allowedCountries', 'retention');
  const { limits, quotas, retention } = typed;
  const setLimits = (change: Partial<Typed['limits']>) => setTyped({ ...typed, limits: { ...limits, ...change } });
  const nameOf = (field: string) => {
    const [group, ...rest] = field.split('.');
    const member = rest.at(-1) ?? group;
    if (group === 'quotas') return t(`limits.quota.${member as (typeof QUOTAS)[number]}`);
    return member === 'storageBytes' ? t('limits.storage') : t(`limits.${member as (typeof CALLS)[number]}`);
  };
  const inWords = (field: string, value: unknown) => {
    if (Array.isArray(value)) return value.map(written.country).join(', ') || t('limits.noCountry');
    if (typeof value === 'boolean') return value ? t('limits.yes') : t('limits.no');
    if (/storageBytes$/.test(field)) return written.size(Number(value));
    return /\.money/.test(field) ? written.money(Number(value), currency) : written.number(Number(value), 2);
  };
  return (
    <Form onSend={form.save} failure={form.error}>
      <Stack maw={900}>
        <RefusalAlert text={beside} />
        <Fieldset legend={t('limits.calls')} radius="md">
          <Stack gap="sm">
            <Text size="sm" c="dimmed">
              {t('limits.callsText')}
            </Text>
            <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="sm" className={fields.fields}>
              {CALLS.map((name) => (
                <Amount
                  key={name}
                  label={t(`limits.${name}`)}
                  value={limits[name]}
                  error={refused.at(`limits.${name}`)}
                  onChange={(value) => setLimits({ [name]: value })}
                />
              ))}
              {MONEY.map((name) => (
                <Amount
                  key={name}
                  label={t(`limits.${name}`)}
                  currency={currency}
                  value={limits[name] / MILLION}
                  error={refused.at(`limits.${name}`, MILLION)}
                  onChange={(value) => setLimits({ [name]: Math.round(value * MILLION) })}
                />
              ))}
            </SimpleGrid>
            <MultiSelect
              label={t('limits.allowedCountries')}
              description={t('limits.allowedCountriesText')}
              searchable
              value={typed.allowedCountries}
              error={refused.at('allowedCountries')}
              data={countryChoices(written.country)}
              onChange={(allowedCountries) => setTyped({ ...typed, allowedCountries })}
            />
          </Stack>
        </Fieldset>
        <Fieldset legend={t('limits.night')} radius="md">
          <Stack gap="sm">
            <Text size="sm" c="dimmed">
              {t('limits.nightText')}
            </Text>
            <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm" className={fields.fields}>
              {(['fromHour', 'toHour', 'percent'] as const).map((name) => (
                <Amount
                  key={name}
                  label={t(`limits.${name}`)}
                  value={limits.offHours[name]}
                  error={refused.at(`limits.offHours.${name}`)}
                  onChange={(value) => setLimits({ offHours: { ...limits.offHours, [name]: value } })}
                />
              ))}
            </SimpleGrid>
            <Switch
              label={t('limits.hasWeekends')}
              checked={limits.offHours.hasWeekends}
              onChange={(event) =>
                setLimits({ offHours: { ...limits.offHours, hasWeekends: event.currentTarget.checked } })
              }
            />
          </Stack>
        </Fieldset>
        <Fieldset legend={t('limits.watch')} radius="md">
          <Stack gap="sm">
            <Text size="sm" c="dimmed">
              {t('limits.watchText')}
            </Text>
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" className={fields.fields}>
              {WATCHED.map((name) => (
                <Amount
                  key={name}
                  label={t(`limits.${name}`)}
                  value={limits.anomaly[name]}
                  error={refused.at(`limits.anomaly.${name}`)}
                  onChange={(value) => setLimits({ anomaly: { ...limits.anomaly, [name]: value } })}
                />
              ))}
              <Amount
                label={t('limits.moneyPerTenMinutes')}
                currency={currency}
                value={limits.anomaly.moneyPerTenMinutes / MILLION}
                error={refused.at('limits.anomaly.moneyPerTenMinutes', MILLION)}
                onChange={(value) =>
                  setLimits({ anomaly: { ...limits.anomaly, moneyPerTenMinutes: Math.round(value * MILLION) } })
                }
              />
            </SimpleGrid>
          </Stack>
        </Fieldset>
        <Fieldset legend={t('limits.quotas')} radius="md">
          <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="sm" className={fields.fields}>
            {QUOTAS.map((name) => (
              <Amount
                key={name}
                label={t(`limits.quota.${name}`)}
                value={quotas[name]}
                error={refused.at(`quotas.${name}`)}
                onChange={(value) => setTyped({ ...typed, quotas: { ...quotas, [name]: value } })}
              />
            ))}
            <Amount
              label={t('limits.storage')}
              value={limits.storageBytes / GIGABYTE}
              error={refused.at('limits.storageBytes', GIGABYTE)}
              onChange={(value) => setLimits({ storageBytes: Math.round(value * GIGABYTE) })}
            />
            {(['recordingsInDays', 'voicemailInDays'] as const).map((name) => (
              <Amount
                key={name}
                label={t(`limits.${name}`)}
                value={retention[name]}
                error={refused.at(`retention.${name}`)}
                onChange={(value) => setTyped({ ...typed, retention: { ...retention, [name]: value } })}
              />
            ))}
          </SimpleGrid>
        </Fieldset>
        <TornFields of={form} name={nameOf} inWords={inWords} />
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

interface AmountProps {
  label: string;
  value: number;
  error: string | undefined;
  onChange(value: number): void;
  /** Of money; null: no rate has one. */
  currency?: string | null;
}

function Amount({ currency = null, ...props }: AmountProps) {
  return (
    <NumberField
      {...props}
      {...(currency === null ? {} : { suffix: ` ${currency}` })}
      min={0}
      // What is wrong is told; it must not become another number unseen.
      clampBehavior="none"
      decimalScale={2}
    />
  );
}
