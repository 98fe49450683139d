/** What callers notice while configurations are applied, and while people listen to live events. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type EventStream, listenToEvents } from '@littlepbx/contract/event-stream';
import { type Change, changes, type Party } from './change.ts';
import { Arms, type Block, describe, durations } from './kit/arms.ts';
import { type Context, withInstallation } from './kit/context.ts';
import { untilQuiet } from './kit/cpu.ts';
import { type Installation, until } from './kit/installation.ts';
import { populate } from './kit/population.ts';
import { inMs, type Measurement, times } from './kit/report.ts';
import { estimate, median, percentile } from './kit/statistics.ts';

const ORGANIZATIONS = 50;
const CALLS_PER_SECOND = 20;
const APPLIES_PER_SECOND = 10;
/** Of each organization. */
const LISTENERS = 4;
/** Between two changes whose effect is looked at. Milliseconds. */
const PROBE_EVERY = 400;

type Kind = 'alone' | 'applies' | 'listeners';

export function apply(context: Context): Promise<Measurement> {
  const { isQuick, say } = context;
  const rounds = isQuick ? 1 : 4;
  const seconds = isQuick ? 4 : 10;
  return withInstallation(context, async (installation) => {
    // The last one is that whose changes are looked at by calling.
    const lines = await populate(installation, { organizations: ORGANIZATIONS + 1, extensionsEach: 4 });
    const last = `bench-${ORGANIZATIONS + 1}`;
    const party = lines.filter((line) => line.org === last) as Party;
    const called = lines.filter((line) => line.org !== last);
    const orgs = [...new Set(called.map((line) => line.org))];
    const arms = await Arms.create(installation, called);
    await arms.ready();
    const block = () => arms.block('ours', { rate: CALLS_PER_SECOND, seconds, isTimed: true });
    const blocks: Record<Kind, Block[]> = { alone: [], applies: [], listeners: [] };
    const applied: Applied[] = [];
    const looked: Change[] = [];
    let disobeyed = 0;
    let heard = 0;
    let appliedFor = 0;
    const measure: Record<Kind, () => Promise<Block>> = {
      alone: block,
      async applies() {
        let goesOn = true;
        const began = performance.now();
        const driver = applyAll(installation, orgs, () => goesOn);
        const probe = changes(installation, party, () => goesOn, PROBE_EVERY);
        const result = await block();
        goesOn = false;
        appliedFor += performance.now() - began;
        applied.push(...(await driver));
        const seen = await probe;
        looked.push(...seen.changes);
        disobeyed += seen.disobeyed;
        return result;
      },
      async listeners() {
        const streams = listen(installation, orgs, () => heard++);
        await until('all streams are live', 20_000, () => streams.every((stream) => stream.state === 'live'));
        heard = 0;
        const result = await block();
        for (const stream of streams) stream.close();
        return result;
      },
    };
    try {
      for (let i = 0; i < rounds; i++) {
        await untilQuiet();
        const order = ['alone', 'applies', 'listeners'] as const;
        for (const kind of i % 2 ? order.toReversed() : order) {
          const result = await measure[kind]();
          blocks[kind].push(result);
          say(`${kind}: ${describe(result)}`);
        }
      }
    } finally {
      await arms.close();
    }
    const all = Object.values(blocks).flat();
    const failed = all.reduce((sum, b) => sum + b.failed + b.refused, 0);
    const refusals = applied.filter((a) => a.refusal !== null);
    const done = applied.filter((a) => a.refusal === null);
    const delay = (kind: Kind, p: number) =>
      percentile(
        blocks[kind].flatMap((b) => durations(b.times ?? [], 'secondInvite', 'ringing')),
        p,
      );
    const ratio = (kind: Kind, of: (b: Block) => number) =>
      estimate(blocks[kind].map((b, i) => of(b) / of(blocks.alone[i]!)));
    const p95 = (b: Block) => percentile(durations(b.times ?? [], 'secondInvite', 'ringing'), 95);
    const brain = (b: Block) => b.cpu.brain / b.answered;
    const effect = percentile(
      looked.map((c) => c.total),
      95,
    );
    const of = (kind: 'write' | 'apply', p: number) =>
      percentile(
        done.map((a) => a[kind]),
        p,
      );
    return {
      title: `Apply: ${APPLIES_PER_SECOND} a second over ${ORGANIZATIONS} organizations, ${CALLS_PER_SECOND} calls a second`,
      figures: [
        {
          what: 'Calls that failed or were refused',
          value: `${failed} of ${all.reduce((sum, b) => sum + b.calls, 0)}`,
          target: '0',
          isMet: failed === 0,
        },
        {
          what: 'Change to effect meanwhile, p95',
          value: inMs(effect),
          target: '<= 50 ms',
          isMet: effect <= 50,
        },
        {
          what: '… p50, and calls that did not obey',
          value: `${inMs(median(looked.map((c) => c.total)))}, ${disobeyed} of ${looked.length}`,
        },
        {
          what: 'Applies per second; refused',
          value: `${((applied.length * 1000) / appliedFor).toFixed(1)}; ${refusals.length}`,
        },
        { what: 'Write, p50 and p95', value: `${inMs(of('write', 50))}, ${inMs(of('write', 95))}` },
        { what: 'Apply, p50 and p95', value: `${inMs(of('apply', 50))}, ${inMs(of('apply', 95))}` },
        {
          what: 'INVITE to 180, p95, with applies / without',
          value: times(ratio('applies', p95)),
        },
        { what: '… p50 and p95 without', value: `${inMs(delay('alone', 50))}, ${inMs(delay('alone', 95))}` },
        { what: '… p50 and p95 with', value: `${inMs(delay('applies', 50))}, ${inMs(delay('applies', 95))}` },
        {
          what: `INVITE to 180, p95, with ${LISTENERS * ORGANIZATIONS} listeners / without`,
          value: times(ratio('listeners', p95)),
        },
        { what: '… p50 and p95 with', value: `${inMs(delay('listeners', 50))}, ${inMs(delay('listeners', 95))}` },
        { what: 'CPU of the brain per call, with listeners / without', value: times(ratio('listeners', brain)) },
        {
          what: '… without, with',
          value: `${inMs(median(blocks.alone.map(brain)))}, ${inMs(median(blocks.listeners.map(brain)))}`,
        },
        { what: 'Events that they heard per call', value: (heard / blocks.listeners.at(-1)!.calls).toFixed(1) },
      ],
      notes: [
        `A change is a PATCH of a ring time and an apply, in turns in all organizations that call. Besides, each ${PROBE_EVERY} ms one more organization changes an always-forward, applies it and calls: the phone that rings tells whether it was obeyed.`,
        `${LISTENERS} listeners of each organization; a call of its is heard by all of them. They share the processors.`,
      ],
      data: { blocks: shortened(blocks), applied, looked, disobeyed, heard },
    };
  });
}

