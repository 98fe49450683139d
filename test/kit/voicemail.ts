/** What people do with voicemail boxes. */
import { type Call, eventually, PATIENCE } from '../phones/index.ts';
import type { Office } from './office.ts';
import { TONES } from './talk.ts';

/** Skips the greeting and speaks after the tone for so long. Milliseconds. */
export async function leaveTone(call: Call, during = 3000): Promise<void> {
  await call.answered();
  await call.hearsSound();
  await call.press('#');
  call.sayTone(TONES.caller);
  await call.hearsSilence({ lasting: during });
}

/** The messages in the box of an extension, once there are `count`. */
export async function messagesOf(office: Office, extension: string, count: number, { within = PATIENCE } = {}) {
  const params = { ...office.params, extension };
  let seen = -1;
  return eventually(
    async () => {
      const { items } = await office.api.listVoicemailMessages({ params });
      seen = items.length;
      return seen === count ? items : undefined;
    },
    { within, reason: () => `${seen} messages for ${extension}, not ${count}` },
  );
}
