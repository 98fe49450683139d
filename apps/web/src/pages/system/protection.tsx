import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Allowed } from './allowed.tsx';
import { Bans } from './bans.tsx';
import { Section } from './section.tsx';
import { Traps } from './traps.tsx';

/** Who is kept out, who never is, and what gives strangers away. */
export function Protection() {
  const { t } = useTranslation('system');
  return (
    <Stack gap="xl">
      <Section title={t('bans.title')} text={t('bans.text')}>
        <Bans />
      </Section>
      <Section title={t('allowed.title')} text={t('allowed.text')}>
        <Allowed />
      </Section>
      <Section title={t('traps.title')} text={t('traps.text')}>
        <Traps />
      </Section>
    </Stack>
  );
}
