import { Badge, Button, Group, NavLink, Paper, Stack, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useOrganization } from '../../app/session.ts';
import { useClock } from '../../parts/clock.ts';
import type { BoxSummary } from './data.ts';

/** So many are drawn at first: an organization may have thousands. */
const DRAWN = 100;

interface BoxListProps {
  boxes: BoxSummary[];
  chosen: string | null;
}

/** All boxes, those with new messages first. */
export function BoxList({ boxes, chosen }: BoxListProps) {
  const { t } = useTranslation('voicemail');
  const { slug } = useOrganization();
  const clock = useClock();
  const [text, setText] = useState('');
  const [isWhole, showWhole] = useState(false);
  const wanted = useDeferredValue(text.trim().toLocaleLowerCase());
  const found = boxes
    .filter(({ extension, name }) => extension.includes(wanted) || name.toLocaleLowerCase().includes(wanted))
    .sort(byUrgency);
  const drawn = isWhole ? found : found.slice(0, DRAWN);
  return (
    <Stack gap="sm">
      {boxes.length > 8 && (
        <TextInput
          aria-label={t('find')}
          placeholder={t('find')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
      )}
      {found.length === 0 ? (
        <Text size="sm" c="dimmed" ta="center" py="md">
          {t('noneFound')}
        </Text>
      ) : (
        <Paper component="nav" aria-label={t('boxes')} p={4}>
          {drawn.map((box) => (
            <NavLink
              key={box.extensionId}
              renderRoot={(props) => (
                <Link
                  to={`/o/${slug}/voicemail/${box.extension}`}
                  aria-current={box.extension === chosen ? 'page' : undefined}
                  {...props}
                />
              )}
              active={box.extension === chosen}
              label={
                <Group gap={6} wrap="nowrap">
                  <Text span size="sm" fw={box.newMessages > 0 ? 700 : 400} truncate>
                    {box.name}
                  </Text>
                  <Text span size="sm" c="dimmed">
                    {box.extension}
                  </Text>
                </Group>
              }
              description={box.latestAt === null ? t('empty') : t('latest', { when: clock.moment(box.latestAt) })}
              rightSection={<Waiting box={box} />}
              style={{ borderRadius: 'var(--mantine-radius-md)' }}
              {...(box.extension === chosen
                ? { styles: { description: { color: 'var(--mantine-color-text)', opacity: 1 } } }
                : {})}
            />
          ))}
        </Paper>
      )}
      {drawn.length < found.length && (
        <Button variant="subtle" size="xs" onClick={() => showWhole(true)}>
          {t('showAll', { count: found.length })}
        </Button>
      )}
    </Stack>
  );
}

function Waiting({ box }: { box: BoxSummary }) {
  const { t } = useTranslation('voicemail');
  return (
    <Group gap={6} wrap="nowrap">
      {box.newMessages > 0 && (
        <Badge tt="none" aria-label={t('new', { count: box.newMessages })}>
          {t('new', { count: box.newMessages })}
        </Badge>
      )}
      {box.oldMessages > 0 && (
        <Badge tt="none" variant="default" aria-label={t('old', { count: box.oldMessages })}>
          {box.oldMessages}
        </Badge>
      )}
    </Group>
  );
}

function byUrgency(a: BoxSummary, b: BoxSummary): number {
  const isNewer = Number(b.newMessages > 0) - Number(a.newMessages > 0);
  return isNewer || (b.latestAt ?? 0) - (a.latestAt ?? 0) || a.extension.localeCompare(b.extension);
}
