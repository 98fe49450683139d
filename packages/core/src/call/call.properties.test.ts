/**
 * Random people on a random network: whatever order engine events come in, lost, doubled or late, and whenever brain,
 * connection or engine die, nothing is left behind: no call, leg, bridge, place in a limit, or line in the journal, and
 * every call that began has exactly one record.
 */
import { randomFates } from '@littlepbx/engine/sim';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Office } from './testing/office.ts';

const people = ['ann1', 'bob1', 'cat1', 'mob1', 'ann2', 'bob2'] as const;
const who = fc.constantFrom(...people);

const act = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      act: fc.constant('dials' as const),
      who,
      to: fc.constantFrom('101', '102', '103', '*43', '777', '999', '02079460999'),
    }),
  },
  { weight: 5, arbitrary: fc.record({ act: fc.constant('answers' as const), who }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('hangs up' as const), who }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('is busy' as const), who }) },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant('transfers' as const), who, to: fc.constantFrom('101', '103', '777') }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('joins its two calls' as const), who }) },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('outside calls' as const),
      did: fc.constantFrom('+442079460110', '+442079460120', '+442079460000'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('brain dies' as const) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('connection breaks' as const) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('engine dies' as const) }) },
);
/** Less than the leak detector's half minute, more than a lost connection takes to settle. Milliseconds. */
const SOON = 4000;

type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

async function perform(office: Office, a: Act): Promise<void> {
  const { sim } = office;
  const lines = 'who' in a ? office.phone(a.who).lines.filter((l) => l.state !== 'ended') : [];
  switch (a.act) {
    case 'dials':
      office.phone(a.who).dial(a.to);
      return;
    case 'answers':
      lines.at(-1)?.answer();
      return;
    case 'hangs up':
      lines.at(-1)?.hangUp();
      return;
    case 'is busy':
      lines.at(-1)?.busy();
      return;
    case 'transfers':
      if (lines.at(-1)?.state === 'answered') lines.at(-1)?.transferBlind(a.to);
      return;
    case 'joins its two calls':
      if (lines.length > 1 && lines.every((l) => l.state === 'answered')) lines[0]!.transferAttended(lines[1]!);
      return;
    case 'outside calls':
      office.demoCarrier.calls(a.did, '+447700900123');
      return;
    case 'brain dies':
      return office.brainDies();
    case 'connection breaks':
      sim.loseEngine();
      await sim.clock.advance(300);
      sim.regainEngine();
      return;
    case 'engine dies':
      await sim.restartEngine(1000);
      return;
  }
}

test('whatever people do and whatever goes wrong, nothing is left behind', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(act, fc.integer({ min: 0, max: 1500 })), { minLength: 1, maxLength: 25 }),
      fc.record({
        seed: fc.integer({ min: 0, max: 1_000_000 }),
        lost: fc.constantFrom(0, 0, 0.02, 0.1),
        doubled: fc.constantFrom(0, 0.1),
        late: fc.constantFrom(0, 0.2),
        order: fc.constantFrom('all' as const, 'leg' as const, 'none' as const),
        verbFails: fc.constantFrom(0, 0, 0.05),
      }),
      async (acts, faults) => {
        const office = await Office.open({ seed: faults.seed });
        office.secondPhone(office.demo, '102', 'mob1');
        office.apply(office.demo, '103', { forwardNoAnswer: '101', forwardBusy: '102', ringTimeInS: 5 });
        office.demoCarrier.behaviour = { answers: 700, hangsUp: 4000 };
        office.sim.meets(randomFates(faults.seed, faults));
        for (const [a, pause] of acts) {
          await perform(office, a);
          await office.sim.clock.advance(pause);
        }
        office.sim.meets({});
        // Everybody goes home; who never hears of an end is found by the reconcile every 30 s.
        for (const name of people)
          for (const line of office.phone(name).lines) if (line.state !== 'ended') line.hangUp();
        await office.sim.clock.advance(150_000);
        await office.closes();
        const ids = office.journal.finished.map((c) => c.cdr.id);
        expect(new Set(ids).size).toBe(ids.length);
      },
    ),
    {
      numRuns: Number(process.env.LITTLEPBX_RUNS ?? 300),
      interruptAfterTimeLimit: 60_000,
      markInterruptAsFailure: false,
    },
  );
}, 120_000);

test('whatever dies while people call, nobody is left alone in a call for longer than seconds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(act, fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 1500 }))), {
        minLength: 1,
        maxLength: 25,
      }),
      fc.record({
        seed: fc.integer({ min: 0, max: 1_000_000 }),
        doubled: fc.constantFrom(0, 0.1),
        late: fc.constantFrom(0, 0.2),
      }),
      async (acts, faults) => {
        const office = await Office.open({ seed: faults.seed });
        office.secondPhone(office.demo, '102', 'mob1');
        office.apply(office.demo, '103', { forwardNoAnswer: '101', forwardBusy: '102', ringTimeInS: 5 });
        office.demoCarrier.behaviour = { answers: 700 };
        office.sim.meets(randomFates(faults.seed, faults));
        for (const [a, pause] of acts) {
          await perform(office, a);
          await office.sim.clock.advance(pause);
        }
        office.sim.meets({});
        await office.sim.clock.advance(SOON);
        const ends = [...[...people, 'cat2'].map((name) => office.phone(name)), office.demoCarrier];
        const live = () => ends.flatMap(({ lines }) => lines).filter(({ state }) => state !== 'ended');
        const isAlone = (): boolean => {
          const legs = office.registry.calls().flatMap((call) => call.legs());
          const there = new Map(live().map((line) => [line.leg, line.state]));
          const isLeft = [...there].some(([leg, state]) => state === 'answered' && !legs.includes(leg));
          return isLeft || !legs.every((leg) => there.has(leg));
        };
        // What just happened is on its way.
        await office.sim.clock.until('nobody is alone', () => !isAlone(), 1000);
        for (const line of live()) line.hangUp();
        await office.sim.clock.advance(SOON);
        expect(office.registry.calls()).toEqual([]);
        await office.closes();
      },
    ),
    {
      numRuns: Number(process.env.LITTLEPBX_RUNS ?? 300),
      interruptAfterTimeLimit: 60_000,
      markInterruptAsFailure: false,
    },
  );
}, 120_000);
