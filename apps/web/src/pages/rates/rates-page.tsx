/** What a carrier asks for calls by one line of an organization: looked at, changed one by one, or taken from its table. */
import type { RateAnswer } from '@littlepbx/contract';
import { Button, Group, Paper, Stack, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconArrowLeft, IconCoins, IconPlus, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { isUnread } from '../../app/unread.ts';
import { useFailure } from '../../parts/failure.tsx';
import { useWritten } from '../../parts/moment.ts';
import { PageFrame } from '../../parts/page.tsx';
import { useQuestion } from '../../parts/question.tsx';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import { wideTable } from '../../parts/wide-table.ts';
import { DeckUpload } from './deck-upload.tsx';
import { RateDialog } from './rate-dialog.tsx';

/** Milliseconds after the last key. */
const PAUSE = 300;

export default function RatesPage() {
  const { t } = useTranslation('rates');
  const { organization: org = '', trunk = '' } = useParams({ strict: false }) as Record<string, string | undefined>;
  const queries = useQueryClient();
  const [search, setSearch] = useState('');
  const [prefix] = useDebouncedValue(search.replace(/\D/g, '').slice(0, 15), PAUSE);
  const [edited, setEdited] = useState<RateAnswer | 'new' | null>(null);
  const line = useQuery({
    queryKey: ['trunks', org, trunk],
    queryFn: () => api.getTrunk({ params: { org, trunk } }),
  });
  const rates = useInfiniteQuery({
    queryKey: ['rates', org, trunk, prefix],
    queryFn: ({ pageParam }) =>
      api.listRates({
        params: { org, trunk },
        query: { ...(prefix === '' ? {} : { prefix }), ...(pageParam === null ? {} : { cursor: pageParam }) },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (before) => before,
  });
  const deck = rates.data?.pages[0];
  const items = rates.data?.pages.flatMap((page) => page.items) ?? [];
  const read = () => void queries.invalidateQueries({ queryKey: ['rates', org, trunk] });
  const of = { org, trunk, currency: deck?.currency ?? null };
  const back = (
    <Button
      variant="subtle"
      size="xs"
      leftSection={<IconArrowLeft size={16} aria-hidden />}
      renderRoot={(props) => (
        <Link to={`/operator/organizations/${org}`} search={{ part: 'trunks' } as never} {...props} />
      )}
    >
      {t('back')}
    </Button>
  );
  return (
    <PageFrame title={line.data ? t('title', { name: line.data.name }) : t('titleOfNone')} actions={back}>
      {rates.isPending && <ListSkeleton rows={6} height={40} />}
      {isUnread(rates) && <Failed error={rates.error} retry={() => void rates.refetch()} />}
      {deck && (
        <Stack maw={900} gap="lg">
          <Text size="sm" c="dimmed">
            {t('about')}
          </Text>
          <Facts {...of} count={deck.count} importedAt={deck.importedAt} onDeleted={read} />
          <DeckUpload {...of} hasRates={deck.count > 0} onImported={read} />
          <Stack gap="sm">
            <Group justify="space-between" align="flex-end">
              {deck.count > 0 && (
                <TextInput
                  type="search"
                  label={t('search')}
                  placeholder="4420"
                  inputMode="numeric"
                  leftSection={<IconSearch size={16} aria-hidden />}
                  value={search}
                  onChange={(event) => setSearch(event.currentTarget.value)}
                />
              )}
              <Button
                variant="default"
                leftSection={<IconPlus size={18} aria-hidden />}
                onClick={() => setEdited('new')}
              >
                {t('add')}
              </Button>
            </Group>
            {deck.count === 0 ? (
              <Empty icon={IconCoins} title={t('empty')}>
                {t('emptyText')}
              </Empty>
            ) : items.length === 0 ? (
              <Text size="sm">{t('nothing', { prefix })}</Text>
            ) : (
              <Rates {...of} items={items} onEdit={setEdited} onGone={read} />
            )}
            {rates.hasNextPage && (
              <Group justify="center">
                <Button
                  variant="subtle"
                  size="xs"
                  loading={rates.isFetchingNextPage}
                  onClick={() => void rates.fetchNextPage()}
                >
                  {t('more')}
                </Button>
              </Group>
            )}
          </Stack>
        </Stack>
      )}
      <RateDialog {...of} edited={edited} onClose={() => setEdited(null)} onDone={read} />
    </PageFrame>
  );
}

interface DeckProps {
  org: string;
  trunk: string;
  /** Null: there are no rates. */
  currency: string | null;
}

interface FactsProps extends DeckProps {
  count: number;
  importedAt: number | null;
  onDeleted(): void;
}

function Facts({ org, trunk, currency, count, importedAt, onDeleted }: FactsProps) {
  const { t } = useTranslation('rates');
  const { moment } = useWritten();
  const ask = useQuestion();
  const failed = useFailure();
  const remove = useMutation({
    mutationFn: () => api.deleteRates({ params: { org, trunk } }),
    onSuccess: onDeleted,
    onError: failed,
  });
  if (currency === null || importedAt === null) return null;
  const question = () =>
    ask({ title: t('deleteAllTitle'), text: t('deleteAllText'), action: t('deleteAll'), onYes: remove.mutate });
  return (
    <Paper p="sm">
      <Group justify="space-between" gap="xs">
        <Text>{t('facts', { count, currency, at: moment(importedAt) })}</Text>
        <Button variant="light" color="red" size="xs" loading={remove.isPending} onClick={question}>
          {t('deleteAll')}
        </Button>
      </Group>
    </Paper>
  );
}

interface RatesProps extends DeckProps {
  items: RateAnswer[];
  onEdit(rate: RateAnswer): void;
  onGone(): void;
}

function Rates({ org, trunk, currency, items, onEdit, onGone }: RatesProps) {
  const { t } = useTranslation('rates');
  const failed = useFailure();
  const ask = useQuestion();
  const remove = useMutation({
    mutationFn: (prefix: string) => api.deleteRate({ params: { org, trunk, prefix } }),
    onSuccess: onGone,
    onError: failed,
  });
  const question = (prefix: string) =>
    ask({
      title: t('deleteTitle', { prefix }),
      text: t('deleteText'),
      action: t('delete'),
      onYes: () => remove.mutate(prefix),
    });
  return (
    <Table.ScrollContainer minWidth={560} scrollAreaProps={wideTable}>
      <Table aria-label={t('list')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('prefix')}</Table.Th>
            <Table.Th>{t('perMinute', { currency })}</Table.Th>
            <Table.Th>{t('perCall', { currency })}</Table.Th>
            <Table.Th>{t('billed')}</Table.Th>
            <Table.Th />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((rate) => (
            <Row
              key={rate.prefix}
              rate={rate}
              isGoing={remove.isPending && remove.variables === rate.prefix}
              onEdit={() => onEdit(rate)}
              onDelete={() => question(rate.prefix)}
            />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const MILLION = 1_000_000;

interface RowProps {
  rate: RateAnswer;
  isGoing: boolean;
  onEdit(): void;
  onDelete(): void;
}

function Row({ rate, isGoing, onEdit, onDelete }: RowProps) {
  const { t } = useTranslation('rates');
  const { number } = useWritten();
  const { prefix, pricePerMinute, setupFee, firstIncrementInS: first, incrementInS: next } = rate;
  return (
    <Table.Tr>
      <Table.Td ff="monospace">+{prefix}</Table.Td>
      <Table.Td>{number(pricePerMinute / MILLION, 6)}</Table.Td>
      <Table.Td>{number(setupFee / MILLION, 6)}</Table.Td>
      <Table.Td>{t('seconds', { first, next })}</Table.Td>
      <Table.Td>
        <Group gap="xs" justify="flex-end" wrap="nowrap">
          <Button variant="default" size="xs" aria-label={t('editNamed', { prefix })} onClick={onEdit}>
            {t('edit')}
          </Button>
          <Button
            variant="light"
            color="red"
            size="xs"
            loading={isGoing}
            aria-label={t('deleteNamed', { prefix })}
            onClick={onDelete}
          >
            {t('delete')}
          </Button>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
