import { SimpleGrid, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useOrganization } from '../../app/session.ts';
import { readable } from '../../parts/phone-number.ts';
import { StoredText } from '../../parts/stored-fields.tsx';
import { StoredSelect } from '../../parts/stored-select.tsx';
import { Forward, RingTime } from './call-flow.tsx';
import { type Device, type Extension, numbersQuery, useChanges } from './data.ts';
import { Devices } from './devices.tsx';
import { useMark } from './marks.ts';
import classes from './phones.module.css';
import { Undisturbed } from './undisturbed.tsx';
import { Voicemail } from './voicemail.tsx';

/** Everything of an extension that is not in its row. */
export default function ExtensionDetails({
  extension,
  all,
  devices,
}: {
  extension: Extension;
  all: Extension[];
  devices: Device[];
}) {
  const { t } = useTranslation('phones');
  const { slug, may } = useOrganization();
  const { changeExtension } = useChanges(slug);
  const mark = useMark(`extensions.${extension.number}.number`);
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 1, xs: 2 }} className={classes.narrow}>
        <RingTime extension={extension} hasLabel />
        <Forward extension={extension} all={all} field="forwardNoAnswer" hasLabel />
        <Forward extension={extension} all={all} field="forwardBusy" hasLabel />
        <Forward extension={extension} all={all} field="forwardAlways" hasLabel />
      </SimpleGrid>
      <Undisturbed extension={extension} />
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
        <StoredText
          label={t('extension.number')}
          field="number"
          name={t('extension.numberOf', { name: extension.name })}
          inputMode="numeric"
          stored={extension.number}
          store={(value, was) => changeExtension(extension.id, 'number', value, was)}
          mark={mark}
          disabled={!may('extensions:write')}
        />
        {may('numbers:read') && <OutboundNumber extension={extension} />}
        <Language extension={extension} />
      </SimpleGrid>
      {may('devices:read') && (
        <section aria-label={t('devices.title')}>
          <Title order={3} size="h6" mb="xs">
            {t('devices.title')}
          </Title>
          <Devices extension={extension} devices={devices} />
        </section>
      )}
      {may('voicemail:read') && (
        <section aria-label={t('voicemail.title')}>
          <Title order={3} size="h6" mb="xs">
            {t('voicemail.title')}
          </Title>
          <Voicemail extension={extension} />
        </section>
      )}
    </Stack>
  );
}

/** The number that others see when this extension calls. */
function OutboundNumber({ extension }: { extension: Extension }) {
  const { t } = useTranslation('phones');
  const { slug, may } = useOrganization();
  const { data: numbers = [] } = useQuery(numbersQuery(slug));
  const { changeExtension } = useChanges(slug);
  const label = t('extension.outbound');
  const mark = useMark(`extensions.${extension.number}.outboundNumber`);
  return (
    <StoredSelect
      label={label}
      field="outboundNumber"
      name={`${label}, ${extension.number}`}
      stored={extension.outboundNumber}
      store={(value, was) => changeExtension(extension.id, 'outboundNumber', value, was)}
      options={numbers.map(({ number }) => ({ value: number, label: readable(number) }))}
      nothing={t('extension.outboundDefault')}
      mark={mark}
      disabled={!may('extensions:write')}
    />
  );
}

const LANGUAGES = ['en', 'es', 'fr', 'it', 'ru'] as const satisfies Extension['language'][];

/** In which it hears announcements. */
function Language({ extension }: { extension: Extension }) {
  const { t, i18n } = useTranslation('phones');
  const { slug, may } = useOrganization();
  const { changeExtension } = useChanges(slug);
  const names = new Intl.DisplayNames(i18n.language, { type: 'language' });
  const label = t('members.language');
  return (
    <StoredSelect
      label={label}
      field="language"
      name={`${label}, ${extension.number}`}
      stored={extension.language}
      store={(value, was) => changeExtension(extension.id, 'language', value, was)}
      options={LANGUAGES.map((value) => ({ value, label: names.of(value) ?? value }))}
      nothing={t('extension.languageDefault')}
      disabled={!may('extensions:write')}
    />
  );
}
