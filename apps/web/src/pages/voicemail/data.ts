/** Boxes and messages, as the page reads them. */
import type { VoicemailBoxSummaryAnswer, VoicemailMessageAnswer } from '@littlepbx/contract';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, everyPage } from '../../app/api.ts';

export type BoxSummary = VoicemailBoxSummaryAnswer;
export type Message = VoicemailMessageAnswer;

export const boxesQuery = (org: string) =>
  queryOptions({
    queryKey: ['organization', org, 'voicemail', 'boxes'],
    queryFn: () => everyPage((query) => api.listVoicemailBoxes({ params: { org }, query })),
  });

export const boxQuery = (org: string, extension: string) =>
  queryOptions({
    queryKey: ['organization', org, 'voicemail', extension],
    queryFn: () => api.getVoicemailBox({ params: { org, extension } }),
  });

export const messagesQuery = (org: string, extension: string) =>
  infiniteQueryOptions({
    queryKey: ['organization', org, 'voicemail', extension, 'messages'],
    queryFn: ({ pageParam }) =>
      api.listVoicemailMessages({
        params: { org, extension },
        query: { limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });

export const messageSound = (org: string, extension: string, message: string): string =>
  `/api/v1/organizations/${encodeURIComponent(org)}/extensions/${encodeURIComponent(extension)}/voicemail/messages/${message}/sound`;
