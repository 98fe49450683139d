import { Group, Image, Text, ThemeIcon } from '@mantine/core';
import { IconPhone } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { homeOf, type Person, personCame } from '../../app/session.ts';
import { LoginForm } from '../../parts/login-form.tsx';
import { DoorPage } from './door-page.tsx';

export default function LoginPage() {
  const { t } = useTranslation('login');
  const navigate = useNavigate();
  const { next } = useSearch({ strict: false }) as { next?: string };
  const { data: site } = useQuery({ queryKey: ['site'], queryFn: () => api.getSite() });
  const organization = site?.organization;
  const done = (person: Person) => {
    personCame(person);
    void navigate({ to: next ?? homeOf(person), replace: true });
  };
  return (
    <DoorPage title={t('title')}>
      {organization && (
        <Group gap="sm" wrap="nowrap">
          {organization.logo === null ? (
            <ThemeIcon size={36} radius="md" aria-hidden>
              <IconPhone size={20} />
            </ThemeIcon>
          ) : (
            <Image src={organization.logo} alt="" h={36} w="auto" maw={120} fit="contain" />
          )}
          <Text fw={600}>{organization.companyName}</Text>
        </Group>
      )}
      <LoginForm onDone={done} />
    </DoorPage>
  );
}
