/** Voicemail boxes and messages: behind the API, and behind the menu on the phone (`Boxes`). */
import type { FileDisk, FileRef } from '../files/files.ts';
import type { Clock, Ids } from '../ports.ts';
import {
  type Boxes,
  DEFAULT_MAX_MESSAGE_IN_S,
  lockTime,
  MAX_MESSAGES,
  type Message,
  pinComplaint,
} from '../voicemail/box.ts';
import { type Access, KEY_PATTERN, missing, ok, pageOf, refuse } from './access.ts';
import type { Actor } from './actor.ts';
import type { Administration } from './administration.ts';
import type { Extension } from './organization.ts';
import { isOwn } from './own-extension.ts';
import { staleRefusal } from './stale.ts';
import type { OrganizationRow, Secrets, StoreSet, Stores, VoicemailBoxRow } from './stores.ts';
import { Complaints, checkEmail } from './validation.ts';
import type { VoicemailBoxSettings, VoicemailBoxView } from './views.ts';

/** A box that nothing was set of. */
export const EMPTY_BOX: VoicemailBoxRow = {
  pinHash: null,
  greeting: null,
  maxMessageInS: DEFAULT_MAX_MESSAGE_IN_S,
  email: null,
  isSoundAttached: true,
};

const soundOf = ({ id, organizationId }: Message): FileRef => ({ id, organizationId, kind: 'voicemail' });

async function boxOf(stores: StoreSet, organizationId: string, extensionId: string): Promise<VoicemailBoxRow> {
  return (await stores.voicemail.box(organizationId, extensionId)) ?? EMPTY_BOX;
}

/** Changes the greeting; returns what nobody needs any more: one that was recorded by phone. */
async function changeGreeting(
  stores: StoreSet,
  organizationId: string,
  before: string | null,
  after: string | null,
): Promise<FileRef[]> {
  if (before === null || before === after) return [];
  const old = await stores.files.get(organizationId, before);
  if (old?.kind !== 'greeting' || old.name !== null) return [];
  await stores.files.delete(organizationId, old.id);
  return [old];
}

type UseCases = Pick<
  Administration,
  | 'listVoicemailBoxes'
  | 'getVoicemailBox'
  | 'updateVoicemailBox'
  | 'listVoicemailMessages'
  | 'getVoicemailMessage'
  | 'updateVoicemailMessage'
  | 'deleteVoicemailMessage'
>;

