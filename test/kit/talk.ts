/** What people do on the phone. */
import { type Call, type OutgoingCall, type Phone, parseAddress } from '../phones/index.ts';

/** Apart from each other, from ringback and from each other's harmonics. Hertz. */
export const TONES = { caller: 700, callee: 1100 } as const;

export interface Conversation {
  call: Call;
  answered: Call;
}

/** Both say their tone and hear the other's. */
export async function hearEachOther(call: Call, other: Call): Promise<void> {
  call.sayTone(TONES.caller);
  other.sayTone(TONES.callee);
  await Promise.all([other.hears(TONES.caller), call.hears(TONES.callee)]);
}

/** Calls, waits until it rings, answers; both hear each other. */
export async function talk(from: Phone, number: string, to: Phone): Promise<Conversation> {
  const call = await from.dial(number);
  const answered = await to.rings();
  await answered.answer();
  await call.answered();
  await hearEachOther(call, answered);
  return { call, answered };
}

/** Hangs up, once the answer has come through to this end, and waits until the other has heard it. */
export async function hangUp(by: Call, other: Call): Promise<void> {
  if (by.isLive) await by.answered();
  await by.hangUp();
  await other.ended();
}

/** Refer-To that asks to take the place of a call we made, as soon as it rings (RFC 3891, RFC 5589 section 7.3). */
export function replacing(call: OutgoingCall | Call): string {
  const { headers, uri } = call.invite;
  const answer = call.response ?? call.provisionals.at(-1);
  if (!answer) throw new Error(`${call.label} does not even ring`);
  const tag = (value: string | undefined): string => parseAddress(value ?? '').params.tag ?? '';
  const replaces = `${headers.get('Call-ID')};to-tag=${tag(answer.headers.get('To'))};from-tag=${tag(headers.get('From'))}`;
  return `${uri}?Replaces=${encodeURIComponent(replaces)}`;
}
