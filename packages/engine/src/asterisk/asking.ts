/**
 * Asks phones whether they are there (OPTIONS), and how long they take to say so. Asterisk asks the contacts of an AOR, and has
 * two ways of it that are no good for those of phones: without `qualify_frequency` it throws the answer away, and with it
 * a phone that does not answer is not rung any more. So there is one AOR, and an endpoint, of nobody's: whoever is to be asked
 * becomes a contact of it for the moment, and what is found out about such a contact concerns no call.
 *
 *     (empty) ── contacts written ──> asked ── all answered, or ANSWER_TIME is over ──> read ── contacts removed ──> (empty)
 */
import { isIP } from 'node:net';
import type { DeviceRegistration } from '../directory.ts';
import type { Ami, AmiMessage } from './ami.ts';
import { CACHED_TABLES } from './conf/pjsip.ts';
import { aor, endpoint, type Row, type RowSettings } from './rows.ts';

/** Of AOR and endpoint, and owner of their rows. No device has it: usernames are longer. It cannot be registered or called by. */
export const ASKER = 'asker';

/** Who takes longer does not answer. Seconds. */
const ANSWER_TIME_IN_S = 2;
/** As seldom as Asterisk allows: it is told each time. Seconds. */
const BY_ITSELF_IN_S = 86_400;
/** Milliseconds. */
const LOOK_EVERY = 100;
const PATIENCE = ANSWER_TIME_IN_S * 1000 + 500;

export const askerEndpoint = (settings: RowSettings): Row =>
  endpoint(ASKER, 'carrier', false, { context: 'none', allow: '!all,ulaw', aors: ASKER }, settings);

export const askerAor = (contacts: readonly string[]): Row =>
  aor(ASKER, {
    contact: contacts.join(','),
    max_contacts: 0,
    remove_existing: 'no',
    qualify_frequency: BY_ITSELF_IN_S,
    qualify_timeout: ANSWER_TIME_IN_S,
  });

/** A phone, and the URI it registered with, its host replaced by the address it was seen from. */
export interface Asked {
  registration: Pick<DeviceRegistration, 'username' | 'address' | 'transport'>;
  uri: string;
}

/**
 * The phone as a contact of ours; null: it cannot be asked. The URI is the phone's own word, and goes into a list: with
 * anything unusual in it the address alone will do.
 */
export function contactOf({ registration: { address, transport }, uri }: Asked): string | null {
  const [, host = ''] = /^\[?([^\]]*?)\]?(?::\d{1,5})?$/.exec(address) ?? [];
  // A name would have to be looked up, and is not what was seen.
  if (isIP(host) === 0) return null;
  const isPlain = /^sips?:([\w.+*~-]{1,64}@)?[[\]\w.:]{1,60}(;[\w.-]{1,40}(=[\w.:%+~-]{1,80})?){0,8}$/.test(uri);
  // `maddr` is where else to send it.
  const isHere = !/;(maddr|ttl|method|lr)\b/i.test(uri);
  if (isPlain && isHere && uri.replace(/^sips?:([^@]*@)?/, '').split(';')[0] === address) return uri;
  return `sip:${address}${transport === 'udp' ? '' : `;transport=${transport}`}`;
}

export class Asking {
  readonly #ami: Pick<Ami, 'action'>;
  readonly #write: (contacts: string[]) => void;
  /** One after the other: there is one AOR. */
  #last: Promise<unknown> = Promise.resolve();
  /** A brain that died may have left contacts of its own, with what was known of them. */
  #isEmpty = false;

  /** @param write brings the row to these contacts */
  constructor(ami: Pick<Ami, 'action'>, write: (contacts: string[]) => void) {
    this.#ami = ami;
    this.#write = write;
  }

  /** Milliseconds by username; null: no answer. */
  ask(phones: readonly Asked[]): Promise<Map<string, number | null>> {
    const answers = this.#last.then(() => this.#ask(phones));
    this.#last = answers.catch(() => {});
    return answers;
  }

  async #ask(phones: readonly Asked[]): Promise<Map<string, number | null>> {
    const byContact = Map.groupBy(phones, (phone) => contactOf(phone) ?? '');
    byContact.delete('');
    const answers = new Map<string, number | null>();
    if (byContact.size === 0) return answers;
    if (!this.#isEmpty) await this.#bring([]);
    this.#isEmpty = false;
    await this.#bring([...byContact.keys()]);
    await this.#ami.action('PJSIPQualify', { Endpoint: ASKER });
    for (const { uri, roundTrip } of await this.#heard()) {
      for (const { registration } of byContact.get(uri) ?? []) answers.set(registration.username, roundTrip);
    }
    await this.#bring([]);
    this.#isEmpty = true;
    return answers;
  }

  async #bring(contacts: string[]): Promise<void> {
    this.#write(contacts);
    // `Error` is also said of an object that is not in the cache.
    await this.#ami.action('SorceryMemoryCacheExpireObject', { Cache: CACHED_TABLES.ps_aors, Object: ASKER });
    await this.#ami.action('Command', { Command: `pjsip reload qualify aor ${ASKER}` });
  }

  /** Those of whom something is known when all are, or none of the others can be any more. */
  async #heard(): Promise<{ uri: string; roundTrip: number | null }[]> {
    const until = performance.now() + PATIENCE;
    for (;;) {
      const { events } = await this.#ami.action('PJSIPShowEndpoint', { Endpoint: ASKER });
      const contacts = events.flatMap((event) => parseContactStatus(event) ?? []);
      const known = contacts.filter(({ isKnown }) => isKnown);
      if (known.length === contacts.length || performance.now() > until) return known;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    }
  }
}

function parseContactStatus(event: AmiMessage): { uri: string; isKnown: boolean; roundTrip: number | null } | null {
  if (event.Event !== 'ContactStatusDetail' || event.AOR !== ASKER) return null;
  const isThere = event.Status === 'Reachable';
  return {
    uri: event.URI ?? '',
    isKnown: isThere || event.Status === 'Unreachable',
    // Asterisk counts microseconds; less than a millisecond is one.
    roundTrip: isThere ? Math.max(1, Math.round(Number(event.RoundtripUsec) / 1000)) : null,
  };
}
