/** Boxes and messages, as the page reads them. */
import type { VoicemailBoxSummaryAnswer, VoicemailMessageAnswer } from '@littlepbx/contract';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, everyPage } from '../../app/api.ts';

export type BoxSummary = VoicemailBoxSummaryAnswer;
export type Message = VoicemailMessageAnswer;

/** Boxes without the messages that are on their way out. */
export function withoutGoing(
  boxes: BoxSummary[],
  going: readonly { org: string; extension: string; isSaved: boolean }[],
  org: string,
): BoxSummary[] {
  return boxes.map((box) => {
    const gone = going.filter((one) => one.org === org && one.extension === box.extension);
    if (gone.length === 0) return box;
    const heard = gone.filter(({ isSaved }) => isSaved).length;
    const newMessages = Math.max(0, box.newMessages - (gone.length - heard));
    const oldMessages = Math.max(0, box.oldMessages - heard);
    return { ...box, newMessages, oldMessages, latestAt: newMessages + oldMessages === 0 ? null : box.latestAt };
  });
}

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
