/**
 * What happened to a call, told step by step to somebody who runs an office: who, where to and why. `story.test.ts` keeps
 * words for every step, result and reason there is.
 */
import type { CdrAnswer, TraceStepAnswer } from '@littlepbx/contract';
import type { TFunction } from 'i18next';
import type { Names } from '../../parts/names.ts';

export interface Told {
  at: number;
  step: string;
  text: string;
  /** Why it went there, where that is a question. */
  why: string | null;
  mood: 'good' | 'bad' | 'plain';
}

type Words = TFunction<'calls'>;
type Detail = NonNullable<TraceStepAnswer['detail']>;
const GOOD = new Set(['answered', 'message-left', 'transferred', 'resumed']);
const BAD = new Set([
  'refused',
  'forward-loop',
  'not-answered',
  'transfer-refused',
  'transfer-failed',
  'recording-refused',
  'recording-failed',
  'spend-limit-near',
  'message-dropped',
  'voicemail-pin-refused',
  'voicemail-failed',
]);

/** What a story needs to know of a call; of one in progress not how it ended. */
export interface StoryOf {
  cdr: Pick<CdrAnswer, 'from' | 'did' | 'direction'> & Partial<Pick<CdrAnswer, 'fromName' | 'result' | 'reason'>>;
  trace: TraceStepAnswer[];
  /** Who ended it from the page; null: nobody, or it is not known. */
  endedBy?: string | null;
}

export function tell({ cdr, trace, endedBy = null }: StoryOf, names: Names, t: Words): Told[] {
  const label = (number: unknown): string =>
    number === null || number === undefined || number === ''
      ? t('hidden')
      : names.label(String(number), number === cdr.from ? cdr.fromName : null);
  /** Who is at the end of a leg. */
  const parties = new Map<string, string>();
  const party = (leg: string | undefined): string => (leg && parties.get(leg)) || label(cdr.from);
  /** Why the next place is rung, where the step before does not say it. */
  let lead: string | null = null;
  let place = '';

  const told = ({ step, leg, detail = {} }: TraceStepAnswer): { text: string; why?: string | null } => {
    const d = detail;
    const values = { from: label(d.from), to: target(d.to, label, t), by: label(d.by), box: label(d.box) };
    switch (step) {
      case 'call-began': {
        lead = cdr.did === null ? null : t('whys.did', { did: label(cdr.did) });
        const simple = d.handledBy === 'fallback' ? ` ${t('told.fallback')}` : '';
        const to = label(cdr.did ?? d.dialled);
        return { text: t('steps.call-began', { from: label(cdr.from), to }) + simple };
      }
      case 'forwarded': {
        const why =
          (['always', 'busy', 'do-not-disturb', 'no-answer'] as const).find((name) => name === d.why) ?? 'always';
        lead = null;
        const { from, to } = values;
        return { text: t('steps.forwarded', { from, to }), why: t(`whys.${why}`, { from }) };
      }
      case 'transfer-began':
        // From the page somebody else may have done it.
        lead = d.onPage === true ? t('whys.transferOnPage') : t('whys.transfer', { by: values.by });
        return { text: t(d.onPage === true ? 'told.transferOnPage' : 'steps.transfer-began', values) };
      case 'voicemail-calls-back':
        lead = t('whys.callsBack');
        return { text: t('steps.voicemail-calls-back', values) };
      case 'ringing': {
        place = String(d.place ?? '');
        const why = lead;
        lead = null;
        const count = Number(d.devices ?? 1);
        if (count === 0) return { text: t('told.noPhone', { place: label(place) }), why };
        const isOutside = names.person(place) === null && (place.startsWith('+') || cdr.direction === 'outbound');
        if (isOutside) return { text: t('told.outside', { place: label(place) }), why };
        return { text: t('steps.ringing', { place: label(place), count }), why };
      }
      case 'rang':
        if (leg) parties.set(leg, label(place));
        return { text: t('steps.rang', { phone: phoneOf(d, place, names, t) }) };
      case 'not-answered': {
        const why = d.reason === 'no-device-registered' ? t('told.switchedOff') : reasonOf(d.reason, t);
        return { text: t('steps.not-answered', { phone: phoneOf(d, place, names, t) }), why };
      }
      case 'answered':
        if (d.by === 'echo test') return { text: t('told.echo') };
        if (leg) parties.set(leg, values.by);
        return { text: answeredText(values.by, answeringPhone(d, names), t) };
      case 'refused':
        return {
          text: d.to === undefined ? t('steps.refused') : t('told.refusedTo', values),
          why: reasonOf(d.reason, t),
        };
      case 'held':
      case 'resumed':
        return { text: t(`steps.${step}`, { by: party(leg) }) };
      case 'transferred':
        if (leg) parties.set(leg, values.to);
        return { text: d.by === undefined ? t('steps.transferred', values) : t('told.connected', values) };
      case 'transfer-failed':
      case 'recording-refused':
      case 'voicemail-failed':
        return { text: t(`steps.${step}`), why: reasonOf(d.reason, t) };
      case 'voicemail':
        lead = null;
        return { text: t('steps.voicemail', values) };
      case 'message-left':
        return { text: t('steps.message-left', { count: Math.max(1, Math.round(Number(d.duration ?? 0) / 1000)) }) };
      case 'voicemail-menu':
        return { text: d.isAny === true ? t('told.anyBox') : t('steps.voicemail-menu') };
      case 'voicemail-pin-refused':
        return { text: t('steps.voicemail-pin-refused'), why: d.outcome === 'locked' ? t('told.locked') : null };
      case 'voicemail-deleted':
        return { text: t('steps.voicemail-deleted', { count: Number(d.messages ?? 1) }) };
      case 'ended':
        return { text: t('steps.ended'), why: endOf(d.reason ?? cdr.reason, endedBy, t) };
      default:
        return { text: t(`steps.${step}` as 'steps.adopted', { ...values, defaultValue: t('told.other', { step }) }) };
    }
  };

  return trace.map((step) => {
    const { text, why = null } = told(step);
    const isGoodEnd = step.step === 'ended' && (cdr.result === 'answered' || cdr.result === 'voicemail');
    const mood =
      GOOD.has(step.step) || isGoodEnd ? 'good' : BAD.has(step.step) || step.step === 'ended' ? 'bad' : 'plain';
    return { at: step.at, step: step.step, text, why, mood };
  });
}

