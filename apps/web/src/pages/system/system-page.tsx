import type { SystemAnswer } from '@littlepbx/contract';
import { Alert, Button, Stack, Tabs } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { isUnread } from '../../app/unread.ts';
import { useFailure } from '../../parts/failure.tsx';
import { PageFrame } from '../../parts/page.tsx';
import { useQuestion } from '../../parts/question.tsx';
import { Failed, ListSkeleton } from '../../parts/states.tsx';
import { AlertsPart } from './alert-settings.tsx';
import { LOOK_AGAIN } from './data.ts';
import { Health } from './health.tsx';
import { Mail } from './mail.tsx';
import { Protection } from './protection.tsx';

/** Ten minutes. */
const MOST_POINTS = 200;
const PARTS = ['health', 'alerts', 'mail', 'protection'] as const;

/** The whole installation. Which part is shown stands in the address. */
export default function SystemPage() {
  const { t } = useTranslation('system');
  const navigate = useNavigate();
  const { part: asked } = useSearch({ strict: false }) as { part?: unknown };
  const part = PARTS.find((name) => name === asked) ?? 'health';
  const system = useQuery({
    queryKey: ['system'],
    queryFn: () => api.getSystem(),
    refetchInterval: LOOK_AGAIN,
    structuralSharing: false,
  });
  const history = useHistory(system.data);
  const show = (name: string | null) =>
    void navigate({ to: '.', search: (name === 'health' ? {} : { part: name }) as never, resetScroll: false });
  return (
    <PageFrame title={t('title')} isOfMany actions={system.data && <Drain isDraining={system.data.isDraining} />}>
      {system.data?.isDraining && <Alert color="orange">{t('drain.now')}</Alert>}
      <Tabs value={part} onChange={show} keepMounted={false}>
        <Tabs.List aria-label={t('parts.label')} mb="lg">
          {PARTS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`parts.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="health">
          <Stack gap="lg">
            {system.isPending && <ListSkeleton rows={4} height={84} />}
            {isUnread(system) && <Failed error={system.error} retry={() => void system.refetch()} />}
            {system.data && <Health system={system.data} history={history} />}
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="alerts">
          <AlertsPart />
        </Tabs.Panel>
        <Tabs.Panel value="mail">
          <Mail />
        </Tabs.Panel>
        <Tabs.Panel value="protection">
          <Protection />
        </Tabs.Panel>
      </Tabs>
    </PageFrame>
  );
}

/** What was read since the page was opened. */
function useHistory(system: SystemAnswer | undefined): SystemAnswer[] {
  const [all, setAll] = useState<SystemAnswer[]>([]);
  useEffect(() => {
    if (system) setAll((was) => [...was, system].slice(-MOST_POINTS));
  }, [system]);
  return all;
}

/** Lets calls run out before the engine is stopped. */
function Drain({ isDraining }: { isDraining: boolean }) {
  const { t } = useTranslation('system');
  const queries = useQueryClient();
  const ask = useQuestion();
  const failed = useFailure();
  const change = useMutation({
    mutationFn: (isWanted: boolean) => (isWanted ? api.drain({ body: {} }) : api.liftDrain()),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['system'] }),
    onError: failed,
  });
  const question = () =>
    ask({
      title: t('drain.title'),
      text: t('drain.text'),
      action: t('drain.button'),
      onYes: () => change.mutate(true),
    });
  return (
    <Button
      variant={isDraining ? 'filled' : 'default'}
      loading={change.isPending}
      onClick={isDraining ? () => change.mutate(false) : question}
    >
      {isDraining ? t('drain.lift') : t('drain.button')}
    </Button>
  );
}
