import { Button, Paper, Stack, Table, Text, Title } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { lengthOf } from '../../parts/clock.ts';
import { useNames } from '../../parts/names.ts';
import { wideTable } from '../../parts/wide-table.ts';
import type { Statistics } from './data.ts';

/** So many rows are drawn at first. */
const DRAWN = 15;

/** Who called and was called how often, the busiest first. */
export function Extensions({ extensions }: Pick<Statistics, 'extensions'>) {
  const { t } = useTranslation('statistics');
  const names = useNames();
  const [isWhole, showWhole] = useState(false);
  const sorted = extensions.toSorted((a, b) => b.placed + b.received - (a.placed + a.received));
  const drawn = isWhole ? sorted : sorted.slice(0, DRAWN);
  return (
    <Figures
      title={t('extensions')}
      columns={[t('extension'), t('placed'), t('outcomes.answered'), t('outcomes.missed'), t('talkTime')]}
    >
      {drawn.map((row) => (
        <Row
          key={row.extension}
          name={names.label(row.extension)}
          cells={[row.placed, row.answered, row.missed, lengthOf(row.talkDuration)]}
        />
      ))}
      {drawn.length < sorted.length && (
        <Table.Tr>
          <Table.Td colSpan={5} ta="center">
            <Button size="xs" variant="subtle" onClick={() => showWhole(true)}>
              {t('showAll', { count: sorted.length })}
            </Button>
          </Table.Td>
        </Table.Tr>
      )}
    </Figures>
  );
}

/** How much the lines to the outside were used. */
export function Trunks({ trunks }: Pick<Statistics, 'trunks'>) {
  const { t } = useTranslation('statistics');
  return (
    <Figures
      title={t('trunks')}
      columns={[t('trunk'), t('inbound'), t('outbound'), t('outcomes.failed'), t('talkTime')]}
    >
      {trunks.map((row) => (
        <Row
          key={row.trunkId}
          name={row.name ?? t('trunkGone')}
          cells={[row.inbound, row.outbound, row.failed, lengthOf(row.talkDuration)]}
        />
      ))}
      {trunks.length === 0 && (
        <Table.Tr>
          <Table.Td colSpan={5}>
            <Text size="sm" c="dimmed">
              {t('noTrunks')}
            </Text>
          </Table.Td>
        </Table.Tr>
      )}
    </Figures>
  );
}

function Figures({ title, columns, children }: { title: string; columns: string[]; children: ReactNode }) {
  return (
    <Paper p="md" component="section" aria-label={title}>
      <Stack gap="sm">
        <Title order={2} size="h5">
          {title}
        </Title>
        <Table.ScrollContainer minWidth={480} scrollAreaProps={wideTable}>
          <Table aria-label={title}>
            <Table.Thead>
              <Table.Tr>
                {columns.map((column, i) => (
                  <Table.Th key={column} ta={i === 0 ? 'left' : 'right'}>
                    {column}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>{children}</Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Stack>
    </Paper>
  );
}

function Row({ name, cells }: { name: string; cells: (string | number)[] }) {
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={400}>
        {name}
      </Table.Th>
      {cells.map((cell, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a column each
        <Table.Td key={i} ta="right">
          {cell}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}
