import type { OrganizationAnswer } from '@littlepbx/contract';
import { Badge, Button, Group, Loader, Paper, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconBuilding, IconPlus, IconSearch } from '@tabler/icons-react';
import { infiniteQueryOptions, keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { isUnread } from '../../app/unread.ts';
import { useWritten } from '../../parts/moment.ts';
import { PageFrame } from '../../parts/page.tsx';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';

/** Of the last key until the server is asked. Milliseconds. */
const PAUSE = 200;

const organizationsQuery = (search: string) =>
  infiniteQueryOptions({
    queryKey: ['organizations', search],
    queryFn: ({ pageParam }) =>
      api.listOrganizations({
        query: { ...(search === '' ? {} : { search }), ...(pageParam === null ? {} : { cursor: pageParam }) },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });

export default function OrganizationsPage() {
  const { t } = useTranslation('organizations');
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim().slice(0, 64), PAUSE);
  const organizations = useInfiniteQuery(organizationsQuery(search));
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = organizations;
  const found = organizations.data?.pages.flatMap(({ items }) => items);
  const isNone = found?.length === 0 && !organizations.isPlaceholderData;
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
      {!(isNone && search === '') && (
        <TextInput
          type="search"
          aria-label={t('list.search')}
          placeholder={t('list.search')}
          leftSection={<IconSearch size={18} aria-hidden />}
          rightSection={organizations.isPlaceholderData && <Loader size={16} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
      {organizations.isPending && <ListSkeleton rows={6} height={64} />}
      {isUnread(organizations) && <Failed error={organizations.error} retry={() => void organizations.refetch()} />}
      {isNone &&
        (search === '' ? (
          <Empty icon={IconBuilding} title={t('list.empty')} action={add}>
            {t('list.emptyText')}
          </Empty>
        ) : (
          <Empty icon={IconSearch} title={t('list.nothing', { search })} />
        ))}
      <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
        {found?.map((one) => (
          <li key={one.id}>
            <Row organization={one} />
          </li>
        ))}
      </Stack>
      {hasNextPage && (
        <Button
          variant="default"
          style={{ alignSelf: 'center' }}
          loading={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          {t('list.more')}
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
