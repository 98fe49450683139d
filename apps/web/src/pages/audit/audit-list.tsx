import { Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, everyPage } from '../../app/api.ts';
import { organizationOf, useMe } from '../../app/session.ts';
import { isUnread } from '../../app/unread.ts';
import { addDays, startOfDay } from '../../parts/day.ts';
import { allExtensions } from '../../parts/extensions.ts';
import { PageFrame } from '../../parts/page.tsx';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import { useTimeZone } from '../../parts/time-zone.ts';
import { usageQuery } from '../../parts/usage-query.ts';
import { AuditRow, type Names } from './audit-row.tsx';
import { ACTIONS, RESOURCES } from './words.ts';

interface Filter {
  resource: string;
  action: string;
  /** Days, `2026-10-31`. */
  from: string;
  to: string;
  author: { id: string; name: string } | null;
}

const ALL: Filter = { resource: '', action: '', from: '', to: '', author: null };

/** @param timeZone whose days are meant */
function queryOf({ resource, action, from, to, author }: Filter, timeZone: string) {
  return {
    ...(resource === '' ? {} : { resource }),
    ...(action === '' ? {} : { action }),
    ...(from === '' ? {} : { since: startOfDay(from, timeZone) }),
    ...(to === '' ? {} : { until: startOfDay(addDays(to, 1), timeZone) }),
    ...(author === null ? {} : { author: author.id }),
  };
}

/** @param org null: of the whole installation */
export function AuditList({ org }: { org: string | null }) {
  const { t } = useTranslation('audit');
  const timeZone = useTimeZone();
  const [filter, setFilter] = useState(ALL);
  const entries = useInfiniteQuery({
    queryKey: ['audit', org, filter, timeZone],
    queryFn: ({ pageParam }) => {
      const query = { limit: 50, ...queryOf(filter, timeZone), ...(pageParam === null ? {} : { cursor: pageParam }) };
      return org === null ? api.listInstallationAudit({ query }) : api.listAudit({ params: { org }, query });
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const names = useNames(org);
  const currency = useCurrency(org);
  const set = (change: Partial<Filter>) => setFilter({ ...filter, ...change });
  const isFiltered = Object.keys(queryOf(filter, timeZone)).length > 0;
  const shown = entries.data?.pages.flatMap(({ items }) => items);
  return (
    <PageFrame title={org === null ? t('installationTitle') : t('title')} isOfMany={org === null}>
      <Text c="dimmed" size="sm" maw={720}>
        {org === null ? t('installationAbout') : t('about')}
      </Text>
      <Group gap="xs" align="flex-end">
        <NativeSelect
          label={t('filter.resource')}
          value={filter.resource}
          onChange={(event) => set({ resource: event.currentTarget.value })}
          data={[
            { value: '', label: t('filter.all') },
            ...RESOURCES.map((value) => ({ value, label: t(`resources.${value}`) })),
          ]}
        />
        <NativeSelect
          label={t('filter.action')}
          value={filter.action}
          onChange={(event) => set({ action: event.currentTarget.value })}
          data={[
            { value: '', label: t('filter.all') },
            ...ACTIONS.map((value) => ({ value, label: t(`actions.${value}`) })),
          ]}
        />
        <TextInput
          type="date"
          label={t('filter.from')}
          value={filter.from}
          {...(filter.to === '' ? {} : { max: filter.to })}
          onChange={(event) => set({ from: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          label={t('filter.to')}
          value={filter.to}
          {...(filter.from === '' ? {} : { min: filter.from })}
          onChange={(event) => set({ to: event.currentTarget.value })}
        />
        {isFiltered && (
          <Button variant="subtle" onClick={() => setFilter(ALL)}>
            {filter.author === null ? t('filter.clear') : t('filter.clearAuthor', { name: filter.author.name })}
          </Button>
        )}
      </Group>
      {entries.isPending && <ListSkeleton rows={8} height={64} />}
      {isUnread(entries) && <Failed error={entries.error} retry={() => void entries.refetch()} />}
      {shown?.length === 0 && (
        <Empty icon={IconHistory} title={isFiltered ? t('nothing.title') : t('empty.title')}>
          {isFiltered ? t('nothing.text') : t('empty.text')}
        </Empty>
      )}
      <Stack gap="xs" role="list">
        {shown?.map((entry) => (
          <AuditRow
            key={entry.id}
            entry={entry}
            names={names}
            currency={currency}
            onAuthor={(author) => set({ author })}
            isOfInstallation={org === null}
          />
        ))}
      </Stack>
      {entries.hasNextPage && (
        <Button
          variant="default"
          loading={entries.isFetchingNextPage}
          onClick={() => void entries.fetchNextPage()}
          style={{ alignSelf: 'center' }}
        >
          {t('more')}
        </Button>
      )}
    </PageFrame>
  );
}

/** What ids are called: the log knows an extension's box by the extension's id. What cannot be read stays an id. */
function useNames(org: string | null): Names {
  const extensions = useQuery({
    queryKey: ['audit', org, 'extensions'],
    queryFn: () => allExtensions(org!),
    enabled: org !== null,
    staleTime: 60_000,
  });
  const organizations = useQuery({
    queryKey: ['organizations'],
    queryFn: () => everyPage((query) => api.listOrganizations({ query })),
    enabled: org === null,
    staleTime: 60_000,
  });
  return new Map([
    ...(extensions.data ?? []).map(({ id, number, name }) => [id, `${number} ${name}`] as const),
    ...(organizations.data ?? []).map(({ id, name }) => [id, name] as const),
  ]);
}

/** Of an organization's rates; null: it has none, or several organizations are shown. */
function useCurrency(org: string | null): string | null {
  const me = useMe();
  const mayRead = org !== null && organizationOf(me, org).may('calls:read');
  const { data } = useQuery({ ...usageQuery(org ?? ''), enabled: mayRead });
  return data?.currency ?? null;
}