/** Without every call's times: they are in the figures. */
function shortened(blocks: Record<Kind, Block[]>) {
  return Object.fromEntries(
    Object.entries(blocks).map(([kind, list]) => [
      kind,
      list.map(({ times: calls, ...rest }) => ({
        ...rest,
        ringing: durations(calls ?? [], 'secondInvite', 'ringing'),
      })),
    ]),
  );
}

interface Applied {
  /** Milliseconds. */
  write: number;
  apply: number;
  /** Null: it was done. */
  refusal: string | null;
}

/** So that each change is one. */
let changeNumber = 0;

/** One organization after the other, at the rate, whether or not those before are done. */
async function applyAll({ client }: Installation, orgs: string[], goesOn: () => boolean): Promise<Applied[]> {
  const made: Promise<Applied>[] = [];
  const one = async (org: string, ringTimeInS: number): Promise<Applied> => {
    const started = performance.now();
    let written = started;
    try {
      await client.updateExtension({ params: { org, extension: '1001' }, body: { ringTimeInS } });
      written = performance.now();
      await client.applyDraft({ params: { org }, body: {} });
      return { write: written - started, apply: performance.now() - written, refusal: null };
    } catch (error) {
      return { write: written - started, apply: performance.now() - written, refusal: String(error) };
    }
  };
  const began = performance.now();
  for (let i = 0; goesOn(); i++) {
    made.push(one(orgs[i % orgs.length]!, 5 + (changeNumber++ % 100)));
    await sleep(Math.max(0, began + ((i + 1) * 1000) / APPLIES_PER_SECOND - performance.now()));
  }
  return Promise.all(made);
}

function listen(installation: Installation, orgs: string[], onEvent: () => void): EventStream[] {
  const { web, token } = installation;
  return orgs.flatMap((org) =>
    Array.from({ length: LISTENERS }, () => listenToEvents({ baseUrl: web, org, token, onEvent })),
  );
}
