import type { SystemAnswer } from '@littlepbx/contract';
import { Alert, Button, SimpleGrid, Stack, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useFailure } from '../../parts/failure.tsx';
import { useWritten } from '../../parts/moment.ts';
import { PageFrame } from '../../parts/page.tsx';
import { useQuestion } from '../../parts/question.tsx';
import { Failed, ListSkeleton } from '../../parts/states.tsx';
import { Alerts } from './alerts.tsx';
import { Bans } from './bans.tsx';
import { Chart } from './chart.tsx';
import { readMetrics } from './metrics.ts';
import { Readings } from './readings.tsx';

/** Milliseconds. */
const LOOK_AGAIN = 3_000;
/** Ten minutes. */
const MOST_POINTS = 200;

export default function SystemPage() {
  const { t } = useTranslation('system');
  const { number } = useWritten();
  const system = useQuery({
    queryKey: ['system'],
    queryFn: () => api.getSystem(),
    refetchInterval: LOOK_AGAIN,
    structuralSharing: false,
  });
  const metrics = useQuery({ queryKey: ['metrics'], queryFn: readMetrics, refetchInterval: LOOK_AGAIN });
  const settings = useQuery({ queryKey: ['alert-settings'], queryFn: () => api.getAlertSettings(), staleTime: 60_000 });
  const thresholds = settings.data?.thresholds;
  const history = useHistory(system.data);
  const points = (of: (one: SystemAnswer) => number) => history.map(of);
  return (
    <PageFrame title={t('title')} actions={system.data && <Drain isDraining={system.data.isDraining} />}>
      {system.data?.isDraining && <Alert color="orange">{t('drain.now')}</Alert>}
      {system.isPending && <ListSkeleton rows={4} height={84} />}
      {system.isError && <Failed error={system.error} retry={() => void system.refetch()} />}
      {system.data && (
        <>
          <Readings system={system.data} metrics={metrics.data ?? null} thresholds={thresholds} />
          <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
            <Chart label={t('charts.calls')} points={points((one) => one.calls)} write={(value) => number(value)} />
            <Chart
              label={t('charts.registrations')}
              points={points((one) => one.registrations)}
              write={(value) => number(value)}
            />
            <Chart
              label={t('charts.lag')}
              points={points((one) => one.eventLoopLag.p99)}
              write={(value) => t('milliseconds', { value: number(value, 1) })}
              {...(thresholds ? { threshold: thresholds.eventLoopLag } : {})}
            />
          </SimpleGrid>
        </>
      )}
      <Section title={t('alerts.title')}>
        <Alerts />
      </Section>
      <Section title={t('bans.title')}>
        <Bans />
      </Section>
    </PageFrame>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack gap="sm" component="section" aria-label={title}>
      <Title order={2} size="h4">
        {title}
      </Title>
      {children}
    </Stack>
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
