import type { AlertSettingsAnswer, SystemAnswer } from '@littlepbx/contract';
import { SimpleGrid } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useWritten } from '../../parts/moment.ts';
import { mailQuery } from './data.ts';
import { type Level, Reading } from './reading.tsx';

/** More than this waits for long. */
const MANY_TASKS = 100;
const MANY_RECORDS = 1_000;

interface ReadingsProps {
  system: SystemAnswer;
  /** When it begins to be bad, as the operator set it for alerts. */
  thresholds: AlertSettingsAnswer['thresholds'] | undefined;
}

export function Readings({ system, thresholds }: ReadingsProps) {
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
      <Machine system={system} thresholds={thresholds} />
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

function Machine({ system, thresholds }: ReadingsProps) {
  const { t } = useTranslation('system');
  const { number, size } = useWritten();
  const { disks, certificateExpiresAt, memoryBytes, engine } = system;
  const certificate = certificateExpiresAt === null ? null : (certificateExpiresAt - Date.now()) / 86_400_000;
  return (
    <>
      {disks.map(({ holds, freeBytes, sizeBytes }) => {
        const percent = sizeBytes === 0 ? 0 : (freeBytes / sizeBytes) * 100;
        return (
          <Reading
            key={holds.join()}
            label={t('readings.disk')}
            value={t('readings.diskFree', { size: size(freeBytes), percent: number(percent) })}
            level={thresholds && percent < thresholds.diskFreePercent ? 'bad' : 'good'}
            {...(thresholds
              ? { text: t('readings.diskText', { least: thresholds.diskFreePercent, size: size(sizeBytes) }) }
              : {})}
          />
        );
      })}
      {engine.tasksWaiting !== null && (
        <Reading
          label={t('readings.tasks')}
          value={number(engine.tasksWaiting)}
          level={engine.tasksWaiting > MANY_TASKS ? 'warn' : 'good'}
          text={t('readings.tasksText', { requests: engine.requestsPending })}
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
      <Reading label={t('readings.memory')} value={size(memoryBytes)} />
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
