import type { SystemAnswer } from '@littlepbx/contract';
import { SimpleGrid } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useWritten } from '../../parts/moment.ts';
import { Alerts } from './alerts.tsx';
import { Chart } from './chart.tsx';
import { alertSettingsQuery } from './data.ts';
import { Readings } from './readings.tsx';
import { Section } from './section.tsx';

interface HealthProps {
  system: SystemAnswer;
  /** What was read since the page was opened, oldest first. */
  history: SystemAnswer[];
}

/** Whether all is well: numbers of this moment, how they went, and what is wrong. */
export function Health({ system, history }: HealthProps) {
  const { t } = useTranslation('system');
  const { number } = useWritten();
  const thresholds = useQuery({ ...alertSettingsQuery, staleTime: 60_000 }).data?.thresholds;
  const points = (of: (one: SystemAnswer) => number) => history.map(of);
  return (
    <>
      <Section title={t('alerts.now')}>
        <Alerts which="standing" />
      </Section>
      <Readings system={system} thresholds={thresholds} />
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
  );
}
