import type { ApiKeyAnswer, Scope } from '@littlepbx/contract';
import { Badge, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, everyPage } from '../../app/api.ts';
import { isUnread } from '../../app/unread.ts';
import { useFailure } from '../../parts/failure.tsx';
import { useWritten } from '../../parts/moment.ts';
import { Once } from '../../parts/once.tsx';
import { PageFrame } from '../../parts/page.tsx';
import { useQuestion } from '../../parts/question.tsx';
import { type Kind, levelsOf } from '../../parts/scopes.ts';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import { NewKey } from './new-key.tsx';

interface KeyListProps {
  /** Null: the operator's own keys. */
  org: string | null;
  may(scope: Scope): boolean;
}

export function KeyList({ org, may }: KeyListProps) {
  const { t } = useTranslation('keys');
  const queries = useQueryClient();
  const queryKey = ['keys', org];
  const keys = useQuery({
    queryKey,
    queryFn: () =>
      everyPage((query) => (org === null ? api.listOperatorKeys({ query }) : api.listKeys({ params: { org }, query }))),
  });
  const [isMaking, setMaking] = useState(false);
  const [token, setToken] = useState<string | null>(null);
  const canChange = may('keys:write');
  const read = () => void queries.invalidateQueries({ queryKey });
  const add = canChange && (
    <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setMaking(true)}>
      {t('new.button')}
    </Button>
  );
  return (
    <PageFrame title={org === null ? t('operatorTitle') : t('title')} actions={add} isOfMany={org === null}>
      <Text c="dimmed" size="sm" maw={720}>
        {t('about')}
      </Text>
      {keys.isPending && <ListSkeleton rows={3} height={72} />}
      {isUnread(keys) && <Failed error={keys.error} retry={() => void keys.refetch()} />}
      {keys.data?.length === 0 && (
        <Empty icon={IconKey} title={t('empty.title')} action={add}>
          {t('empty.text')}
        </Empty>
      )}
      <Stack gap="xs" role="list">
        {keys.data?.map((key) => (
          <KeyRow key={key.id} apiKey={key} canRevoke={canChange} onGone={read} />
        ))}
      </Stack>
      <NewKey
        org={org}
        may={may}
        opened={isMaking}
        onClose={() => setMaking(false)}
        onMade={(made) => {
          setMaking(false);
          setToken(made);
          read();
        }}
      />
      <Once
        title={t('once.title')}
        label={t('once.label')}
        text={t('once.text')}
        secret={token}
        onClose={() => setToken(null)}
      />
    </PageFrame>
  );
}

interface KeyRowProps {
  apiKey: ApiKeyAnswer;
  canRevoke: boolean;
  onGone(): void;
}

function KeyRow({ apiKey, canRevoke, onGone }: KeyRowProps) {
  const { t } = useTranslation('keys');
  const { moment, ago } = useWritten();
  const failed = useFailure();
  const ask = useQuestion();
  const revoke = useMutation({
    mutationFn: () => api.deleteKey({ params: { key: apiKey.id } }),
    onSuccess: onGone,
    onError: failed,
  });
  const question = () =>
    ask({
      title: t('revoke.title', { name: apiKey.name }),
      text: t('revoke.text'),
      action: t('revoke.button'),
      onYes: revoke.mutate,
    });
  return (
    <Paper p="sm" role="listitem">
      <Group justify="space-between" align="flex-start" gap="sm">
        <Stack gap={4} miw={0} flex="1 1 260px">
          <Group gap="xs">
            <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
              {apiKey.name}
            </Text>
            <Text size="xs" c="dimmed">
              {apiKey.id}
            </Text>
          </Group>
          <ScopeWords scopes={apiKey.scopes} />
          <Text size="sm" c="dimmed">
            {t('made', { at: moment(apiKey.createdAt) })} ·{' '}
            {apiKey.lastUsedAt === null ? t('neverUsed') : t('used', { ago: ago(apiKey.lastUsedAt) })}
          </Text>
        </Stack>
        {canRevoke && (
          <Button variant="light" color="red" size="xs" loading={revoke.isPending} onClick={question}>
            {t('revoke.button')}
          </Button>
        )}
      </Group>
    </Paper>
  );
}

function ScopeWords({ scopes }: { scopes: Scope[] }) {
  const { t } = useTranslation('keys');
  const levels = Object.entries(levelsOf(scopes)) as [Kind, 'read' | 'write'][];
  const ofLevel = (wanted: string) => levels.filter(([, level]) => level === wanted).map(([kind]) => kind);
  return (
    <Group gap={6}>
      {(['write', 'read'] as const).map((level) => {
        const kinds = ofLevel(level);
        if (kinds.length === 0) return null;
        return (
          <Group key={level} gap={4}>
            <Badge variant="dot" color={level === 'write' ? 'orange' : 'teal'}>
              {t(`levels.${level}`)}
            </Badge>
            <Text size="sm">{kinds.map((kind) => t(`kinds.${kind}`)).join(', ')}</Text>
          </Group>
        );
      })}
    </Group>
  );
}
