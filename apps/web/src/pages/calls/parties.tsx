import { Badge, Group, Text, ThemeIcon, Tooltip } from '@mantine/core';
import { IconArrowDownLeft, IconArrowsExchange, IconArrowUpRight } from '@tabler/icons-react';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { Names } from '../../parts/names.ts';
import { readable } from '../../parts/phone-number.ts';
import type { Cdr, LiveCall } from './data.ts';

const ICONS = { inbound: IconArrowDownLeft, outbound: IconArrowUpRight, internal: IconArrowsExchange };
const COLORS: Record<Cdr['result'], string> = {
  answered: 'teal',
  voicemail: 'blue',
  busy: 'orange',
  'no-answer': 'orange',
  cancelled: 'gray',
  refused: 'red',
  failed: 'red',
};

/** Whether it came in, went out or stayed inside. */
export function DirectionIcon({ direction, result }: { direction: Cdr['direction']; result?: Cdr['result'] }) {
  const { t } = useTranslation('calls');
  const Icon = ICONS[direction];
  const color = result === undefined ? 'indigo' : COLORS[result];
  return (
    <Tooltip label={t(`directions.${direction}`)}>
      <ThemeIcon
        variant="light"
        color={color}
        size={28}
        radius="xl"
        role="img"
        aria-label={t(`directions.${direction}`)}
      >
        <Icon size={16} stroke={1.8} aria-hidden />
      </ThemeIcon>
    </Tooltip>
  );
}

export function ResultBadge({ result }: { result: Cdr['result'] }) {
  const { t } = useTranslation('calls');
  return (
    <Badge
      color={result === 'cancelled' ? 'gray.6' : COLORS[result]}
      variant="dot"
      tt="none"
      fw={500}
      miw="max-content"
    >
      {t(`results.${result}`)}
    </Badge>
  );
}

interface PartyProps {
  number: string | null;
  /** What the caller was called when the call was made, where that is known. */
  name?: string | null;
  names: Names;
}

/** The name of who it is, and the number. */
export function Party({ number, name, names }: PartyProps) {
  const { t } = useTranslation('calls');
  const shown = number === null ? null : name || names.person(number);
  if (number === null) return <Text size="sm">{t('hidden')}</Text>;
  return (
    <Group gap={6} wrap="wrap" style={{ rowGap: 0 }}>
      {shown !== null && (
        <Text size="sm" fw={500} lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
          {shown}
        </Text>
      )}
      <Text size="sm" {...(shown === null ? { fw: 500 } : { c: 'dimmed' })} style={{ whiteSpace: 'nowrap' }}>
        {readable(number)}
      </Text>
    </Group>
  );
}

/** Who calls, and who is talked with or rung. */
export function partiesOf(call: LiveCall, names: Names, t: TFunction<'calls'>): { from: string; to: string } {
  return {
    from: call.from === null ? t('hidden') : names.label(call.from, call.fromName),
    to: names.label(call.with ?? call.to),
  };
}
