/** One box: its messages, its greeting, its PIN. */
import { Button, Group, Loader, Stack, Tabs, Text, Title } from '@mantine/core';
import { IconArrowLeft, IconMicrophoneOff } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { usePollWithout } from '../../app/live.ts';
import { useOrganization } from '../../app/session.ts';
import { isUnread } from '../../app/unread.ts';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import { messagesQuery } from './data.ts';
import { useIsGoing } from './deletion.tsx';
import { MessageRow } from './message.tsx';
import { BoxSettings } from './settings.tsx';

interface BoxViewProps {
  extension: string;
  name: string;
  /** Whether the list of boxes is another page. */
  hasBack: boolean;
}

export function BoxView({ extension, name, hasBack }: BoxViewProps) {
  const { t } = useTranslation('voicemail');
  const { slug } = useOrganization();
  return (
    <Stack gap="sm">
      {hasBack && (
        <Group>
          <Button
            variant="subtle"
            size="xs"
            leftSection={<IconArrowLeft size={16} aria-hidden />}
            renderRoot={(props) => <Link to={`/o/${slug}/voicemail`} {...props} />}
          >
            {t('boxes')}
          </Button>
        </Group>
      )}
      <Title order={2} size="h4" style={{ overflowWrap: 'anywhere' }}>
        {name}{' '}
        <Text span inherit c="dimmed" fw={400}>
          {extension}
        </Text>
      </Title>
      <Tabs defaultValue="messages" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="messages">{t('messages')}</Tabs.Tab>
          <Tabs.Tab value="settings">{t('settings')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="messages" pt="md">
          <Messages extension={extension} />
        </Tabs.Panel>
        <Tabs.Panel value="settings" pt="md">
          <BoxSettings extension={extension} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

function Messages({ extension }: { extension: string }) {
  const { t } = useTranslation('voicemail');
  const { slug } = useOrganization();
  const isGoing = useIsGoing();
  const messages = useInfiniteQuery({
    ...messagesQuery(slug, extension),
    refetchInterval: usePollWithout(15_000),
  });
  if (messages.isPending) return <ListSkeleton rows={3} height={72} />;
  if (isUnread(messages)) {
    return <Failed error={messages.error} retry={() => void messages.refetch()} />;
  }
  const rows = messages.data.pages.flatMap(({ items }) => items).filter(({ id }) => !isGoing(id));
  if (rows.length === 0) {
    return (
      <Empty icon={IconMicrophoneOff} title={t('noMessages')}>
        {t('noMessagesText')}
      </Empty>
    );
  }
  return (
    <Stack gap="xs">
      <Stack component="ul" gap="xs" p={0} m={0} style={{ listStyle: 'none' }} aria-label={t('messages')}>
        {rows.map((message) => (
          <MessageRow key={message.id} message={message} extension={extension} />
        ))}
      </Stack>
      {messages.isFetchingNextPage ? (
        <Group justify="center">
          <Loader size="sm" aria-label={t('more')} />
        </Group>
      ) : (
        messages.hasNextPage && (
          <Button variant="subtle" size="xs" onClick={() => void messages.fetchNextPage()}>
            {t('more')}
          </Button>
        )
      )}
    </Stack>
  );
}
