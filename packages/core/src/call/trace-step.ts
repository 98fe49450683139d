/** What can happen to a call, step by step. Stable kebab-case, never reused; whoever shows a call has words for each. */
export const TRACE_STEPS = [
  'call-began',
  'refused',
  'adopted',
  'forwarded',
  'forward-loop',
  'ringing',
  'rang',
  'not-answered',
  'answered',
  'held',
  'resumed',
  'transfer-began',
  'transfer-refused',
  'transfer-failed',
  'transferred',
  'recording-began',
  'recording-ended',
  'recording-refused',
  'recording-failed',
  'spend-limit-near',
  'voicemail',
  'message-began',
  'message-left',
  'message-dropped',
  'voicemail-menu',
  'voicemail-opened',
  'voicemail-pin-refused',
  'voicemail-pin-set',
  'voicemail-forwarded',
  'voicemail-deleted',
  'voicemail-calls-back',
  'voicemail-failed',
  'ended',
] as const;

export type TraceStepKind = (typeof TRACE_STEPS)[number];

/** One step of a call, in the words of the office manager's call page; `detail` never holds secrets. */
export interface TraceStep {
  /** Milliseconds since the epoch. */
  at: number;
  step: TraceStepKind;
  /** Leg it is about, where there is one. */
  leg?: string;
  detail?: Record<string, string | number | boolean | null>;
}