export function voicemailUseCases(access: Access): UseCases {
  const { clock, secrets } = access.ports;
  const read = { scope: 'voicemail:read', forUsers: true } as const;
  const write = { scope: 'voicemail:write', write: true, forUsers: true } as const;

  /** Whose box it is; null: there is no such extension, or it is not the actor's to know. */
  async function ownerOf(actor: Actor, stores: StoreSet, row: OrganizationRow, extension: string) {
    const found = await stores.drafts.extension(row.id, extension);
    return found && isOwn(actor, found.id) ? found : null;
  }

  async function view(stores: StoreSet, row: OrganizationRow, extension: Extension): Promise<VoicemailBoxView> {
    const { pinHash, ...box } = await boxOf(stores, row.id, extension.id);
    const { lockedUntil } = await stores.voicemail.lock(row.id, extension.id);
    const { fresh, old } = await stores.voicemail.waiting(row.id, extension.id);
    const isLocked = lockedUntil !== null && lockedUntil > clock.now();
    return {
      ...box,
      hasPin: pinHash !== null,
      lockedUntil: isLocked ? lockedUntil : null,
      newMessages: fresh,
      oldMessages: old,
    };
  }

  async function messageIn(actor: Actor, stores: StoreSet, row: OrganizationRow, extension: string, id: string) {
    const found = await ownerOf(actor, stores, row, extension);
    const message = found && (await stores.voicemail.message(row.id, id));
    return message?.extensionId === found?.id ? message : null;
  }

  return {
    listVoicemailBoxes: (actor, org, page) =>
      access.inOrganization(actor, org, read, async (stores, row) => {
        const own = actor.onlyExtension === undefined ? null : await ownerOf(actor, stores, row, actor.onlyExtension);
        const extensions = await pageOf(
          page,
          KEY_PATTERN.digits,
          async (slice) => {
            if (actor.onlyExtension === undefined) return stores.drafts.listExtensions(row.id, slice);
            return own && slice.after === null ? [own] : [];
          },
          ({ number }) => number,
          (rows) => rows,
        );
        if (!extensions.ok) return extensions;
        const { items, nextCursor } = extensions.value;
        const waiting = await stores.voicemail.summaries(
          row.id,
          items.map(({ id }) => id),
        );
        return ok({
          items: items.map(({ id, number, name }) => {
            const { fresh, old, latestAt } = waiting.get(id) ?? { fresh: 0, old: 0, latestAt: null };
            return { extensionId: id, extension: number, name, newMessages: fresh, oldMessages: old, latestAt };
          }),
          nextCursor,
        });
      }),

    getVoicemailBox: (actor, org, extension) =>
      access.inOrganization(actor, org, read, async (stores, row) => {
        const found = await ownerOf(actor, stores, row, extension);
        return found ? ok(await view(stores, row, found)) : missing('extension', extension);
      }),

    updateVoicemailBox: (actor, org, extension, change) =>
      access.inOrganization(actor, org, write, async (stores, row, effects) => {
        const found = await ownerOf(actor, stores, row, extension);
        if (!found) return missing('extension', extension);
        const { pin, isLocked, expected, ...rest } = change;
        const before = await boxOf(stores, row.id, found.id);
        const thing = {
          organizationId: row.id,
          resource: 'voicemail',
          resourceId: found.id,
          auditNames: { greeting: 'greetingId' },
        };
        const stale = await staleRefusal<VoicemailBoxSettings>(stores, thing, before, rest, expected);
        if (stale) return stale;
        const c = new Complaints();
        const email = rest.email === undefined || rest.email === null ? rest.email : checkEmail(c, 'email', rest.email);
        const bad = pin === undefined || pin === null ? null : pinComplaint(pin, found.number);
        if (bad) c.add('pin', bad);
        const max = rest.maxMessageInS ?? before.maxMessageInS;
        if (!(Number.isInteger(max) && max >= 10 && max <= 3600)) c.add('maxMessageInS', 'must be 10 to 3600 seconds');
        if (rest.greeting !== undefined && rest.greeting !== null) {
          const sound = await stores.files.get(row.id, rest.greeting);
          const isTheirs = actor.onlyExtension === undefined || sound?.details.extensionId === found.id;
          if (sound?.kind !== 'greeting' || !isTheirs) c.add('greeting', 'must be a sound of the kind greeting');
        }
        const invalid = c.refusal();
        if (invalid) return refuse(invalid);
        const after: VoicemailBoxRow = { ...before, ...rest, ...(email === undefined ? {} : { email }) };
        if (pin !== undefined) after.pinHash = pin === null ? null : await secrets.hashPin(pin);
        await stores.voicemail.put(row.id, found.id, after);
        effects.removed.push(...(await changeGreeting(stores, row.id, before.greeting, after.greeting)));
        if (isLocked === false || pin !== undefined) {
          await stores.voicemail.setLock(row.id, found.id, { wrongTries: 0, lockedUntil: null });
        }
        effects.changed = true;
        return ok(await view(stores, row, found));
      }),

    listVoicemailMessages: (actor, org, extension, filter, page) =>
      access.inOrganization(actor, org, read, async (stores, row) => {
        const found = await ownerOf(actor, stores, row, extension);
        if (!found) return missing('extension', extension);
        return pageOf(
          page,
          KEY_PATTERN.call,
          (slice) => stores.voicemail.list(row.id, found.id, filter, slice),
          (message) => `${message.createdAt}:${message.id}`,
          (rows) => rows,
        );
      }),

    getVoicemailMessage: (actor, org, extension, id) =>
      access.inOrganization(actor, org, read, async (stores, row) => {
        const message = await messageIn(actor, stores, row, extension, id);
        return message ? ok(message) : missing('message', id);
      }),

    updateVoicemailMessage: (actor, org, extension, id, { isSaved }) =>
      access.inOrganization(actor, org, write, async (stores, row) => {
        const message = await messageIn(actor, stores, row, extension, id);
        if (!message) return missing('message', id);
        await stores.voicemail.setSaved(row.id, message.id, isSaved);
        return ok({ ...message, isSaved });
      }),

    deleteVoicemailMessage: (actor, org, extension, id) =>
      access.inOrganization(actor, org, write, async (stores, row, effects) => {
        const message = await messageIn(actor, stores, row, extension, id);
        if (!message) return missing('message', id);
        await stores.files.delete(row.id, message.id);
        effects.removed.push(soundOf(message));
        return ok(null);
      }),
  };
}

