import type { WebhookAnswer } from '@littlepbx/contract';
import { ActionIcon, Alert, Badge, Button, Collapse, Group, Menu, Paper, Stack, Switch, Text } from '@mantine/core';
import { IconDots, IconKey, IconPencil, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useOrganization } from '../../app/session.ts';
import { useFailure } from '../../parts/failure.tsx';
import { useWritten } from '../../parts/moment.ts';
import { useQuestion } from '../../parts/question.tsx';
import { Deliveries, deliveriesKey } from './deliveries.tsx';
import { WebhookForm } from './webhook-form.tsx';

interface WebhookRowProps {
  webhook: WebhookAnswer;
  canChange: boolean;
  onChanged(): void;
  onSecret(secret: string): void;
}

export function WebhookRow({ webhook, canChange, onChanged, onSecret }: WebhookRowProps) {
  const { t } = useTranslation('webhooks');
  const { slug: org } = useOrganization();
  const queries = useQueryClient();
  const failed = useFailure();
  const ask = useQuestion();
  const [isEditing, setEditing] = useState(false);
  const [isLogShown, setLogShown] = useState(false);
  const logId = useId();
  const { id, url, description, events, isActive } = webhook;
  const name = description === '' ? url : description;
  const params = { org, webhook: id };
  const turn = useMutation({
    mutationFn: (on: boolean) => api.updateWebhook({ params, body: { isActive: on } }),
    onSuccess: onChanged,
    onError: failed,
  });
  const test = useMutation({
    mutationFn: () => api.testWebhook({ params }),
    onSuccess: () => {
      setLogShown(true);
      void queries.invalidateQueries({ queryKey: deliveriesKey(org, id) });
    },
    onError: failed,
  });
  const replace = useMutation({
    mutationFn: () => api.replaceWebhookSecret({ params }),
    onSuccess: ({ secret }) => {
      onSecret(secret);
      onChanged();
    },
    onError: failed,
  });
  const remove = useMutation({
    mutationFn: () => api.deleteWebhook({ params }),
    onSuccess: onChanged,
    onError: failed,
  });
  const askToRemove = () =>
    ask({
      title: t('remove.title', { name }),
      text: t('remove.text'),
      action: t('remove.button'),
      onYes: remove.mutate,
    });
  const askToReplace = () =>
    ask({
      title: t('replace.title', { name }),
      text: t('replace.text'),
      action: t('replace.button'),
      onYes: replace.mutate,
      isHarmless: true,
    });
  return (
    <Paper p="sm" role="listitem" aria-label={name}>
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" gap="sm">
          <Stack gap={4} miw={0} flex="1 1 260px">
            {description !== '' && <Text fw={600}>{description}</Text>}
            <Text size="sm" {...(description === '' ? { fw: 600 } : {})} style={{ overflowWrap: 'anywhere' }}>
              {url}
            </Text>
            <Group gap={4} aria-label={t('told')} role="group">
              {events.map((event) => (
                <Badge key={event} variant="light" tt="none">
                  {t(`events.${event}.label`)}
                </Badge>
              ))}
            </Group>
          </Stack>
          <Group gap="xs">
            <Switch
              checked={isActive}
              disabled={!canChange || turn.isPending}
              onChange={(event) => turn.mutate(event.currentTarget.checked)}
              label={isActive ? t('on') : t('off')}
              aria-label={t('onNamed', { name })}
            />
            {canChange && (
              <Menu position="bottom-end">
                <Menu.Target>
                  <ActionIcon variant="subtle" color="gray" aria-label={t('more', { name })}>
                    <IconDots size={18} aria-hidden />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setEditing(true)}>
                    {t('edit')}
                  </Menu.Item>
                  <Menu.Item leftSection={<IconKey size={16} aria-hidden />} onClick={askToReplace}>
                    {t('replace.button')}
                  </Menu.Item>
                  <Menu.Item
                    color="var(--mantine-color-error)"
                    leftSection={<IconTrash size={16} aria-hidden />}
                    onClick={askToRemove}
                  >
                    {t('remove.button')}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            )}
          </Group>
        </Group>
        <Trouble webhook={webhook} />
        <Group gap="xs">
          {canChange && (
            <Button size="xs" variant="light" loading={test.isPending} onClick={() => test.mutate()}>
              {t('test')}
            </Button>
          )}
          <Button
            size="xs"
            variant="subtle"
            aria-expanded={isLogShown}
            aria-controls={logId}
            onClick={() => setLogShown(!isLogShown)}
          >
            {isLogShown ? t('log.hide') : t('log.show')}
          </Button>
        </Group>
        <Collapse expanded={isLogShown} id={logId}>
          {isLogShown && <Deliveries webhookId={id} canSend={canChange} />}
        </Collapse>
      </Stack>
      <WebhookForm
        opened={isEditing}
        webhook={webhook}
        onClose={() => setEditing(false)}
        onDone={() => {
          setEditing(false);
          onChanged();
        }}
      />
    </Paper>
  );
}

/** What is wrong with it, if anything is, and what to do. */
function Trouble({ webhook: { disabledReason, failingSince, isActive, oldSecretUntil } }: { webhook: WebhookAnswer }) {
  const { t } = useTranslation('webhooks');
  const { moment } = useWritten();
  const isReplaced = oldSecretUntil !== null && oldSecretUntil > Date.now();
  return (
    <>
      {disabledReason !== null && (
        <Alert color="red" p="xs">
          {t(`disabled.${disabledReason}`)}
        </Alert>
      )}
      {disabledReason === null && isActive && failingSince !== null && (
        <Alert color="orange" p="xs">
          {t('failing', { at: moment(failingSince) })}
        </Alert>
      )}
      {isReplaced && (
        <Text size="sm" c="dimmed">
          {t('oldSecret', { at: moment(oldSecretUntil) })}
        </Text>
      )}
    </>
  );
}
