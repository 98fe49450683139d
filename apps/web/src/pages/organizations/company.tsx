import type { OrganizationAnswer } from '@littlepbx/contract';
import { Button, Group, NativeSelect, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { Form } from '../../parts/form.tsx';
import { useWritten } from '../../parts/moment.ts';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { Saved } from '../../parts/saved.tsx';
import { TornFields, useSharedForm } from '../../parts/shared-form.tsx';
import { countryChoices } from './countries.ts';
import { Logo } from './logo.tsx';
import type { PartProps } from './organization-page.tsx';

type Values = Pick<OrganizationAnswer, 'name' | 'country' | 'timeZone' | 'language' | 'defaultNumber' | 'alertMailTo'>;
type Typed = Omit<Values, 'defaultNumber' | 'alertMailTo'> & { defaultNumber: string; alertMailTo: string };

const SPOKEN = { en: 'English', es: 'Español', fr: 'Français', it: 'Italiano', ru: 'Русский' } as const;
const FIELDS = ['name', 'country', 'timeZone', 'language', 'defaultNumber', 'alertMailTo'] as const;

const valuesOf = (o: OrganizationAnswer): Values => ({
  name: o.name,
  country: o.country,
  timeZone: o.timeZone,
  language: o.language,
  defaultNumber: o.defaultNumber,
  alertMailTo: o.alertMailTo,
});

const typedOf = (values: Values): Typed => ({
  ...values,
  defaultNumber: values.defaultNumber ?? '',
  alertMailTo: values.alertMailTo.join('\n'),
});

const sentOf = (typed: Typed): Values => ({
  ...typed,
  defaultNumber: typed.defaultNumber === '' ? null : typed.defaultNumber,
  alertMailTo: typed.alertMailTo.split(/[\s,;]+/).filter((address) => address !== ''),
});

/** Company data: who it is, where it is, what it is called by. */
export function Company({ organization, onChanged }: PartProps) {
  const { t } = useTranslation('organizations');
  const written = useWritten();
  const [typed, setTyped] = useState(() => typedOf(valuesOf(organization)));
  const set = (change: Partial<Typed>) => setTyped((was) => ({ ...was, ...change }));
  const form = useSharedForm<Values>({
    stored: valuesOf(organization),
    wanted: sentOf(typed),
    async store({ change, expected }) {
      const changed = await api.updateOrganization({
        params: { org: organization.slug },
        body: { ...change, expected },
      });
      onChanged(changed);
      return valuesOf(changed);
    },
    show: (values) => setTyped(typedOf(values)),
  });
  const inWords = (field: string, value: unknown) => {
    if (field === 'country') return written.country(String(value));
    if (field === 'language') return SPOKEN[value as Values['language']];
    if (field === 'defaultNumber') return value === null ? t('company.noNumber') : String(value);
    return Array.isArray(value) ? value.join(', ') || t('company.nobody') : String(value);
  };
  const refused = useRefusal(form.failure);
  const beside = refused.beside(...FIELDS);
  const zones = Intl.supportedValuesOf('timeZone');
  return (
    <Form onSend={form.save} failure={form.error}>
      <Stack maw={760}>
        <RefusalAlert text={beside} />
        <TextInput
          label={t('company.name')}
          description={t('company.nameText')}
          required
          value={typed.name}
          error={refused.at('name')}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <NativeSelect
            label={t('company.country')}
            value={typed.country}
            error={refused.at('country')}
            data={countryChoices(written.country)}
            onChange={(event) => set({ country: event.currentTarget.value })}
          />
          <NativeSelect
            label={t('company.timeZone')}
            value={typed.timeZone}
            error={refused.at('timeZone')}
            data={zones.includes(typed.timeZone) ? zones : [typed.timeZone, ...zones]}
            onChange={(event) => set({ timeZone: event.currentTarget.value })}
          />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <NativeSelect
            label={t('company.language')}
            description={t('company.languageText')}
            value={typed.language}
            error={refused.at('language')}
            data={Object.entries(SPOKEN).map(([value, label]) => ({ value, label }))}
            onChange={(event) => set({ language: event.currentTarget.value as Typed['language'] })}
          />
          <NativeSelect
            label={t('company.defaultNumber')}
            description={t('company.defaultNumberText')}
            value={typed.defaultNumber}
            error={refused.at('defaultNumber')}
            data={[{ value: '', label: t('company.noNumber') }, ...organization.numbers]}
            onChange={(event) => set({ defaultNumber: event.currentTarget.value })}
          />
        </SimpleGrid>
        <Textarea
          label={t('company.alertMailTo')}
          description={t('company.alertMailToText')}
          autosize
          minRows={1}
          value={typed.alertMailTo}
          error={refused.at('alertMailTo')}
          onChange={(event) => set({ alertMailTo: event.currentTarget.value })}
        />
        <TornFields of={form} name={(field) => t(`company.${field as (typeof FIELDS)[number]}`)} inWords={inWords} />
        <Group>
          <Button type="submit" loading={form.isSaving}>
            {t('save')}
          </Button>
          <Saved isSaved={form.isSaved} failure={form.failure} />
        </Group>
        <Logo organization={organization} onChanged={onChanged} />
        <Text size="sm" c="dimmed">
          {t('company.since', { at: written.moment(organization.createdAt) })}
        </Text>
      </Stack>
    </Form>
  );
}