export interface BoxesPorts {
  stores: Stores;
  disk: FileDisk;
  secrets: Pick<Secrets, 'hashPin' | 'isPin'>;
  clock: Clock;
  ids: Ids;
  /** What calls know of the organization's boxes must be read again. */
  changed(organizationId: string): Promise<void>;
}

/** The boxes as the menu on the phone works with them: the caller's right to them is proved by the PIN. */
export function createBoxes({ stores: all, disk, secrets, clock, ids, changed }: BoxesPorts): Boxes {
  return {
    hasPin: (org, extensionId) =>
      all.withOrganization(org, async (stores) => (await boxOf(stores, org, extensionId)).pinHash !== null),

    async tryPin(org, extensionId, pin) {
      // The try is counted before it is looked at, so that a hundred at once are a hundred.
      const attempt = await all.withOrganization(org, async (stores) => {
        const lock = await stores.voicemail.holdLock(org, extensionId);
        if (lock.lockedUntil !== null && lock.lockedUntil > clock.now()) return null;
        const wrongTries = lock.wrongTries + 1;
        const time = lockTime(wrongTries);
        const lockedUntil = time > 0 ? clock.now() + time : null;
        await stores.voicemail.setLock(org, extensionId, { wrongTries, lockedUntil });
        return boxOf(stores, org, extensionId);
      });
      if (!attempt) return 'locked';
      if (attempt.pinHash === null || !(await secrets.isPin(pin, attempt.pinHash))) return 'wrong';
      await all.withOrganization(org, (stores) =>
        stores.voicemail.setLock(org, extensionId, { wrongTries: 0, lockedUntil: null }),
      );
      return 'open';
    },

    async setPin(org, extensionId, pin) {
      const pinHash = await secrets.hashPin(pin);
      await all.withOrganization(org, async (stores) => {
        await stores.voicemail.put(org, extensionId, { ...(await boxOf(stores, org, extensionId)), pinHash });
      });
    },

    messages: (org, extensionId) => all.withOrganization(org, (stores) => stores.voicemail.all(org, extensionId)),

    save: ({ organizationId, id }) =>
      all.withOrganization(organizationId, (stores) => stores.voicemail.setSaved(organizationId, id, true)),

    async delete(org, messages) {
      await all.withOrganization(org, async (stores) => {
        for (const id of messages) await stores.files.delete(org, id);
      });
      await disk.remove(messages.map((id) => ({ id, organizationId: org, kind: 'voicemail' })));
    },

    async forward(message, extensionId) {
      const { organizationId: org } = message;
      const copy: FileRef = { id: ids.next(), organizationId: org, kind: 'voicemail' };
      if (!(await disk.copy(soundOf(message), copy))) return 'gone';
      const outcome = await all.withOrganization(org, async (stores): Promise<'ok' | 'full' | 'gone'> => {
        const { fresh, old } = await stores.voicemail.waiting(org, extensionId);
        if (fresh + old >= MAX_MESSAGES) return 'full';
        const sound = await stores.files.get(org, message.id);
        if (!sound) return 'gone';
        const details = { extensionId, from: message.from, fromName: message.fromName };
        await stores.files.insert({ ...sound, ...copy, details });
        return 'ok';
      });
      if (outcome !== 'ok') await disk.remove([copy]);
      return outcome;
    },

    async setGreeting(org, extensionId, greeting) {
      const removed = await all.withOrganization(org, async (stores) => {
        const before = await boxOf(stores, org, extensionId);
        await stores.voicemail.put(org, extensionId, { ...before, greeting });
        return changeGreeting(stores, org, before.greeting, greeting);
      });
      await disk.remove(removed);
      await changed(org);
    },
  };
}
