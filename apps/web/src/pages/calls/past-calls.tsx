/** Calls that are over, newest first, read on as one scrolls. */
import { Box, Button, Center, Group, Loader, Paper, Stack, Table, Text, VisuallyHidden } from '@mantine/core';
import { useIntersection, useMediaQuery } from '@mantine/hooks';
import { IconArrowRight, IconPhoneOff } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { onLiveEvent, usePollWithout } from '../../app/live.ts';
import { useOrganization } from '../../app/session.ts';
import { isUnread } from '../../app/unread.ts';
import { lengthOf, useClock } from '../../parts/clock.ts';
import { useDrawnRows } from '../../parts/drawn-rows.ts';
import { type Names, useNames } from '../../parts/names.ts';
import { boundsOf, type Days } from '../../parts/period.tsx';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import css from './calls.module.css';
import { type CallFilter, type Cdr, pastCallsQuery } from './data.ts';
import { DirectionIcon, Party, ResultBadge } from './parties.tsx';

/** So many pages are read anew when there are new calls; whoever has scrolled further is asked. */
const READ_ANEW = 2;

interface PastCallsProps {
  filter: CallFilter;
  days: Days | null;
  onClear(): void;
}

export function PastCalls({ filter, days, onClear }: PastCallsProps) {
  const { t } = useTranslation('calls');
  const { slug } = useOrganization();
  const clock = useClock();
  const names = useNames();
  const isWide = useMediaQuery('(min-width: 48em)', true);
  const interval = usePollWithout(15_000);
  const query = pastCallsQuery(slug, { ...filter, ...boundsOf(days, clock) });
  const calls = useInfiniteQuery({
    ...query,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) <= READ_ANEW ? interval : false),
  });
  const pages = calls.data?.pages.length ?? 0;
  const fresh = useFreshCalls(pages <= READ_ANEW, query.queryKey);
  const { ref, entry } = useIntersection({ rootMargin: '600px' });
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = calls;
  const isNear = entry?.isIntersecting === true;
  useEffect(() => {
    if (isNear && hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [isNear, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);

  if (calls.isPending) return <ListSkeleton rows={8} height={44} />;
  if (isUnread(calls)) return <Failed error={calls.error} retry={() => void calls.refetch()} />;
  const rows = calls.data.pages.flatMap(({ items }) => items);
  if (rows.length === 0) {
    const isFiltered = days !== null || Object.keys(filter).length > 0;
    return (
      <Empty
        icon={IconPhoneOff}
        title={isFiltered ? t('past.noneFound') : t('past.none')}
        action={
          isFiltered && (
            <Button variant="light" mt="xs" onClick={onClear}>
              {t('past.clear')}
            </Button>
          )
        }
      >
        {isFiltered ? t('past.noneFoundText') : t('past.noneText')}
      </Empty>
    );
  }
  return (
    <Stack gap="sm">
      {fresh.isThere && (
        <Center pos="sticky" top={64} style={{ zIndex: 5 }}>
          <Button size="xs" radius="xl" onClick={fresh.show}>
            {t('past.fresh')}
          </Button>
        </Center>
      )}
      <Paper style={{ overflow: 'hidden' }}>
        {isWide ? <CallTable rows={rows} names={names} /> : <CallCards rows={rows} names={names} />}
      </Paper>
      <Center ref={ref} mih={36}>
        {isFetchingNextPage ? (
          <Loader size="sm" aria-label={t('past.more')} />
        ) : isFetchNextPageError ? (
          <Group gap="xs">
            <Text size="sm" c="red">
              {t('past.moreFailed')}
            </Text>
            <Button size="xs" variant="light" onClick={() => void fetchNextPage()}>
              {t('past.more')}
            </Button>
          </Group>
        ) : hasNextPage ? (
          <Button size="xs" variant="subtle" onClick={() => void fetchNextPage()}>
            {t('past.more')}
          </Button>
        ) : (
          rows.length > 20 && (
            <Text size="sm" c="dimmed">
              {t('past.end')}
            </Text>
          )
        )}
      </Center>
    </Stack>
  );
}

/** New calls come into a list that begins with the newest by themselves, unless that would mean to read much anew. */
function useFreshCalls(isAtTop: boolean, queryKey: readonly unknown[]) {
  const queries = useQueryClient();
  const [isThere, setThere] = useState(false);
  useEffect(
    () =>
      onLiveEvent((event) => {
        if (event.type !== 'call-recorded') return;
        if (isAtTop) void queries.invalidateQueries({ queryKey });
        else setThere(true);
      }),
    [isAtTop, queries, queryKey],
  );
  const show = () => {
    setThere(false);
    window.scrollTo({ top: 0 });
    void queries.resetQueries({ queryKey });
  };
  return { isThere: isThere && !isAtTop, show };
}

interface RowsProps {
  rows: Cdr[];
  names: Names;
}

function useRow(names: Names) {
  const { t } = useTranslation('calls');
  const { slug, extensionId } = useOrganization();
  const clock = useClock();
  return {
    when: (call: Cdr) => clock.moment(call.startedAt),
    /** How a call went tells of others, too: it is not for who sees one extension alone. */
    link: (call: Cdr, shown: React.ReactNode) =>
      extensionId !== null ? (
        shown
      ) : (
        <Link
          to={`/o/${slug}/calls/${call.id}`}
          className={css.link}
          aria-label={t('open', {
            from: call.from === null ? t('hidden') : names.label(call.from, call.fromName),
            to: names.label(call.did ?? call.to),
            when: clock.moment(call.startedAt),
          })}
        >
          {shown}
        </Link>
      ),
    /** Who answered, where it was somebody else than who was called. */
    answeredBy: (call: Cdr) =>
      call.result === 'answered' && call.answeredBy !== null && call.answeredBy !== call.to
        ? t('answeredBy', { name: names.label(call.answeredBy) })
        : null,
    talked: (call: Cdr) => (call.answeredAt === null ? '' : lengthOf(call.talkDuration)),
  };
}

function CallTable({ rows, names }: RowsProps) {
  const { t } = useTranslation('calls');
  const row = useRow(names);
  const { list, items, measure, before, after } = useDrawnRows<HTMLTableSectionElement>(rows, 44);
  return (
    <Table highlightOnHover={false} layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={44}>
            <VisuallyHidden>{t('filters.direction')}</VisuallyHidden>
          </Table.Th>
          <Table.Th>{t('columns.from')}</Table.Th>
          <Table.Th>{t('columns.to')}</Table.Th>
          <Table.Th w={150}>{t('columns.when')}</Table.Th>
          <Table.Th ta="right" w={110}>
            {t('columns.talked')}
          </Table.Th>
          <Table.Th w={170}>{t('columns.result')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody ref={list}>
        <Room height={before} />
        {items.map(({ key, index }) => {
          const call = rows[index]!;
          return (
            <Table.Tr key={key} className={css.row} ref={measure} data-index={index}>
              <Table.Td>
                <DirectionIcon direction={call.direction} result={call.result} />
              </Table.Td>
              <Table.Td>
                <Party number={call.from} name={call.fromName} names={names} />
              </Table.Td>
              <Table.Td>
                <Party number={call.did ?? call.to} names={names} />
                {row.answeredBy(call) !== null && (
                  <Text size="xs" c="dimmed">
                    {row.answeredBy(call)}
                  </Text>
                )}
              </Table.Td>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>{row.link(call, row.when(call))}</Table.Td>
              <Table.Td ta="right" ff="monospace">
                {row.talked(call)}
              </Table.Td>
              <Table.Td>
                <ResultBadge result={call.result} />
              </Table.Td>
            </Table.Tr>
          );
        })}
        <Room height={after} />
      </Table.Tbody>
    </Table>
  );
}

function Room({ height }: { height: number }) {
  return (
    height > 0 && (
      <tr aria-hidden>
        <td colSpan={6} style={{ height, padding: 0 }} />
      </tr>
    )
  );
}

function CallCards({ rows, names }: RowsProps) {
  const { t } = useTranslation('calls');
  const row = useRow(names);
  const { list, items, measure, before, after } = useDrawnRows<HTMLUListElement>(rows, 100);
  const room = { listStyle: 'none', paddingTop: before, paddingBottom: after };
  return (
    <Box component="ul" ref={list} p={0} m={0} style={room} aria-label={t('past.title')}>
      {items.map(({ key, index }) => {
        const call = rows[index]!;
        return (
          <Group
            key={key}
            component="li"
            ref={measure}
            data-index={index}
            p="sm"
            gap="sm"
            wrap="nowrap"
            className={`${css.row} ${css.card}`}
          >
            <DirectionIcon direction={call.direction} result={call.result} />
            <Stack gap={2} flex={1} miw={0}>
              <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
                <Party number={call.from} name={call.fromName} names={names} />
                {row.link(
                  call,
                  <Text span size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                    {row.when(call)}
                  </Text>,
                )}
              </Group>
              <Group gap={4} wrap="nowrap" align="flex-start">
                <IconArrowRight size={14} aria-hidden style={{ flexShrink: 0, marginTop: 3 }} />
                <Party number={call.did ?? call.to} names={names} />
              </Group>
              {row.answeredBy(call) !== null && (
                <Text size="xs" c="dimmed">
                  {row.answeredBy(call)}
                </Text>
              )}
              <Group justify="space-between" gap="xs" mt={4}>
                <ResultBadge result={call.result} />
                <Text size="xs" ff="monospace">
                  {row.talked(call)}
                </Text>
              </Group>
            </Stack>
          </Group>
        );
      })}
    </Box>
  );
}