/** Why, in a sentence; of a reason that is newer than this page, its id. */
export function reasonOf(reason: unknown, t: Words): string {
  return t(`reasons.${String(reason)}` as 'reasons.busy', { defaultValue: t('told.other', { step: String(reason) }) });
}

/** Why it was over, and by whose doing. */
export function endOf(reason: unknown, endedBy: string | null, t: Words): string {
  if (reason === 'hung-up-by-admin' && endedBy !== null) return t('told.endedBy', { name: endedBy });
  return reasonOf(reason, t);
}

function target(to: unknown, label: (number: unknown) => string, t: Words): string {
  return to === 'voicemail' ? t('told.ownBox') : label(to);
}

/**
 * Name of the phone on which whoever talks answered; null: it is not known, was deleted since, or is none of ours.
 * @param by who that is: the call may have gone on to somebody else since
 */
export function phoneOfAnswer(trace: TraceStepAnswer[], by: string | null, names: Names): string | null {
  const answer = trace.findLast(({ step }) => step === 'answered');
  return answer?.detail?.by === by ? answeringPhone(answer.detail, names) : null;
}

const answeringPhone = ({ on }: Detail, names: Names): string | null =>
  typeof on === 'string' ? names.phone(on) : null;

const answeredText = (by: string, phone: string | null, t: Words): string =>
  phone === null ? t('steps.answered', { by }) : t('told.answeredOn', { by, phone });

/** `Desk phone of Alice Johnson (101)`; of the outside the number alone. */
function phoneOf({ to }: Detail, place: string, names: Names, t: Words): string {
  const username = String(to ?? '');
  if (username === place) return names.label(place);
  const phone = names.phone(username) ?? t('told.phone');
  return t('told.phoneOf', { phone, place: names.label(place) });
}
