/** The state of the installation as numbers, read when the page is asked for. */
import type { CallRegistry } from '@littlepbx/core/call/registry';
import type { EngineQueue } from '@littlepbx/engine/directory';
import type { Live } from '../http/live.ts';
import type { Labels, MetricsPage } from './exposition.ts';
import type { Disk } from './machine.ts';

export interface GaugeSources {
  live: Pick<Live, 'health'>;
  registry: Pick<CallRegistry, 'calls'>;
  engine: { pendingRequests: number };
  queues: () => Promise<EngineQueue[]>;
  pool(): { total: number; idle: number; waiting: number };
  recordsRefused(): number;
  disks(): Promise<Disk[]>;
  /** Milliseconds since the epoch; null: not known. */
  certificateExpiry(): number | null;
}

export function gaugeState(page: MetricsPage, sources: GaugeSources): void {
  const { live, registry, engine, queues } = sources;
  const only = (value: unknown) => (value ? 1 : 0);

  page.gauge('littlepbx_calls', 'Calls in progress.', () => {
    const counts = { internal: 0, inbound: 0, outbound: 0 };
    for (const { state } of registry.calls()) counts[state.direction] += 1;
    return Object.entries(counts).map(([direction, n]): [Labels, number] => [{ direction }, n]);
  });
  page.gauge('littlepbx_calls_in_setup', 'Calls not dialled yet.', () => live.health().callsInSetup);
  page.gauge('littlepbx_organizations', 'Organizations known.', () => live.health().organizations);
  page.gauge('littlepbx_registrations', 'Devices registered.', () => live.health().registrations);
  page.gauge('littlepbx_connected', 'Whether the brain has its engine and its database.', () => {
    const { engine, database } = live.health();
    return [
      [{ to: 'engine' }, only(engine.isConnected)],
      [{ to: 'database' }, only(database.isConnected)],
    ];
  });
  page.gauge('littlepbx_event_loop_lag_seconds', 'How late the event loop was in the last minute.', () => {
    const { mean, p99, max } = live.health().eventLoopLag;
    return Object.entries({ mean, p99, max }).map(([of, ms]): [Labels, number] => [{ of }, ms / 1000]);
  });
  page.gauge(
    'littlepbx_engine_requests_pending',
    'Requests to the engine without an answer.',
    () => engine.pendingRequests,
  );

  const ofQueues = async (of: 'waiting' | 'processed') =>
    (await queues()).map((queue): [Labels, number] => [{ queue: queue.name }, queue[of]]);
  page.gauge('littlepbx_engine_queue_tasks', "Tasks that wait in the engine's queues.", () => ofQueues('waiting'));
  page.gauge(
    'littlepbx_engine_tasks_total',
    "Tasks that the engine's queues have done.",
    () => ofQueues('processed'),
    'counter',
  );

  page.gauge(
    'littlepbx_records_waiting',
    'Ended calls that the database does not have yet.',
    () => live.health().recordsWaiting,
  );
  page.gauge('littlepbx_records_refused', 'Ended calls that the database would not take.', () =>
    sources.recordsRefused(),
  );
  page.gauge('littlepbx_database_connections', 'Connections to the database.', () => {
    const { total, idle, waiting } = sources.pool();
    return [
      [{ state: 'busy' }, total - idle],
      [{ state: 'idle' }, idle],
      [{ state: 'awaited' }, waiting],
    ];
  });
  const ofDisks = async (of: 'free' | 'total') =>
    (await sources.disks()).map((disk): [Labels, number] => [{ of: disk.name }, disk[of]]);
  page.gauge('littlepbx_disk_free_bytes', 'Room on the disk, by what lies there.', () => ofDisks('free'));
  page.gauge('littlepbx_disk_size_bytes', 'Size of the disk, by what lies there.', () => ofDisks('total'));
  page.gauge('littlepbx_certificate_expires_in_days', 'Days that the certificate for SIP by TLS is still good.', () => {
    const until = sources.certificateExpiry();
    return until === null ? null : (until - Date.now()) / 86_400_000;
  });

  page.gauge('littlepbx_info', 'What runs.', () => {
    const { version, engine } = live.health();
    return [[{ version, engine: `${engine.name} ${engine.version ?? '?'}` }, 1]];
  });
  page.gauge(
    'process_start_time_seconds',
    'When the brain started, since the epoch.',
    () => live.health().startedAt / 1000,
  );
  page.gauge('process_resident_memory_bytes', 'Memory of the brain.', () => process.memoryUsage.rss());
  page.gauge('nodejs_heap_size_used_bytes', "Of it, the heap's part in use.", () => process.memoryUsage().heapUsed);
  page.gauge(
    'process_cpu_seconds_total',
    'Processor time of the brain.',
    () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
    'counter',
  );
}
