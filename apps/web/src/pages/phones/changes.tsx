import { Badge, Group, Paper, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { spoken } from '../../app/i18n.ts';
import { useOrganization } from '../../app/session.ts';
import { extensionsQuery } from '../../parts/extensions.ts';
import { useWritten } from '../../parts/moment.ts';
import { readable } from '../../parts/phone-number.ts';
import type { Change } from './data.ts';

const COLORS = { added: 'green', changed: 'blue', removed: 'red' } as const;
const MEMBERS = [
  'number',
  'name',
  'ringTimeInS',
  'doNotDisturb',
  'forwardAlways',
  'forwardBusy',
  'forwardNoAnswer',
  'outboundNumber',
  'language',
  'music',
] as const;

type Value = string | number | boolean | null | undefined;

/** What the draft changes, as a person would tell it. */
export function Changes({ changes }: { changes: Change[] }) {
  const { t } = useTranslation('phones');
  const { moment } = useWritten();
  const { slug } = useOrganization();
  // Only what differs is told of each; a name says more than a number.
  const { data: extensions = [] } = useQuery(extensionsQuery(slug));
  const nameOf = ({ id, before, after }: Change) =>
    (after ?? before)?.name ?? extensions.find((extension) => extension.id === id)?.name ?? '';
  const languages = new Intl.DisplayNames(spoken(), { type: 'language' });
  const inWords = (member: (typeof MEMBERS)[number], value: Value): Value => {
    if (member === 'music') return t(value === 'stock' ? 'music.choice.stock' : 'music.choice.own');
    if (member === 'doNotDisturb') return value === true ? t('changes.on') : t('changes.off');
    return member === 'language' && typeof value === 'string' ? languages.of(value) : value;
  };
  return (
    <Stack gap="xs">
      {changes.map((change) => (
        <Paper key={`${change.what} ${change.id}`} p="sm">
          <Group gap="xs" mb={4}>
            <Badge color={COLORS[change.kind]} variant="dot" tt="none">
              {t(`changes.${change.kind}`)}
            </Badge>
            <Text fw={500}>
              {change.what === 'route'
                ? readable(change.name)
                : change.what === 'music'
                  ? t('music.title')
                  : t('changes.extension', {
                      name: `${change.name} ${nameOf(change)}`.trim(),
                    })}
            </Text>
            {change.changedBy !== null && change.changedAt !== null && (
              <Text size="xs" c="dimmed" ml="auto">
                {t('changes.by', { name: change.changedBy.name, when: moment(change.changedAt) })}
              </Text>
            )}
          </Group>
          {change.what === 'route' ? (
            <Difference
              label={t('changes.leadsTo')}
              before={change.before?.extension}
              after={change.after?.extension}
            />
          ) : (
            change.kind === 'changed' &&
            MEMBERS.filter((member) => member in (change.after ?? {})).map((member) => (
              <Difference
                key={member}
                label={t(`members.${member}`)}
                before={inWords(member, change.before?.[member])}
                after={inWords(member, change.after?.[member])}
                unit={member === 'ringTimeInS' ? t('extension.seconds') : ''}
                nothing={member === 'outboundNumber' || member === 'language' ? t('changes.ofCompany') : undefined}
              />
            ))
          )}
        </Paper>
      ))}
    </Stack>
  );
}

interface DifferenceProps {
  label: string;
  before: Value;
  after: Value;
  unit?: string;
  /** What it is when there is none. */
  nothing?: string | undefined;
}

function Difference({ label, before, after, unit = '', nothing }: DifferenceProps) {
  const { t } = useTranslation('phones');
  const { t: common } = useTranslation('common');
  const words = (value: Value): string => {
    if (value === null || value === undefined || value === '') return nothing ?? t('changes.nothing');
    if (value === 'voicemail') return common('target.voicemail');
    return `${readable(String(value))} ${unit}`.trim();
  };
  return (
    <Text size="sm">
      {label}:{' '}
      <Text span c="dimmed" td="line-through">
        {words(before)}
      </Text>{' '}
      → <Text span>{words(after)}</Text>
    </Text>
  );
}
