/** Music on hold: which is heard is in the draft; the sounds themselves are files (`files.ts`). */
import { type Access, ok } from './access.ts';
import type { Administration } from './administration.ts';
import { appliedContent } from './publishing.ts';
import type { OrganizationRow, StoreSet } from './stores.ts';
import type { MusicView } from './views.ts';

async function view(stores: StoreSet, row: OrganizationRow): Promise<MusicView> {
  const { music: appliedMusic } = await appliedContent(stores, row);
  return { music: await stores.drafts.music(row.id), appliedMusic };
}

export function musicUseCases(access: Access): Pick<Administration, 'getMusic' | 'setMusic'> {
  return {
    getMusic: (actor, org) =>
      access.inOrganization(actor, org, { scope: 'files:read' }, async (stores, row) => ok(await view(stores, row))),

    setMusic: (actor, org, music) =>
      access.inOrganization(actor, org, { scope: 'files:write', write: true }, async (stores, row) => {
        await stores.drafts.setMusic(row.id, music);
        return ok(await view(stores, row));
      }),
  };
}
