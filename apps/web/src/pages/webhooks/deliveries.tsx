/** The log of one webhook: what was sent, what came of it, and sending it again. */
import type { WebhookDeliveryAnswer } from '@littlepbx/contract';
import { Badge, Button, Code, Group, Stack, Text } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useOrganization } from '../../app/session.ts';
import { isUnread } from '../../app/unread.ts';
import { useFailure } from '../../parts/failure.tsx';
import { useWritten } from '../../parts/moment.ts';
import { Failed, ListSkeleton } from '../../parts/states.tsx';

/** No event tells of deliveries. Milliseconds. */
const LOOK_AGAIN = 10_000;
const LOOK_SOON = 1_000;

export const deliveriesKey = (org: string, webhookId: string) => ['organization', org, 'webhook-deliveries', webhookId];

/** Whether something is just being sent. */
const isUnderWay = ({ state, attempts }: WebhookDeliveryAnswer) => state === 'waiting' && attempts === 0;

export function Deliveries({ webhookId, canSend }: { webhookId: string; canSend: boolean }) {
  const { t } = useTranslation('webhooks');
  const { slug: org } = useOrganization();
  const queries = useQueryClient();
  const queryKey = deliveriesKey(org, webhookId);
  const deliveries = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => {
      const query = { limit: 20, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return api.listWebhookDeliveries({ params: { org, webhook: webhookId }, query });
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some(isUnderWay)) ? LOOK_SOON : LOOK_AGAIN,
  });
  const shown = deliveries.data?.pages.flatMap(({ items }) => items);
  return (
    <Stack gap={6}>
      {deliveries.isPending && <ListSkeleton rows={2} height={44} />}
      {isUnread(deliveries) && <Failed error={deliveries.error} retry={() => void deliveries.refetch()} />}
      {shown?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('log.empty')}
        </Text>
      )}
      <Stack gap="sm" role="list" aria-label={t('log.title')}>
        {shown?.map((delivery) => (
          <DeliveryRow
            key={delivery.id}
            delivery={delivery}
            canSend={canSend}
            onSent={() => void queries.invalidateQueries({ queryKey })}
          />
        ))}
      </Stack>
      {deliveries.hasNextPage && (
        <Button
          size="xs"
          variant="default"
          loading={deliveries.isFetchingNextPage}
          onClick={() => void deliveries.fetchNextPage()}
          style={{ alignSelf: 'center' }}
        >
          {t('log.more')}
        </Button>
      )}
    </Stack>
  );
}

const COLORS = { delivered: 'teal', waiting: 'blue', failed: 'red' } as const;

interface DeliveryRowProps {
  delivery: WebhookDeliveryAnswer;
  canSend: boolean;
  onSent(): void;
}

function DeliveryRow({ delivery, canSend, onSent }: DeliveryRowProps) {
  const { t } = useTranslation('webhooks');
  const { moment } = useWritten();
  const { slug: org } = useOrganization();
  const failed = useFailure();
  const again = useMutation({
    mutationFn: () =>
      api.resendWebhookDelivery({ params: { org, webhook: delivery.webhookId, delivery: delivery.id } }),
    onSuccess: onSent,
    onError: failed,
  });
  const [isMessageShown, setMessageShown] = useState(false);
  const messageId = useId();
  const { event, state, occurredAt } = delivery;
  return (
    <Stack gap={2} role="listitem">
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <Group gap="xs" miw={0} style={{ rowGap: 2 }}>
          <Badge color={COLORS[state]} variant="light" tt="none">
            {isUnderWay(delivery) ? t('log.sending') : t(`log.states.${state}`)}
          </Badge>
          <Text size="sm">{t(`events.${event}.label`)}</Text>
          <Text size="sm" c="dimmed">
            {moment(occurredAt)}
          </Text>
        </Group>
        {canSend && !isUnderWay(delivery) && (
          <Button
            size="compact-xs"
            variant="subtle"
            loading={again.isPending}
            onClick={() => again.mutate()}
            flex="none"
          >
            {t('log.again')}
          </Button>
        )}
      </Group>
      <Result delivery={delivery} />
      {canSend && (
        <Button
          size="compact-xs"
          variant="subtle"
          aria-expanded={isMessageShown}
          aria-controls={messageId}
          onClick={() => setMessageShown(!isMessageShown)}
          style={{ alignSelf: 'flex-start' }}
        >
          {isMessageShown ? t('log.hideMessage') : t('log.showMessage')}
        </Button>
      )}
      <div id={messageId}>{isMessageShown && <Message delivery={delivery} />}</div>
    </Stack>
  );
}

/** What is sent, as the other program reads it. */
function Message({ delivery: { id, webhookId } }: { delivery: WebhookDeliveryAnswer }) {
  const { t } = useTranslation('webhooks');
  const { slug: org } = useOrganization();
  const message = useQuery({
    queryKey: ['organization', org, 'webhook-message', id],
    queryFn: () => api.getWebhookMessage({ params: { org, webhook: webhookId, delivery: id } }),
    // It never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (message.isPending) return <ListSkeleton rows={1} height={120} />;
  if (isUnread(message)) return <Failed error={message.error} retry={() => void message.refetch()} />;
  return (
    <Code
      block
      fz="xs"
      mah={320}
      style={{ overflow: 'auto' }}
      // Scrolled by keyboard.
      tabIndex={0}
      role="region"
      aria-label={t('log.message')}
    >
      {JSON.stringify(message.data, null, 2)}
    </Code>
  );
}

/** What came of the last try, in words. */
function Result({ delivery }: { delivery: WebhookDeliveryAnswer }) {
  const { t } = useTranslation('webhooks');
  const { moment, number } = useWritten();
  const { state, fault, responseStatus, answer, duration, attempts, nextAttemptAt } = delivery;
  const words = [];
  if (fault !== null) words.push(t(`log.faults.${fault}`));
  else if (responseStatus !== null) {
    const status = { status: responseStatus, ms: number(duration ?? 0) };
    words.push(state === 'delivered' ? t('log.taken', status) : t('log.answered', status));
  }
  if (attempts > 1) words.push(t('log.tries', { count: attempts }));
  if (state === 'waiting' && attempts > 0 && nextAttemptAt !== null) {
    words.push(t('log.next', { at: moment(nextAttemptAt) }));
  }
  return (
    <>
      {words.length > 0 && (
        <Text size="sm" c="dimmed">
          {words.join(' ')}
        </Text>
      )}
      {state !== 'delivered' && answer !== null && answer.trim() !== '' && (
        <Text size="xs" c="dimmed" lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
          {t('log.said', { answer: answer.trim() })}
        </Text>
      )}
    </>
  );
}
