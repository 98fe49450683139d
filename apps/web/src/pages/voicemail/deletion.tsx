/**
 * Deleting a message can be undone for some seconds: only then the server is asked, for it forgets for good. Whoever leaves
 * the page within them has meant it.
 */
import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, problemOf } from '../../app/api.ts';
import { createStore } from '../../app/store.ts';
import { useFailure } from '../../parts/failure.tsx';
import { messageSound } from './data.ts';

const UNDO_WITHIN = 8_000;

export interface Going {
  org: string;
  extension: string;
  message: string;
  isSaved: boolean;
}

/** Messages that are shown no more, by id. */
const going = createStore<ReadonlyMap<string, Going>>(new Map());
const timers = new Map<string, ReturnType<typeof setTimeout>>();

/** Hook: all that are on their way out. */
export const useAllGoing = (): readonly Going[] => [...going.use().values()];

/** Hook: whether a message is on its way out. */
export function useIsGoing(): (message: string) => boolean {
  const all = going.use();
  return (message) => all.has(message);
}

function stay(message: string): void {
  clearTimeout(timers.get(message));
  timers.delete(message);
  const rest = new Map(going.get());
  rest.delete(message);
  going.set(rest);
}

// A request of the page would end with it.
addEventListener('pagehide', () => {
  for (const { org, extension, message } of going.get().values()) {
    void fetch(messageSound(org, extension, message).replace(/\/sound$/, ''), { method: 'DELETE', keepalive: true });
  }
});

export function useDeletion(): (what: Going) => void {
  const { t } = useTranslation('voicemail');
  const queries = useQueryClient();
  const failed = useFailure();
  return (what) => {
    const { org, extension, message } = what;
    const notice = notifications.show({
      autoClose: UNDO_WITHIN,
      role: 'status',
      closeButtonProps: { 'aria-label': t('close') },
      message: (
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm">{t('message.deleted')}</Text>
          <Button
            size="xs"
            flex="none"
            variant="light"
            onClick={() => {
              stay(message);
              notifications.hide(notice);
            }}
          >
            {t('message.undo')}
          </Button>
        </Group>
      ),
    });
    going.set(new Map(going.get()).set(message, what));
    const remove = async () => {
      try {
        await api.deleteVoicemailMessage({ params: { org, extension, message } });
      } catch (error) {
        if (problemOf(error)?.id !== 'not-found') failed(error);
      }
      await queries.invalidateQueries({ queryKey: ['organization', org, 'voicemail'] });
      stay(message);
    };
    timers.set(
      message,
      setTimeout(() => void remove(), UNDO_WITHIN),
    );
  };
}
