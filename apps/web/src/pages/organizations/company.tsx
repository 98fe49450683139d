import type { OrganizationAnswer } from '@littlepbx/contract';
import { Button, Group, NativeSelect, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useWritten } from '../../parts/moment.ts';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { Saved } from '../../parts/saved.tsx';
import { countryChoices } from './countries.ts';
import { Logo } from './logo.tsx';
import type { PartProps } from './organization-page.tsx';

type Typed = Pick<OrganizationAnswer, 'name' | 'country' | 'timeZone' | 'language'> & {
  defaultNumber: string;
  alertMailTo: string;
};

const SPOKEN = { en: 'English', es: 'Español', fr: 'Français', it: 'Italiano', ru: 'Русский' } as const;
const FIELDS = ['name', 'country', 'timeZone', 'language', 'defaultNumber', 'alertMailTo'];

const typedOf = (o: OrganizationAnswer): Typed => ({
  name: o.name,
  country: o.country,
  timeZone: o.timeZone,
  language: o.language,
  defaultNumber: o.defaultNumber ?? '',
  alertMailTo: o.alertMailTo.join('\n'),
});

/** Company data: who it is, where it is, what it is called by. */
export function Company({ organization, onChanged }: PartProps) {
  const { t } = useTranslation('organizations');
  const written = useWritten();
  const [typed, setTyped] = useState(() => typedOf(organization));
  const set = (change: Partial<Typed>) => setTyped((was) => ({ ...was, ...change }));
  const save = useMutation({
    mutationFn: () =>
      api.updateOrganization({
        params: { org: organization.slug },
        body: {
          ...typed,
          defaultNumber: typed.defaultNumber === '' ? null : typed.defaultNumber,
          alertMailTo: typed.alertMailTo.split(/[\s,;]+/).filter((address) => address !== ''),
        },
      }),
    onSuccess: (changed) => {
      setTyped(typedOf(changed));
      onChanged(changed);
    },
  });
  const refused = useRefusal(save.error);
  const beside = refused.beside(...FIELDS);
  const zones = Intl.supportedValuesOf('timeZone');
  const send = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={send} noValidate>
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
        <Group>
          <Button type="submit" loading={save.isPending}>
            {t('save')}
          </Button>
          <Saved isSaved={save.isSuccess} />
        </Group>
        <Logo organization={organization} onChanged={onChanged} />
        <Text size="sm" c="dimmed">
          {t('company.since', { at: written.moment(organization.createdAt) })}
        </Text>
      </Stack>
    </form>
  );
}
