/**
 * A voicemail box: one per extension, from the first message or setting on. A message is a stored sound of the kind
 * `voicemail` (`files/files.ts`) and a row beside it that says whether it was heard.
 */
import type { OrganizationId } from '../tenancy/organization.ts';

/** What calls must know of a box, in memory with its organization. A box that nobody has set up has the defaults. */
export interface BoxSettings {
  /** UUID of its extension. */
  extensionId: string;
  /** Stored sound that greets; null: stock prompts. */
  greeting: string | null;
  /** Longest message. Seconds, 10 to 3600. */
  maxMessageInS: number;
}

export const DEFAULT_MAX_MESSAGE_IN_S = 180;
/** Messages a box holds, old ones included. */
export const MAX_MESSAGES = 100;
/** Shorter ones are nobody's message. Milliseconds. */
export const MIN_MESSAGE = 2000;

export interface Message {
  /** Id of its sound. */
  id: string;
  organizationId: OrganizationId;
  extensionId: string;
  /** Caller's number and name as shown; null: withheld. */
  from: string | null;
  fromName: string | null;
  /** Heard and kept. */
  isSaved: boolean;
  /** Milliseconds. */
  duration: number;
  /** When it was left. Milliseconds since the epoch. */
  createdAt: number;
}

/** How many messages wait in a box. */
export interface Waiting {
  fresh: number;
  old: number;
}

/**
 * Boxes as the menu on the phone works with them. Everything here asks the database, and rejects with
 * `StoreUnavailable` while that is away.
 */
export interface Boxes {
  hasPin(organizationId: OrganizationId, extensionId: string): Promise<boolean>;
  /**
   * Whether this is the PIN of the box. Wrong tries are counted over all calls; from the fifth on the box is locked for a
   * time that doubles, and then every PIN is refused.
   */
  tryPin(organizationId: OrganizationId, extensionId: string, pin: string): Promise<'open' | 'wrong' | 'locked'>;
  /** The PIN must have passed `pinComplaint`. */
  setPin(organizationId: OrganizationId, extensionId: string, pin: string): Promise<void>;
  /** Oldest first. */
  messages(organizationId: OrganizationId, extensionId: string): Promise<Message[]>;
  save(message: Message): Promise<void>;
  delete(organizationId: OrganizationId, ids: string[]): Promise<void>;
  /** Puts a copy into another box. */
  forward(message: Message, extensionId: string): Promise<'ok' | 'full' | 'gone'>;
  /** Null: the stock prompts greet again. */
  setGreeting(organizationId: OrganizationId, extensionId: string, fileId: string | null): Promise<void>;
}

/** What calls ask about boxes; no database. */
export interface BoxCounts {
  /** As last counted; a box that has never been counted is empty. */
  waiting(extensionId: string): Waiting;
}

/** Wrong tries that are free. */
const FREE_TRIES = 5;
const FIRST_LOCK = 60_000;
const LONGEST_LOCK = 24 * 3600_000;

/** How long a box is locked after so many wrong tries in a row. Milliseconds; 0: not at all. */
export function lockTime(wrongTries: number): number {
  return wrongTries < FREE_TRIES ? 0 : Math.min(FIRST_LOCK * 2 ** (wrongTries - FREE_TRIES), LONGEST_LOCK);
}

/** Why this cannot be a PIN, in plain words; null when it can. */
export function pinComplaint(pin: string, extension: string): string | null {
  if (!/^[0-9]{6,20}$/.test(pin)) return 'must be 6 to 20 digits';
  const steps = new Set([...pin].slice(1).map((digit, i) => (Number(digit) - Number(pin[i]) + 10) % 10));
  const isRun = steps.size === 1 && [0, 1, 9].includes([...steps][0]!);
  if (isRun) return 'is too easy to guess: all the same or counting up or down';
  for (let length = 1; length <= pin.length / 2; length++) {
    const part = pin.slice(0, length);
    if (part.repeat(Math.ceil(pin.length / length)).startsWith(pin)) {
      return 'is too easy to guess: the same digits again and again';
    }
  }
  const reversed = [...extension].reverse().join('');
  if (extension.length > 3 && (pin.includes(extension) || pin.includes(reversed))) {
    return 'is too easy to guess: it contains the extension number';
  }
  return null;
}
