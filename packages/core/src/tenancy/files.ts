/** Sounds of an organization, as its admin sees them. Voicemail is not here: it belongs to its box, and its lamp. */
import type { SoundFile } from '../files/files.ts';
import { type Access, KEY_PATTERN, notFound, ok, pageOf } from './access.ts';
import type { Administration, FileView } from './administration.ts';
import type { StoreSet } from './stores.ts';

const isShown = (file: SoundFile): file is FileView => file.kind !== 'voicemail';

type UseCases = Pick<Administration, 'listFiles' | 'getFile' | 'deleteFile'>;

export function fileUseCases(access: Access): UseCases {
  async function found(stores: StoreSet, organizationId: string, id: string): Promise<FileView | null> {
    const file = await stores.files.get(organizationId, id);
    return file && isShown(file) ? file : null;
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
      access.inOrganization(actor, org, { scope: 'files:read' }, async (stores, row) => {
        const file = await found(stores, row.id, id);
        return file ? ok(file) : notFound();
      }),

    deleteFile: (actor, org, id) =>
      access.inOrganization(actor, org, { scope: 'files:write', write: true }, async (stores, row, effects) => {
        const file = await found(stores, row.id, id);
        if (!file) return notFound();
        await stores.files.delete(row.id, id);
        effects.removed.push(file);
        return ok(null);
      }),
  };
}
