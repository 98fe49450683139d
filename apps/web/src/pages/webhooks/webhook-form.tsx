import type { WebhookAnswer } from '@littlepbx/contract';
import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useOrganization } from '../../app/session.ts';
import { Form } from '../../parts/form.tsx';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { EVENTS, type WebhookEvent } from './events.ts';

interface WebhookFormProps {
  opened: boolean;
  /** Null: a new one. */
  webhook: WebhookAnswer | null;
  onClose(): void;
  /** @param secret of a new one */
  onDone(secret: string | null): void;
}

export function WebhookForm({ opened, ...form }: WebhookFormProps) {
  const { t } = useTranslation('webhooks');
  return (
    <Modal
      opened={opened}
      onClose={form.onClose}
      title={form.webhook === null ? t('form.newTitle') : t('form.title')}
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('form.cancel') }}
    >
      <Fields {...form} />
    </Modal>
  );
}

function Fields({ webhook, onClose, onDone }: Omit<WebhookFormProps, 'opened'>) {
  const { t } = useTranslation('webhooks');
  const { slug: org } = useOrganization();
  // As it was when the form was opened: what somebody else changes meanwhile is not overwritten unseen.
  const [was] = useState(webhook);
  const [url, setUrl] = useState(was?.url ?? '');
  const [description, setDescription] = useState(was?.description ?? '');
  const [events, setEvents] = useState<string[]>(was?.events ?? ['call-ended']);
  const store = useMutation({
    mutationFn: async (): Promise<string | null> => {
      const body = { url: url.trim(), description, events: EVENTS.filter((event) => events.includes(event)) };
      if (was === null) return (await api.createWebhook({ params: { org }, body })).secret;
      const expected = { url: was.url, description: was.description, events: was.events };
      await api.updateWebhook({ params: { org, webhook: was.id }, body: { ...body, expected } });
      return null;
    },
    onSuccess: onDone,
  });
  const refused = useRefusal(store.error);
  return (
    <Form onSend={() => store.mutate()} failure={store.error}>
      <Stack>
        <RefusalAlert text={refused.beside('url', 'description', 'events')} />
        <TextInput
          label={t('form.url')}
          description={t('form.urlText')}
          placeholder="https://"
          type="url"
          required
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          error={refused.at('url')}
          data-autofocus
        />
        <TextInput
          label={t('form.description')}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={refused.at('description')}
        />
        <Checkbox.Group
          label={t('form.events')}
          value={events}
          onChange={setEvents}
          error={refused.at('events') !== undefined && t('form.nothing')}
        >
          <Stack gap="xs" my={6}>
            {EVENTS.map((event: WebhookEvent) => (
              <Checkbox
                key={event}
                value={event}
                label={t(`events.${event}.label`)}
                description={t(`events.${event}.text`)}
              />
            ))}
          </Stack>
        </Checkbox.Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('form.cancel')}
          </Button>
          <Button type="submit" loading={store.isPending}>
            {was === null ? t('form.make') : t('form.store')}
          </Button>
        </Group>
      </Stack>
    </Form>
  );
}
