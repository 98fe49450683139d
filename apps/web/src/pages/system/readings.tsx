import type { AlertSettingsAnswer, SystemAnswer } from '@littlepbx/contract';
import { SimpleGrid } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useWritten } from '../../parts/moment.ts';
import { mailQuery } from './data.ts';
import { disksOf, type Metrics, sumOf } from './metrics.ts';
import { type Level, Reading } from './reading.tsx';

/** More than this waits for long. */
const MANY_TASKS = 100;
const MANY_RECORDS = 1_000;

interface ReadingsProps {
  system: SystemAnswer;
  /** Null: not read. */
  metrics: Metrics | null;
  /** When it begins to be bad, as the operator set it for alerts. */
  thresholds: AlertSettingsAnswer['thresholds'] | undefined;
}

export function Readings({ system, metrics, thresholds }: ReadingsProps) {
  const { t } = useTranslation('system');
  const { number, ago, moment } = useWritten();
  const { engine, database } = system;
  const connected = (isConnected: boolean, name: string, version: string | null) => ({
    value: isConnected ? `${name} ${version ?? ''}` : t('readings.away'),
    level: (isConnected ? 'good' : 'bad') as Level,
  });
  const lag = system.eventLoopLag.p99;
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3, lg: 4 }} spacing="sm">
      <Reading label={t('readings.engine')} {...connected(engine.isConnected, engine.name, engine.version)} />
      <Reading label={t('readings.database')} {...connected(database.isConnected, 'PostgreSQL', database.version)} />
      <Reading
        label={t('readings.version')}
        value={system.version}
        text={t('readings.since', { ago: ago(system.startedAt), at: moment(system.startedAt) })}
      />
      <Reading
        label={t('readings.lag')}
        value={t('milliseconds', { value: number(lag, 1) })}
        level={thresholds && lag > thresholds.eventLoopLag ? 'bad' : 'good'}
        {...(thresholds ? { text: t('readings.lagText', { most: thresholds.eventLoopLag }) } : {})}
      />
      <Reading
        label={t('readings.calls')}
        value={number(system.calls)}
        text={t('readings.callsText', { setup: system.callsInSetup, organizations: number(system.organizations) })}
      />
      <Reading label={t('readings.registrations')} value={number(system.registrations)} />
      {metrics && <Machine metrics={metrics} thresholds={thresholds} />}
      <Reading
        label={t('readings.records')}
        value={number(system.recordsWaiting)}
        level={system.recordsWaiting > MANY_RECORDS ? 'warn' : 'good'}
        text={t('readings.recordsText')}
      />
      <Mail />
    </SimpleGrid>
  );
}

function Machine({ metrics, thresholds }: { metrics: Metrics; thresholds: ReadingsProps['thresholds'] }) {
  const { t } = useTranslation('system');
  const { number, size } = useWritten();
  const certificate = sumOf(metrics, 'littlepbx_certificate_expires_in_days');
  const tasks = sumOf(metrics, 'littlepbx_engine_queue_tasks');
  const memory = sumOf(metrics, 'process_resident_memory_bytes');
  return (
    <>
      {disksOf(metrics).map((disk) => {
        const percent = disk.size === 0 ? 0 : (disk.free / disk.size) * 100;
        return (
          <Reading
            key={disk.names.join()}
            label={t('readings.disk')}
            value={t('readings.diskFree', { size: size(disk.free), percent: number(percent) })}
            level={thresholds && percent < thresholds.diskFreePercent ? 'bad' : 'good'}
            {...(thresholds
              ? { text: t('readings.diskText', { least: thresholds.diskFreePercent, size: size(disk.size) }) }
              : {})}
          />
        );
      })}
      {tasks !== null && (
        <Reading
          label={t('readings.tasks')}
          value={number(tasks)}
          level={tasks > MANY_TASKS ? 'warn' : 'good'}
          text={t('readings.tasksText', { requests: sumOf(metrics, 'littlepbx_engine_requests_pending') ?? 0 })}
        />
      )}
      {certificate !== null && (
        <Reading
          label={t('readings.certificate')}
          value={t('readings.days', { count: Math.floor(certificate) })}
          level={thresholds && certificate < thresholds.certificateInDays ? 'bad' : 'good'}
          {...(thresholds ? { text: t('readings.certificateText', { least: thresholds.certificateInDays }) } : {})}
        />
      )}
      {memory !== null && <Reading label={t('readings.memory')} value={size(memory)} />}
    </>
  );
}

function Mail() {
  const { t } = useTranslation('system');
  const mail = useQuery(mailQuery);
  if (!mail.data) return null;
  const { server, waiting, failed } = mail.data;
  return (
    <Reading
      label={t('readings.mail')}
      value={server === null ? t('readings.noMail') : server.host}
      level={server === null || failed > 0 ? 'warn' : 'good'}
      text={server === null ? t('readings.noMailText') : t('readings.mailText', { waiting, failed })}
    />
  );
}
