import type { AuditEntryAnswer, Scope } from '@littlepbx/contract';
import { Anchor, Badge, Group, Paper, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { spoken } from '../../app/i18n.ts';
import { useWritten } from '../../parts/moment.ts';
import { useNote } from '../../parts/note.ts';
import { readable } from '../../parts/phone-number.ts';
import { type Kind, levelsOf } from '../../parts/scopes.ts';
import { type Change, changesOf, enumWordOf, isAction, isField, isResource } from './words.ts';

/** What ids are called. */
export type Names = ReadonlyMap<string, string>;

interface AuditRowProps {
  entry: AuditEntryAnswer;
  names: Names;
  isOfInstallation: boolean;
  /** Of amounts of money; null: it is not known. */
  currency: string | null;
  /** Only what this one did is wanted. */
  onAuthor(author: { id: string; name: string }): void;
}

const COLORS: Record<string, string> = { created: 'teal', deleted: 'red', erased: 'red', changed: 'indigo' };

export function AuditRow({ entry, names, isOfInstallation, currency, onAuthor }: AuditRowProps) {
  const { t } = useTranslation('audit');
  const { moment } = useWritten();
  const { author, action, resource } = entry;
  const named = names.get(entry.label ?? '') ?? names.get(entry.resourceId);
  const label = named ?? (isId(entry.label) ? '' : readable(entry.label ?? ''));
  const changes = changesOf(entry);
  const organization = entry.organizationId && names.get(entry.organizationId);
  return (
    <Paper p="sm" role="listitem">
      <Stack gap={6}>
        <Group gap="xs" justify="space-between" align="flex-start">
          <Group gap="xs" miw={0}>
            <Badge variant="dot" color={COLORS[action] ?? 'gray.6'}>
              {isAction(action) ? t(`actions.${action}`) : action}
            </Badge>
            <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
              {isResource(resource) ? t(`resources.${resource}`) : resource} {label}
            </Text>
            {isOfInstallation && organization && resource !== 'organization' && (
              <Text size="sm" c="dimmed">
                {organization}
              </Text>
            )}
          </Group>
          <Text size="sm" c="dimmed" component="time" dateTime={new Date(entry.at).toISOString()}>
            {moment(entry.at)}
          </Text>
        </Group>
        <Changes changes={changes} action={action} names={names} currency={currency} />
        <Group gap={6}>
          {author.kind === 'operator' && !isOfInstallation && (
            <Badge size="sm" variant="dot" color="orange">
              {t('provider')}
            </Badge>
          )}
          {author.id === null ? (
            <Text size="sm" c="dimmed">
              {author.kind === 'system' ? t('system') : author.name}
            </Text>
          ) : (
            <Anchor
              component="button"
              type="button"
              size="sm"
              c="dimmed"
              underline="always"
              title={t('onlyBy', { name: author.name })}
              onClick={() => onAuthor({ id: author.id!, name: author.name })}
            >
              {author.kind === 'key' ? t('key', { name: author.name }) : author.name}
            </Anchor>
          )}
          {author.address !== null && (
            <Text size="sm" c="dimmed">
              {t('from', { address: author.address })}
            </Text>
          )}
        </Group>
      </Stack>
    </Paper>
  );
}

/** Tells people nothing. */
const isId = (label: string | null): boolean =>
  label !== null && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(label);

interface ChangesProps extends Pick<AuditRowProps, 'names' | 'currency'> {
  changes: Change[];
  action: string;
}

function Changes({ changes, action, names, currency }: ChangesProps) {
  const { t } = useTranslation('audit');
  const inWords = useValue(names, currency);
  // Of what is made or gone, what was never filled in says nothing.
  // Nor does the id of something that is gone, or that is read elsewhere.
  const saysNothing = (value: unknown) =>
    isNothing(value) || (typeof value === 'string' && isId(value) && !names.has(value));
  const told = changes.filter((c) => action === 'changed' || !(saysNothing(c.before) && saysNothing(c.after)));
  if (told.length === 0) return null;
  return (
    <Stack gap={2} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
      {told.map(({ field, before, after }) => (
        <Text key={field} size="sm" component="li" style={{ overflowWrap: 'anywhere' }}>
          <Text span c="dimmed" inherit>
            {isField(field) ? t(`fields.${field}`) : field.replaceAll('_', ' ')}:{' '}
          </Text>
          {action === 'changed' ? (
            <>
              <Text span inherit td="line-through" c="dimmed">
                {inWords(field, before)}
              </Text>{' '}
              → {inWords(field, after)}
            </>
          ) : (
            inWords(field, isNothing(after) ? before : after)
          )}
        </Text>
      ))}
    </Stack>
  );
}

/** Of an extension that has none of its own, those of the organization hold. */
const LIMITS = new Set([
  'concurrent_calls',
  'calls_per_second',
  'minutes_per_hour',
  'minutes_per_day',
  'money_per_hour',
  'money_per_day',
]);

const isNothing = (value: unknown) =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

/** A value in words. */
function useValue(names: Names, currency: string | null): (field: string, value: unknown) => string {
  const { t } = useTranslation(['audit', 'keys', 'people']);
  const { moment, size, money, country } = useWritten();
  const noteInWords = useNote();
  const languages = new Intl.DisplayNames(spoken(), { type: 'language' });
  const scopes = (all: Scope[]) =>
    Object.entries(levelsOf(all))
      .map(([kind, level]) => `${t(`keys:kinds.${kind as Kind}`)} (${t(`keys:levels.${level}`)})`)
      .join(', ');
  return (field, value) => {
    if (isNothing(value)) return LIMITS.has(field) ? t('values.noLimit') : t('values.nothing');
    if (value === '(secret)') return t('values.secret');
    if (typeof value === 'boolean') return value ? t('values.yes') : t('values.no');
    if (typeof value === 'number') {
      if (field === 'storage_bytes') return size(value);
      return field.startsWith('money_') ? money(value, currency) : String(value);
    }
    if (field === 'scopes' && Array.isArray(value)) return scopes(value);
    if (field === 'allowed_countries' && Array.isArray(value)) return value.map(country).join(', ');
    if (Array.isArray(value))
      return value.map((item) => (typeof item === 'string' ? one(field, item) : JSON.stringify(item))).join(', ');
    return typeof value === 'string' ? one(field, value) : JSON.stringify(value);
  };
  function one(field: string, value: string): string {
    const word = enumWordOf(field, value);
    if (word !== null) return t(word as 'enums.music.own');
    if (field === 'language') return languages.of(value) ?? value;
    if (field === 'role' && (value === 'admin' || value === 'viewer' || value === 'user'))
      return t(`people:roles.${value}.name`);
    if (field === 'country') return country(value);
    if (field === 'note') return noteInWords(value);
    if (/_at$|_until$|^deadline$/.test(field) && !Number.isNaN(Date.parse(value))) return moment(Date.parse(value));
    return names.get(value) ?? readable(value);
  }
}
