import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CdrAnswer, REASONS, RESULTS, TRACE_STEPS, type TraceStepAnswer } from '@littlepbx/contract';
import i18next, { type TFunction } from 'i18next';
import { describe, expect, it } from 'vitest';
import { namesOf } from '../../parts/names.ts';
import { readable } from '../../parts/phone-number.ts';
import { phoneOfAnswer, tell } from './story.ts';

const wordsOf = (language: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../locales/${language}/calls.json`), 'utf8')) as Record<
    'steps' | 'reasons' | 'results',
    Record<string, string>
  >;
const bare = (words: Record<string, string>) => new Set(Object.keys(words).map((key) => key.replace(/_\w+$/, '')));

async function speaker(language: string): Promise<TFunction<'calls'>> {
  const instance = i18next.createInstance();
  await instance.init({ lng: language, resources: { [language]: { calls: wordsOf(language) } }, defaultNS: 'calls' });
  return instance.getFixedT(language, 'calls');
}

const names = namesOf(
  [
    { number: '101', name: 'Alice' },
    { number: '102', name: 'Bob' },
  ],
  [
    { username: 'k7p2', name: 'Desk phone' },
    { username: 'm9x4', name: 'Mobile' },
  ],
);

const cdr: CdrAnswer = {
  ...{ id: 'c1', organizationId: 'o1', direction: 'inbound', from: '+442079460123', fromName: null },
  ...{ to: '+442079460100', fromExtension: null, did: '+442079460100', trunkId: null, answeredBy: '102' },
  ...{ result: 'answered', reason: 'caller-hung-up', blame: 'caller', startedAt: 0, answeredAt: 9000, endedAt: 20_000 },
  ...{ ringDuration: 9000, talkDuration: 11_000, revision: 1, cost: 0, currency: null, handledBy: 'brain' },
};
const step = (step: string, detail?: TraceStepAnswer['detail'], leg?: string): TraceStepAnswer => ({
  ...{ at: 0, step },
  ...(detail ? { detail } : {}),
  ...(leg ? { leg } : {}),
});

/** A caller from outside reaches Alice, who does not answer; Bob does, and is forwarded to. */
const forwarded = [
  step('call-began', { dialled: '+442079460100', from: '+442079460123' }),
  step('ringing', { place: '101', devices: 2 }),
  step('rang', { to: 'k7p2' }, 'l1'),
  step('not-answered', { to: 'k7p2', reason: 'no-answer' }, 'l1'),
  step('not-answered', { to: 'gone', reason: 'no-device-registered' }, 'l2'),
  step('forwarded', { from: '101', to: '102', why: 'no-answer' }),
  step('ringing', { place: '102', devices: 1 }),
  step('rang', { to: 'm9x4' }, 'l3'),
  step('answered', { by: '102' }, 'l3'),
  step('held', {}, 'l3'),
  step('resumed', {}, 'l0'),
  step('ended', { result: 'answered', reason: 'caller-hung-up', blame: 'caller' }),
];

describe.each(['en', 'ru'])('in %s', (language) => {
  it('there is a sentence for every step, and words for every result and reason', () => {
    const words = wordsOf(language);
    expect(bare(words.steps)).toEqual(new Set(TRACE_STEPS));
    expect(TRACE_STEPS.filter((kind) => ![...bare(words.steps)].includes(kind))).toEqual([]);
    expect(RESULTS.filter((result) => !words.results[result])).toEqual([]);
    expect(REASONS.filter((reason) => !words.reasons[reason])).toEqual([]);
  });

  it('every step is told without an id, a gap, or a word of the protocol', async () => {
    const t = await speaker(language);
    for (const kind of TRACE_STEPS) {
      const detail = { from: '101', to: '102', by: '101', place: '102', box: '101', reason: 'busy', why: 'busy' };
      const [told] = tell(
        { cdr, trace: [step(kind, { ...detail, devices: 2, duration: 4000, messages: 3 })] },
        names,
        t,
      );
      expect(told!.text, kind).toMatch(/[.!]$/);
      expect(`${told!.text} ${told!.why ?? ''}`, kind).not.toMatch(
        /\{\{|undefined|null|\b(SIP|INVITE|DID|leg|trunk)\b/,
      );
    }
  });
});

it('an office manager reads why it rang there, and who did what', async () => {
  const [caller, line] = [readable('+442079460123'), readable('+442079460100')];
  const told = tell({ cdr, trace: forwarded }, names, await speaker('en'));
  expect(told.map(({ text, why }) => (why === null ? text : `${text} ${why}`))).toEqual([
    `${caller} called ${line}.`,
    `Alice (101) was called, on 2 phones. Calls to ${line} lead here.`,
    'Desk phone of Alice (101) rang.',
    'Desk phone of Alice (101) did not take the call. Nobody picked up in time.',
    'A phone of Alice (101) did not take the call. It was switched off, or not connected to the network.',
    'The call was sent on from Alice (101) to Bob (102). Nobody answered at Alice (101), where calls are forwarded then.',
    'Bob (102) was called, on one phone.',
    'Mobile of Bob (102) rang.',
    'Bob (102) answered.',
    'Bob (102) put the call on hold.',
    `${caller} took the call back from hold.`,
    'The call was over. The caller hung up.',
  ]);
  expect(told.at(-1)?.mood).toBe('good');
});

it('it says on which phone it was answered; of one that is gone, or of an old record, who answered', async () => {
  const told = async (language: string, detail: TraceStepAnswer['detail']) =>
    tell({ cdr, trace: [step('answered', detail)] }, names, await speaker(language))[0]?.text;
  expect(await told('en', { by: '102', on: 'm9x4' })).toBe('Bob (102) answered on Mobile.');
  expect(await told('ru', { by: '102', on: 'm9x4' })).toBe('Ответ: Bob (102), на телефоне «Mobile».');
  expect(await told('en', { by: '102', on: 'gone' })).toBe('Bob (102) answered.');
  expect(await told('en', { by: '102' })).toBe('Bob (102) answered.');

  // Beside whom it says the same, unless the call went on to somebody else.
  const trace = [step('answered', { by: '101', on: 'k7p2' }), step('answered', { by: '102', on: 'm9x4' })];
  expect(['102', '101', null].map((by) => phoneOfAnswer(trace, by, names))).toEqual(['Mobile', null, null]);
});

it('of what reached nobody it names no phone, and of what was ended by hand who did', async () => {
  const end = (reason: string) => [step('ended', { result: 'no-answer', reason, blame: 'callee' })];
  const why = async (reason: string, endedBy: string | null) =>
    tell({ cdr, trace: end(reason), endedBy }, names, await speaker('en'))[0]?.why;
  expect(await why('no-device-registered', null)).toBe('No phone was connected.');
  expect(await why('hung-up-by-admin', 'Carol')).toBe('Carol ended it from this page.');
  expect(await why('hung-up-by-admin', null)).toBe('It was ended from this page.');
  expect(await why('busy', 'Carol')).toBe('It was busy.');
});

it('a step of a newer version is told as it is named', async () => {
  const [told] = tell({ cdr, trace: [step('beamed-up', { to: '102' })] }, names, await speaker('en'));
  expect(told?.text).toBe('Noted: beamed-up');
});

it('a caller has the name of the record, whatever the extension is called by now', async () => {
  const call = { cdr: { ...cdr, direction: 'internal' as const, from: '101', fromName: 'Alice Miller', did: null } };
  const trace = [step('call-began', { dialled: '102', from: '101' })];
  const [began] = tell({ ...call, trace }, names, await speaker('en'));
  expect(began!.text).toBe('Alice Miller (101) called Bob (102).');
  expect(names.label('+442079460123', 'Miller & Co')).toBe('Miller & Co (+44 20 7946 0123)');
});
