/**
 * Leaving a message:
 *
 *     greeting ── # ──┐
 *        └── to its end ──> tone ──> recording ── #, silence, longest time ──> "saved" ──> goodbye
 *                                        └── caller hangs up: what was said is kept
 *
 * The recording is the call's state (`recording`), so a brain that comes back waits for its end instead of greeting again.
 */
import type { RecordId } from '@littlepbx/engine/port';
import type { Conversation, Saying } from '../call/conversation.ts';
import { MAX_MESSAGES } from './box.ts';

/** Silence that ends a message. Milliseconds. */
const MAX_SILENCE = 8000;
/** Room that a message must have at least. Milliseconds. */
const MIN_ROOM = 10_000;

export interface DepositBox {
  number: string;
  isBusy: boolean;
  /** The organization's own sound. */
  greeting: { organizationId: string; id: string } | null;
  /** Milliseconds. */
  maxDuration: number;
  /** Messages that are in it. */
  messages: number;
  /** How much sound the organization may still store. Milliseconds. */
  room: number;
}

export interface Deposit {
  box: DepositBox;
  /** Running since before this brain; null: not begun. */
  recording: RecordId | null;
  /** Notes that this recording begins, on disk, before the engine is told. */
  begins(): RecordId;
  /** The recording has ended: whether it is kept (false: it was too short, or nothing). */
  ended(): Promise<boolean>;
}

export type DepositEnd = 'message-left' | 'no-message-left' | 'voicemail-full';

const prompt = (name: string): Saying => ({ kind: 'prompt', name });

function stockGreeting({ number, isBusy }: DepositBox): Saying[] {
  return [
    prompt('vm-theperson'),
    { kind: 'digits', digits: number },
    prompt(isBusy ? 'vm-isonphone' : 'vm-isunavail'),
    prompt('vm-intro'),
  ];
}

export async function leaveMessage(talk: Conversation, deposit: Deposit): Promise<DepositEnd> {
  const { box } = deposit;
  let running = deposit.recording;
  if (running === null && (box.messages >= MAX_MESSAGES || box.room < MIN_ROOM)) {
    await talk.say(prompt('vm-mailboxfull'));
    await talk.say(prompt('vm-goodbye'));
    return 'voicemail-full';
  }
  if (running === null) await greet(talk, box);
  for (let round = 0; round < 2; round++) {
    if (running !== null) await talk.recordingEnds(running);
    else {
      const maxDuration = Math.min(box.maxDuration, box.room);
      const id = deposit.begins();
      await talk.record({ id, maxDuration, maxSilence: MAX_SILENCE, beep: true, endOn: '#' });
    }
    running = null;
    const isKept = await talk.meanwhile(deposit.ended());
    if (isKept) {
      await talk.say(prompt('vm-msgsaved'), prompt('vm-goodbye'));
      return 'message-left';
    }
    await talk.say(prompt('vm-tooshort'), ...(round === 0 ? [prompt('vm-pls-try-again')] : [prompt('vm-goodbye')]));
  }
  return 'no-message-left';
}

async function greet(talk: Conversation, box: DepositBox): Promise<void> {
  // A key skips it. A sound that is no longer there is no reason to be silent.
  if (box.greeting && (await talk.sayUntilKey({ kind: 'file', ...box.greeting })) !== 'failed') return;
  await talk.sayUntilKey(...stockGreeting(box));
}
