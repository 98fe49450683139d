import { Stack, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { OwnLanguage } from '../../app/own-taste.tsx';
import { queryClient } from '../../app/query.ts';
import { meQuery, useMe } from '../../app/session.ts';
import { PageFrame } from '../../parts/page.tsx';
import { Section } from '../../parts/section.tsx';
import { StoredText } from '../../parts/stored-fields.tsx';
import { PasswordChange } from './password.tsx';
import { Sessions } from './sessions.tsx';
import { TwoFactor } from './two-factor.tsx';

/** What a person keeps of itself: name and language, password, second factor, where it is logged in. */
export default function AccountPage() {
  const { t } = useTranslation('account');
  return (
    <PageFrame title={t('title')}>
      <Stack maw={640} gap="lg">
        <Section title={t('person.title')}>
          <OwnName />
        </Section>
        <Section title={t('password.title')} text={t('password.text')}>
          <PasswordChange />
        </Section>
        <Section title={t('code.title')} text={t('code.text')}>
          <TwoFactor />
        </Section>
        <Section title={t('sessions.title')} text={t('sessions.text')}>
          <Sessions />
        </Section>
      </Stack>
    </PageFrame>
  );
}

function OwnName() {
  const { t } = useTranslation('account');
  const me = useMe();
  const store = async (name: string) => {
    const person = await api.updateMe({ body: { name } });
    queryClient.setQueryData(meQuery.queryKey, person);
    return person.name;
  };
  return (
    <>
      <StoredText
        label={t('person.name')}
        name={t('person.name')}
        autoComplete="name"
        field="name"
        stored={me.name}
        store={store}
      />
      <TextInput label={t('person.email')} description={t('person.emailText')} value={me.email} readOnly />
      <OwnLanguage />
    </>
  );
}
