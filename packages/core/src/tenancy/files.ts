/** Sounds of an organization, as its admin sees them. Voicemail is not here: it belongs to its box, and its lamp. */
import { MAX_UPLOAD, MAX_UPLOAD_DURATION, type SoundFile, type UploadRefusal } from '../files/files.ts';
import { type Access, KEY_PATTERN, missing, ok, pageOf, refuse } from './access.ts';
import type { Administration } from './administration.ts';
import type { Refusal } from './outcome.ts';
import type { OrganizationRow, StoreSet } from './stores.ts';
import { Complaints, checkName } from './validation.ts';
import type { FileView } from './views.ts';

type UseCases = Pick<Administration, 'listFiles' | 'getFile' | 'uploadFile' | 'deleteFile'>;

const isShown = (file: SoundFile): file is FileView => file.kind !== 'voicemail';

const UPLOAD_REFUSALS: Record<UploadRefusal, Refusal> = {
  'too-many-uploads': { id: 'too-many-uploads', message: 'other uploads are under way; try again when they are done' },
  'too-large': { id: 'too-large', message: `a sound may have ${MAX_UPLOAD / 1024 ** 2} MiB at most` },
  'too-long': { id: 'sound-invalid', message: `a sound may last ${MAX_UPLOAD_DURATION / 60_000} minutes at most` },
  'not-a-sound': {
    id: 'sound-invalid',
    message: 'it must be WAV, MP3, Ogg (Vorbis or Opus), FLAC or AIFF, and is none of them',
  },
  'broken-sound': { id: 'sound-invalid', message: 'it cannot be decoded: the file is broken, or empty' },
};
const FULL: Refusal = {
  id: 'storage-full',
  message: "it does not fit into the organization's storage: delete sounds, or ask the operator for more",
};

export function fileUseCases(access: Access): UseCases {
  const { clock, ids, intake, files } = access.ports;

  async function found(stores: StoreSet, organizationId: string, id: string): Promise<FileView | null> {
    const file = await stores.files.get(organizationId, id);
    return file && isShown(file) ? file : null;
  }

  async function room(stores: StoreSet, row: OrganizationRow): Promise<number> {
    return row.limits.storageBytes - ((await stores.files.used([row.id])).get(row.id) ?? 0);
  }

  return {
    listFiles: (actor, org, filter, page) =>
      access.inOrganization(actor, org, { scope: 'files:read' }, (stores, row) =>
        pageOf(
          page,
          KEY_PATTERN.call,
          (slice) => stores.files.list(row.id, filter, slice),
          (file) => `${file.createdAt}:${file.id}`,
          (rows) => rows.filter(isShown),
        ),
      ),

    getFile: (actor, org, id) =>
      access.inOrganization(actor, org, { scope: 'files:read', forUsers: true }, async (stores, row) => {
        const file = await found(stores, row.id, id);
        const isTheirs = file?.kind === 'greeting' && file.details.extensionId === actor.onlyExtension;
        return file && (actor.onlyExtension === undefined || isTheirs) ? ok(file) : missing('file', id);
      }),

    async uploadFile(actor, org, { kind, name: given }, sound) {
      const c = new Complaints();
      const name = checkName(c, 'name', given);
      const only = actor.onlyExtension;
      const need = { scope: 'files:write', forUsers: kind === 'greeting' } as const;
      const may = await access.inOrganization(actor, org, need, async (stores, row) => {
        const invalid = c.refusal();
        if (invalid) return refuse(invalid);
        return (await room(stores, row)) > 0 ? ok(row.id) : refuse(FULL);
      });
      if (!may.ok) return may;
      const organizationId = may.value;
      const taken = await intake.take(organizationId, sound);
      if (!taken.ok) return refuse(UPLOAD_REFUSALS[taken.refusal]);
      const { bytes, duration, keep, drop } = taken.value;
      const file: FileView = {
        ...{ id: ids.next(), organizationId, kind, callId: null },
        // Of one's own box, like one that was recorded by phone: it goes with the next one.
        ...(only === undefined ? { name, details: {} } : { name: null, details: { extensionId: only } }),
        ...{ bytes, duration, createdAt: clock.now() },
      };
      let isKept = false;
      const outcome = await access
        .inOrganization(actor, organizationId, { ...need, write: true }, async (stores, row, effects) => {
          if ((await room(stores, row)) < bytes) return refuse(FULL);
          // In its place before the row tells of it. A file whose row was then not written is found by the sweep.
          await keep(file);
          isKept = true;
          await stores.files.insert(file);
          effects.changed = kind === 'music';
          return ok(file);
        })
        .finally(() => (isKept ? undefined : drop()));
      // Not when it was only sent again: the first one is there.
      if (outcome.ok && isKept) files.kept(outcome.value);
      return outcome;
    },

    deleteFile: (actor, org, id) =>
      access.inOrganization(actor, org, { scope: 'files:write', write: true }, async (stores, row, effects) => {
        const file = await found(stores, row.id, id);
        if (!file) return missing('file', id);
        await stores.files.delete(row.id, id);
        effects.changed = file.kind === 'music';
        effects.removed.push(file);
        // Boxes that it greeted for have none of their own now.
        for (const [extensionId, box] of file.kind === 'greeting' ? await stores.voicemail.boxes(row.id) : []) {
          if (box.greeting !== id) continue;
          await stores.voicemail.put(row.id, extensionId, { ...box, greeting: null });
          effects.changed = true;
        }
        return ok(null);
      }),
  };
}
