/**
 * Where a call can be, and the only moves there are. One function moves it: `Call.moveTo`.
 *
 *                     refused                    played, or hung up
 *     routing ──────────────────> announcing ─────────────────────────┐
 *        │  └── *43 ──> echo ─────────────────────────────────────────┤
 *        │  └── a box ──> voicemail ──────────────────────────────────┤
 *        │       ^             └── call back ──> ringing              │
 *        v       │ forwards and transfers to a box                    │
 *     ringing ── nobody answered, forward ──> ringing                 │
 *        │   └── nobody answered, no forward; caller hung up ─────────┤
 *        │ answered                                                   v
 *        v          blind transfer                                  ended
 *     talking ──────────────────────> ringing                         ^
 *        │   └── attended transfer ──> talking                        │
 *        └── either hung up, media lost, longest duration ────────────┘
 */
export type Phase = 'routing' | 'ringing' | 'talking' | 'echo' | 'voicemail' | 'announcing' | 'ended';

const MOVES: Record<Phase, readonly Phase[]> = {
  routing: ['ringing', 'announcing', 'echo', 'voicemail', 'ended'],
  ringing: ['ringing', 'talking', 'announcing', 'voicemail', 'ended'],
  talking: ['talking', 'ringing', 'voicemail', 'ended'],
  echo: ['ended'],
  voicemail: ['ringing', 'announcing', 'ended'],
  announcing: ['ended'],
  ended: [],
};

/** Whether a call may go from one phase to another. */
export function mayMove(from: Phase, to: Phase): boolean {
  return MOVES[from].includes(to);
}
