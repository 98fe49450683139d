/** What the page shows, and what changes it. Keys begin with the organization, so that live events find them. */
import type {
  DeviceAnswer,
  DraftAnswer,
  DraftChangeAnswer,
  ExtensionAnswer,
  NumberAnswer,
  VoicemailBoxAnswer,
} from '@littlepbx/contract';
import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { api, everyPage } from '../../app/api.ts';

export type Extension = ExtensionAnswer;
export type Did = NumberAnswer;
export type Device = DeviceAnswer;
export type Change = DraftChangeAnswer;
export type Draft = DraftAnswer;
export type Box = VoicemailBoxAnswer;
export type ExtensionFields = Partial<Omit<Extension, 'id'>>;
export type BoxChange = NonNullable<Parameters<typeof api.updateVoicemailBox>[0]['body']>;

const of = (org: string, ...rest: string[]) => ['organization', org, ...rest];

export const extensionsQuery = (org: string) =>
  queryOptions({
    queryKey: of(org, 'extensions'),
    queryFn: () => everyPage((query) => api.listExtensions({ params: { org }, query })),
  });

export const numbersQuery = (org: string) =>
  queryOptions({
    queryKey: of(org, 'numbers'),
    queryFn: () => everyPage((query) => api.listNumbers({ params: { org }, query })),
  });

export const devicesQuery = (org: string) =>
  queryOptions({
    queryKey: of(org, 'devices'),
    queryFn: () => everyPage((query) => api.listDevices({ params: { org }, query })),
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

export const musicQuery = (org: string) =>
  queryOptions({
    queryKey: of(org, 'music'),
    queryFn: () => everyPage((query) => api.listFiles({ params: { org }, query: { ...query, kind: 'music' } })),
  });

/** Changes that are stored at once; lists and the number of waiting changes follow. */
export function useChanges(org: string) {
  const queries = useQueryClient();
  const read = (...keys: string[]) => {
    for (const key of keys) void queries.invalidateQueries({ queryKey: of(org, key) });
  };
  return {
    read,

    /** @param expected what was there when it was typed: who changed it meanwhile is not overwritten unseen */
    async changeExtension(id: string, change: ExtensionFields, expected: ExtensionFields): Promise<void> {
      const extension = await api.updateExtension({ params: { org, extension: id }, body: { ...change, expected } });
      queries.setQueryData(extensionsQuery(org).queryKey, (all) => all?.map((e) => (e.id === id ? extension : e)));
      read('draft');
      // Others lead to it by its number.
      if (change.number !== undefined) read('extensions', 'numbers', 'devices');
    },

    async routeNumber(number: string, extension: string | null, was: string | null): Promise<void> {
      const did = await api.routeNumber({ params: { org, number }, body: { extension, expected: { extension: was } } });
      queries.setQueryData(numbersQuery(org).queryKey, (all) => all?.map((d) => (d.number === number ? did : d)));
      read('draft');
    },

    async changeBox(extension: string, change: BoxChange): Promise<void> {
      const box = await api.updateVoicemailBox({ params: { org, extension }, body: change });
      queries.setQueryData(boxQuery(org, extension).queryKey, box);
    },
  };
}
