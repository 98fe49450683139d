/** Postgres dies or is paused: people talk and call as before, and what was to be recorded is recorded afterwards. */
import type { Office } from '../kit/office.ts';
import { hangUp, hearEachOther, TONES, talk } from '../kit/talk.ts';
import { eventually, type Phone } from '../phones/index.ts';
import { expect, machine, measured, recordedOnce, system, test } from './chaos.ts';

/** The API asks a database that is away for two seconds; whoever waited for it to come back would wait for longer. Milliseconds. */
const REFUSED_WITHIN = 6000;
const PAUSE = 10_000;

async function apiSaysUnavailable(office: Office): Promise<void> {
  const asked = ['/organizations', `/organizations/${office.slug}/calls`, `/organizations/${office.slug}/live-calls`];
  await Promise.all(
    asked.map(async (path) => {
      const began = Date.now();
      const response = await system.request('GET', path, system.operatorKey);
      const took = Date.now() - began;
      expect(response.status, path).toBe(503);
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(await response.json()).toMatchObject({ status: 503, id: 'database-unavailable' });
      expect(took, path).toBeLessThan(REFUSED_WITHIN);
      measured(`503 to ${path.split('/').at(-1)} after`, took);
    }),
  );
}

async function apiIsBack(office: Office, since: number): Promise<void> {
  let seen = '';
  await eventually(
    async () => {
      const response = await system.request('GET', `/organizations/${office.slug}/calls`, system.operatorKey);
      seen = await response.text();
      return response.status === 200 ? true : undefined;
    },
    { every: 20, reason: () => `the API is not back: ${seen}` },
  );
  measured('API back', Date.now() - since);
}

/** One calls the other, who answers; they talk and hang up. */
async function callAsEver(from: Phone, number: string, to: Phone): Promise<void> {
  const dialledAt = Date.now();
  const call = await from.dial(number);
  const ringing = await to.rings();
  measured('rang after', Date.now() - dialledAt);
  expect(ringing.callerName).toBe('Cat');
  await ringing.answer();
  await call.answered();
  await hearEachOther(call, ringing);
  await hangUp(call, ringing);
}

/** Reads what needs no database. */
async function brainHasTheEngine(since: number): Promise<void> {
  let seen = '';
  await eventually(
    async () => {
      const response = await fetch(`${system.installation.web}/api/v1/health/ready`, {
        signal: AbortSignal.timeout(1000),
      }).catch(() => null);
      seen = response ? await response.text() : 'no answer';
      return response && (JSON.parse(seen) as { engine: boolean }).engine ? true : undefined;
    },
    { every: 10, reason: () => `the brain does not hold the engine: ${seen}` },
  );
  measured('control back', Date.now() - since);
}

test('Postgres is dead for some seconds: people talk and call, the API says 503, all is recorded once', async ({
  town,
}) => {
  const office = await town.office();
  const { ann, bob, cat, dan } = await office.staff('ann', 'bob', 'cat', 'dan');
  const { call, answered } = await talk(ann, '102', bob);
  // Nobody starts it again.
  machine.freeze('supervisor');
  machine.kill('db');
  await Promise.all([
    call.hears(TONES.callee, { lasting: 3000 }),
    answered.hears(TONES.caller, { lasting: 3000 }),
    callAsEver(cat, '104', dan),
    apiSaysUnavailable(office),
  ]);
  await hangUp(call, answered);
  machine.thaw();
  await apiIsBack(office, Date.now());
  const records = await recordedOnce(office, 2);
  expect(records.map((r) => `${r.from} -> ${r.to}: ${r.result}, ${r.reason}, ${r.handledBy}`).sort()).toEqual([
    '101 -> 102: answered, caller-hung-up, brain',
    '103 -> 104: answered, caller-hung-up, brain',
  ]);
});

test('Postgres is paused for 10 s: the same, and a brain started meanwhile carries on from what it remembers', async ({
  town,
}) => {
  const office = await town.office();
  const { ann, bob, cat, dan } = await office.staff('ann', 'bob', 'cat', 'dan');
  const { call, answered } = await talk(ann, '102', bob);
  const since = machine.freeze('db');
  await Promise.all([
    call.hears(TONES.callee, { lasting: 3000 }),
    answered.hears(TONES.caller, { lasting: 3000 }),
    callAsEver(cat, '104', dan),
    apiSaysUnavailable(office),
  ]);

  const brain = machine.running('brain');
  const killedAt = machine.kill('brain');
  await machine.isReplaced('brain', brain);
  await Promise.all([
    brainHasTheEngine(killedAt),
    call.hears(TONES.callee, { lasting: 2000 }),
    answered.hears(TONES.caller, { lasting: 2000 }),
  ]);
  await callAsEver(cat, '104', dan);
  await apiSaysUnavailable(office);
  // By the new brain: it knows of the call, and lets bob go.
  await hangUp(call, answered);

  await eventually(() => (Date.now() - since >= PAUSE ? true : undefined), {
    within: PAUSE + 30_000,
    reason: () => 'unreachable',
  });
  machine.thaw();
  await apiIsBack(office, Date.now());
  const records = await recordedOnce(office, 3);
  expect(records.map((r) => `${r.from} -> ${r.to}: ${r.result}, ${r.reason}, ${r.handledBy}`).sort()).toEqual([
    '101 -> 102: answered, caller-hung-up, brain',
    ...Array<string>(2).fill('103 -> 104: answered, caller-hung-up, brain'),
  ]);
});

test('Postgres is killed and back at once: nobody notices but the API, for a moment', async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const { call, answered } = await talk(ann, '102', bob);
  const db = machine.running('db');
  const since = machine.kill('db');
  await machine.isReplaced('db', db);
  await apiIsBack(office, since);
  await hearEachOther(call, answered);
  // A change goes through and is obeyed by the next call.
  await office.set('102', { forwardAlways: '101' });
  await hangUp(call, answered);
  expect(await office.record()).toMatchObject({ result: 'answered', reason: 'caller-hung-up' });
});
