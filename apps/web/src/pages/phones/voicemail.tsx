import { Alert, Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useOrganization } from '../../app/session.ts';
import { isUnread } from '../../app/unread.ts';
import { useFailure } from '../../parts/failure.tsx';
import { Greeting } from '../../parts/greeting.tsx';
import { Failed, ListSkeleton } from '../../parts/states.tsx';
import { StoredNumber, StoredText } from '../../parts/stored-fields.tsx';
import { StoredSwitch } from '../../parts/stored-switch.tsx';
import { type BoxChange, boxQuery, type Extension, useChanges } from './data.ts';

/** The box of an extension. Acts at once, without apply. */
export function Voicemail({ extension }: { extension: Extension }) {
  const { t } = useTranslation('phones');
  const { slug, may } = useOrganization();
  const box = useQuery(boxQuery(slug, extension.id));
  const { changeBox } = useChanges(slug);
  const failed = useFailure();
  const change = (value: BoxChange) => changeBox(extension.id, value);
  if (box.isPending) return <ListSkeleton rows={1} height={60} />;
  if (isUnread(box)) return <Failed error={box.error} retry={() => void box.refetch()} />;
  const { greeting, email, isSoundAttached, maxMessageInS, newMessages, oldMessages, lockedUntil, hasPin } = box.data;
  const disabled = !may('voicemail:write');
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t('voicemail.messages', { count: newMessages, old: oldMessages })}
      </Text>
      {lockedUntil !== null && (
        <Alert color="orange">
          <Group justify="space-between">
            <Text size="sm">{t('voicemail.locked')}</Text>
            <Button
              size="xs"
              variant="light"
              disabled={disabled}
              onClick={() => void change({ isLocked: false }).catch(failed)}
            >
              {t('voicemail.unlock')}
            </Button>
          </Group>
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
        <StoredText
          label={t('voicemail.email')}
          type="email"
          field="email"
          name={`${t('voicemail.email')}, ${extension.number}`}
          stored={email ?? ''}
          store={async (value, was) => {
            const or = (text: string) => (text.trim() === '' ? null : text);
            return (await change({ email: or(value), expected: { email: or(was) } })).email ?? '';
          }}
          disabled={disabled}
        />
        <StoredNumber
          label={t('voicemail.longest')}
          field="maxMessageInS"
          name={`${t('voicemail.longest')}, ${extension.number}`}
          stored={maxMessageInS}
          store={async (value, was) => {
            const expected = { maxMessageInS: was };
            return (await change({ maxMessageInS: value, expected })).maxMessageInS;
          }}
          unit={t('extension.seconds')}
          disabled={disabled}
        />
      </SimpleGrid>
      <StoredSwitch
        label={t('voicemail.attach')}
        field="isSoundAttached"
        name={`${t('voicemail.attach')}, ${extension.number}`}
        stored={isSoundAttached}
        store={async (value, was) => {
          const expected = { isSoundAttached: was };
          return (await change({ isSoundAttached: value, expected })).isSoundAttached;
        }}
        disabled={disabled}
      />
      <Greeting extension={extension.number} greeting={greeting} change={change} />
      <Group gap="sm">
        <Text size="sm">{hasPin ? t('voicemail.hasPin') : t('voicemail.noPin')}</Text>
        {hasPin && !disabled && (
          <Button size="xs" variant="light" onClick={() => void change({ pin: null }).catch(failed)}>
            {t('voicemail.forgetPin')}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
