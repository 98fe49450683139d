/** What an operator's Prometheus sees. */
import { problemsOf } from '../kit/promlint.ts';
import { hangUp, talk } from '../kit/talk.ts';
import { expect, system, test } from '../kit/test.ts';
import { eventually } from '../phones/index.ts';

const scrape = (headers: Record<string, string> = {}, query = ''): Promise<Response> =>
  fetch(`${system.installation.web}/metrics${query}`, { headers });

/** The sum of all series of a metric whose labels hold `label`. */
function sumOf(text: string, name: string, label = ''): number | null {
  const lines = text.split('\n').filter((line) => line.split(/[{ ]/)[0] === name && line.includes(label));
  return lines.length === 0
    ? null
    : lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

test('a call shows while it lasts and is counted when it ends; the engine, the database and the machine show too', async ({
  town,
}) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const answered = async () =>
    sumOf(await (await scrape()).text(), 'littlepbx_call_setup_seconds_count', 'stage="answered"') ?? 0;
  const before = await answered();
  const { call, answered: other } = await talk(ann, '102', bob);
  const own = `littlepbx_organization_calls{organization="${office.id}"} 1`;
  expect(await (await scrape({}, `?organization=${office.id}`)).text()).toContain(own);
  expect(await (await scrape()).text()).not.toContain(office.id);
  await hangUp(call, other);
  await eventually(async () => ((await answered()) > before ? true : undefined), {
    reason: () => 'the call was not counted',
  });
  const response = await scrape();
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await response.text();
  expect(problemsOf(text)).toEqual([]);
  for (const name of [
    'littlepbx_calls',
    'littlepbx_calls_begun_total',
    'littlepbx_calls_ended_total',
    'littlepbx_registrations',
    'littlepbx_event_loop_lag_seconds',
    'littlepbx_engine_request_seconds_count',
    'littlepbx_engine_requests_pending',
    'littlepbx_engine_queue_tasks',
    'littlepbx_records_waiting',
    'littlepbx_database_connections',
    'littlepbx_disk_free_bytes',
    'process_resident_memory_bytes',
  ]) {
    expect(sumOf(text, name), name).not.toBeNull();
  }
  expect(sumOf(text, 'littlepbx_engine_tasks_total', 'queue="pjsip"')).toBeGreaterThan(0);
  expect(sumOf(text, 'littlepbx_connected')).toBe(2);
  await eventually(
    async () => {
      const days = sumOf(await (await scrape()).text(), 'littlepbx_certificate_expires_in_days');
      return days !== null && days > 30 ? true : undefined;
    },
    { reason: () => 'the certificate was not looked at' },
  );
});

test('only this machine and the operator may look', async ({ town }) => {
  const office = await town.office();
  const elsewhere = { 'x-forwarded-for': '203.0.113.9' };
  const as = (token: string) => ({ ...elsewhere, authorization: `Bearer ${token}` });
  expect((await scrape()).status).toBe(200);
  expect((await scrape(elsewhere)).status).toBe(401);
  expect((await scrape(as(await office.adminKey()))).status).toBe(403);
  expect((await scrape(as(system.operatorKey))).status).toBe(200);
});

test('the operator is told of versions, room on disk and memory', async () => {
  const seen = await eventually(
    async () => {
      const now = await system.api.getSystem();
      return now.database.version === null ? undefined : now;
    },
    { reason: () => 'the version of Postgres stayed unknown' },
  );
  expect(seen.database.version).toMatch(/^\d+\.\d+$/);
  expect(seen.disks.flatMap(({ holds }) => holds).sort()).toEqual(['brain', 'sounds']);
  for (const { freeBytes, sizeBytes } of seen.disks) {
    expect(freeBytes).toBeGreaterThan(0);
    expect(freeBytes).toBeLessThanOrEqual(sizeBytes);
  }
  expect(seen.memoryBytes).toBeGreaterThan(10_000_000);
  expect(seen.engine.tasksWaiting).toBeGreaterThanOrEqual(0);
});
