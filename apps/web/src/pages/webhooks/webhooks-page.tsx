/** Programs of the organization's own that are told what happens. */
import { Button, Stack, Text } from '@mantine/core';
import { IconPlus, IconWebhook } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, everyPage } from '../../app/api.ts';
import { usePollWithout } from '../../app/live.ts';
import { useOrganization } from '../../app/session.ts';
import { isUnread } from '../../app/unread.ts';
import { Once } from '../../parts/once.tsx';
import { PageFrame } from '../../parts/page.tsx';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import { Verifying } from './verifying.tsx';
import { WebhookForm } from './webhook-form.tsx';
import { WebhookRow } from './webhook-row.tsx';

export default function WebhooksPage() {
  const { t } = useTranslation('webhooks');
  const { slug: org, may } = useOrganization();
  const queries = useQueryClient();
  const queryKey = ['organization', org, 'webhooks'];
  const webhooks = useQuery({
    queryKey,
    queryFn: () => everyPage((query) => api.listWebhooks({ params: { org }, query })),
    refetchInterval: usePollWithout(15_000),
  });
  const [isAdding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const canChange = may('webhooks:write');
  const read = () => void queries.invalidateQueries({ queryKey });
  const add = canChange && (
    <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setAdding(true)}>
      {t('add')}
    </Button>
  );
  return (
    <PageFrame title={t('title')} actions={webhooks.data?.length !== 0 && add} isTimeless={webhooks.data?.length === 0}>
      <Text c="dimmed" maw={720}>
        {t('about')}
      </Text>
      {webhooks.isPending && <ListSkeleton rows={2} height={96} />}
      {isUnread(webhooks) && <Failed error={webhooks.error} retry={() => void webhooks.refetch()} />}
      {webhooks.data?.length === 0 && (
        <Empty icon={IconWebhook} title={t('empty.title')} action={add}>
          {t('empty.text')}
        </Empty>
      )}
      <Stack gap="xs" role="list">
        {webhooks.data?.map((webhook) => (
          <WebhookRow key={webhook.id} webhook={webhook} canChange={canChange} onChanged={read} onSecret={setSecret} />
        ))}
      </Stack>
      <Verifying />
      <WebhookForm
        opened={isAdding}
        webhook={null}
        onClose={() => setAdding(false)}
        onDone={(made) => {
          setAdding(false);
          setSecret(made);
          read();
        }}
      />
      <Once
        title={t('once.title')}
        label={t('once.label')}
        text={t('once.text')}
        secret={secret}
        onClose={() => setSecret(null)}
      />
    </PageFrame>
  );
}
