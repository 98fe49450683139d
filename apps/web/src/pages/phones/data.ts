/** What the page shows, and what changes it. Keys begin with the organization, so that live events find them. */
import type {
  DeviceAnswer,
  DraftAnswer,
  DraftChangeAnswer,
  ExtensionAnswer,
  NumberAnswer,
  VoicemailBoxAnswer,
} from '@littlepbx/contract';
import { type DataTag, queryOptions, useQueryClient } from '@tanstack/react-query';
import { api, everyPage } from '../../app/api.ts';
import { devicesQuery, extensionsQuery } from '../../parts/extensions.ts';
import { unmark } from './marks.ts';

export type Extension = ExtensionAnswer;
/** What of an extension everybody may know. */
export type Colleague = Pick<Extension, 'number' | 'name'>;
export type Did = NumberAnswer;
export type Device = DeviceAnswer;
export type Change = DraftChangeAnswer;
export type Draft = DraftAnswer;
export type Box = VoicemailBoxAnswer;
export type ExtensionField = Exclude<keyof Extension, 'id'>;
export type BoxChange = NonNullable<Parameters<typeof api.updateVoicemailBox>[0]['body']>;

/** Where the page shows what waits to be applied; its id there. */
export const APPLY_BAR = 'changes';

const of = (org: string, ...rest: string[]) => ['organization', org, ...rest];

/** Of who is bound to one: as it is in effect. */
export const ownExtensionQuery = (org: string, extension: string) =>
  queryOptions({
    queryKey: of(org, 'extensions', 'own', extension),
    queryFn: () => api.getExtension({ params: { org, extension } }),
  });

export const numbersQuery = (org: string) =>
  queryOptions({
    queryKey: of(org, 'numbers'),
    queryFn: () => everyPage((query) => api.listNumbers({ params: { org }, query })),
  });

export const draftQuery = (org: string) =>
  queryOptions({
    queryKey: of(org, 'draft'),
    queryFn: () => api.getDraft({ params: { org } }),
  });

export const revisionsQuery = (org: string) =>
  queryOptions({
    queryKey: of(org, 'revisions'),
    queryFn: async () => (await api.listRevisions({ params: { org }, query: { limit: 100 } })).items,
  });

export const boxQuery = (org: string, extension: string) =>
  queryOptions({
    queryKey: of(org, 'voicemail', 'box', extension),
    queryFn: () => api.getVoicemailBox({ params: { org, extension } }),
  });

export const musicChoiceQuery = (org: string) =>
  queryOptions({
    queryKey: of(org, 'music', 'choice'),
    queryFn: () => api.getMusic({ params: { org } }),
  });

export const musicQuery = (org: string) =>
  queryOptions({
    queryKey: of(org, 'music', 'sounds'),
    queryFn: () => everyPage((query) => api.listFiles({ params: { org }, query: { ...query, kind: 'music' } })),
  });

/** Changes that are stored at once; lists and the number of waiting changes follow. */
export function useChanges(org: string) {
  const queries = useQueryClient();
  const read = (...keys: string[]) => {
    for (const key of keys) void queries.invalidateQueries({ queryKey: of(org, key) });
  };
  /** In the place of what was read; an answer that is on its way was made before this. */
  async function put<T>(queryKey: DataTag<string[], T, Error>, change: (value: T) => T): Promise<void> {
    await queries.cancelQueries({ queryKey, exact: true });
    queries.setQueryData<T>(queryKey, (value) => value && change(value));
  }
  return {
    read,

    /** @param was what was there when it was typed: who changed it meanwhile is not overwritten unseen */
    async changeExtension<F extends ExtensionField>(id: string, field: F, value: Extension[F], was: Extension[F]) {
      const body = { [field]: value, expected: { [field]: was } };
      const extension = await api.updateExtension({ params: { org, extension: id }, body });
      await put(extensionsQuery(org).queryKey, (all) => all.map((e) => (e.id === id ? extension : e)));
      await put(ownExtensionQuery(org, id).queryKey, () => extension);
      read('draft');
      // Others lead to it by its number.
      if (field === 'number') read('extensions', 'numbers', 'devices');
      unmark(`extensions.${extension.number}.${field}`);
      return extension[field];
    },

    async routeNumber(number: string, extension: string | null, was: string | null) {
      const did = await api.routeNumber({ params: { org, number }, body: { extension, expected: { extension: was } } });
      await put(numbersQuery(org).queryKey, (all) => all.map((d) => (d.number === number ? did : d)));
      read('draft');
      unmark(`numbers.${number}.extension`);
      return did.extension;
    },

    async renameDevice(username: string, name: string, was: string) {
      const device = await api.updateDevice({ params: { username }, body: { name, expected: { name: was } } });
      await put(devicesQuery(org).queryKey, (all) => all.map((d) => (d.username === username ? device : d)));
      return device.name;
    },

    async chooseMusic(music: 'own' | 'stock') {
      const choice = await api.setMusic({ params: { org }, body: { music } });
      await put(musicChoiceQuery(org).queryKey, () => choice);
      read('draft');
      return choice.music;
    },

    async changeBox(extension: string, change: BoxChange) {
      const box = await api.updateVoicemailBox({ params: { org, extension }, body: change });
      await put(boxQuery(org, extension).queryKey, () => box);
      return box;
    },
  };
}
