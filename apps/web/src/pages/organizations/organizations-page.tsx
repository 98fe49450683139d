import type { OrganizationAnswer } from '@littlepbx/contract';
import { Badge, Button, Group, Paper, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconBuilding, IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, everyPage } from '../../app/api.ts';
import { useWritten } from '../../parts/moment.ts';
import { PageFrame } from '../../parts/page.tsx';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';

const AT_FIRST = 100;

/** By name, short name, or a part of a number however it is written. */
function fits({ name, slug, numbers }: OrganizationAnswer, wanted: string): boolean {
  const digits = wanted.replace(/\D/g, '');
  return (
    name.toLocaleLowerCase().includes(wanted) ||
    slug.includes(wanted) ||
    (digits.length > 2 && numbers.some((number) => number.includes(digits)))
  );
}

export default function OrganizationsPage() {
  const { t } = useTranslation('organizations');
  const organizations = useQuery({
    queryKey: ['organizations'],
    queryFn: () => everyPage((query) => api.listOrganizations({ query })),
  });
  const [search, setSearch] = useState('');
  const [most, setMost] = useState(AT_FIRST);
  const wanted = useDeferredValue(search.trim().toLocaleLowerCase());
  const found = organizations.data?.filter((one) => fits(one, wanted));
  const add = (
    <Button
      leftSection={<IconPlus size={18} aria-hidden />}
      renderRoot={(props) => <Link to="/operator/new-organization" {...props} />}
    >
      {t('list.new')}
    </Button>
  );
  return (
    <PageFrame title={t('list.title')} actions={add}>
      {(organizations.data?.length ?? 0) > 0 && (
        <TextInput
          type="search"
          aria-label={t('list.search')}
          placeholder={t('list.search')}
          leftSection={<IconSearch size={18} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      {organizations.isPending && <ListSkeleton rows={6} height={64} />}
      {organizations.isError && <Failed error={organizations.error} retry={() => void organizations.refetch()} />}
      {organizations.data?.length === 0 && (
        <Empty icon={IconBuilding} title={t('list.empty')} action={add}>
          {t('list.emptyText')}
        </Empty>
      )}
      {found?.length === 0 && wanted !== '' && <Empty icon={IconSearch} title={t('list.nothing', { search })} />}
      <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
        {found?.slice(0, most).map((one) => (
          <li key={one.id}>
            <Row organization={one} />
          </li>
        ))}
      </Stack>
      {(found?.length ?? 0) > most && (
        <Button variant="default" style={{ alignSelf: 'center' }} onClick={() => setMost(most + AT_FIRST)}>
          {t('list.more', { count: found!.length - most })}
        </Button>
      )}
    </PageFrame>
  );
}

function Row({
  organization: { name, slug, numbers, country, isSuspended, deletedAt },
}: {
  organization: OrganizationAnswer;
}) {
  const { t } = useTranslation('organizations');
  const written = useWritten();
  return (
    <UnstyledButton
      w="100%"
      renderRoot={(props) => <Link to={`/operator/organizations/${slug}`} {...props} />}
      style={{ borderRadius: 'var(--mantine-radius-md)' }}
    >
      <Paper p="sm">
        <Group justify="space-between" gap="xs">
          <div style={{ minWidth: 0 }}>
            <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
              {name}
            </Text>
            <Text size="sm" c="dimmed">
              {slug} · {written.country(country)} · {t('list.numbers', { count: numbers.length })}
            </Text>
          </div>
          <State isSuspended={isSuspended} deletedAt={deletedAt} />
        </Group>
      </Paper>
    </UnstyledButton>
  );
}

function State({ isSuspended, deletedAt }: Pick<OrganizationAnswer, 'isSuspended' | 'deletedAt'>) {
  const { t } = useTranslation('organizations');
  if (deletedAt !== null)
    return (
      <Badge variant="dot" color="red">
        {t('state.deleted')}
      </Badge>
    );
  if (!isSuspended) return null;
  return (
    <Badge variant="dot" color="orange">
      {t('state.suspended')}
    </Badge>
  );
}
