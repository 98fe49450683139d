/** Calls, as the page reads them. Keys begin with the organization, so that live events find them. */
import type { CallResult, CdrAnswer, LiveCallAnswer } from '@littlepbx/contract';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api } from '../../app/api.ts';

export type Cdr = CdrAnswer;
export type LiveCall = LiveCallAnswer;

export const DIRECTIONS = ['inbound', 'outbound', 'internal'] as const;
export const RESULTS = [
  'answered',
  'voicemail',
  'no-answer',
  'busy',
  'cancelled',
  'refused',
  'failed',
] as const satisfies CallResult[];

export interface CallFilter {
  search?: string;
  extension?: string;
  direction?: (typeof DIRECTIONS)[number];
  result?: (typeof RESULTS)[number];
}

/** What an address says. */
export function filterOf(search: Record<string, unknown>): CallFilter {
  const { search: text, extension, direction, result } = search;
  const filter: CallFilter = {};
  if (isText(text)) filter.search = String(text);
  if (isText(extension)) filter.extension = String(extension);
  const [known, wanted] = [DIRECTIONS.find((d) => d === direction), RESULTS.find((r) => r === result)];
  if (known) filter.direction = known;
  if (wanted) filter.result = wanted;
  return filter;
}

const isText = (value: unknown): boolean =>
  (typeof value === 'string' || typeof value === 'number') && /^[^\p{Cc}]{1,64}$/u.test(String(value).trim());

export const liveCallsQuery = (org: string) =>
  queryOptions({
    queryKey: ['organization', org, 'live-calls'],
    queryFn: async () => (await api.listLiveCalls({ params: { org } })).items,
  });

export const pastCallsQuery = (org: string, filter: CallFilter & { since?: number; until?: number }) =>
  infiniteQueryOptions({
    queryKey: ['organization', org, 'calls', filter],
    queryFn: ({ pageParam }) =>
      api.listCalls({
        params: { org },
        query: { ...filter, limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });

export const callQuery = (org: string, call: string) =>
  queryOptions({
    queryKey: ['organization', org, 'call', call],
    queryFn: () => api.getCall({ params: { org, call } }),
    // What is over does not change.
    staleTime: Number.POSITIVE_INFINITY,
  });

/** How often a call in progress is looked at: not every step of it is an event. Milliseconds. */
const LOOK_AGAIN = 2_000;

export const liveCallQuery = (org: string, call: string) =>
  queryOptions({
    queryKey: ['organization', org, 'live-call', call],
    queryFn: () => api.getLiveCall({ params: { org, call } }),
    refetchInterval: ({ state }) => (state.status === 'success' ? LOOK_AGAIN : false),
  });

/** Who ended a call from the page; null: it is not known. */
export const endedByQuery = (org: string, call: string) =>
  queryOptions({
    queryKey: ['organization', org, 'audit', 'hung-up', call],
    queryFn: async () => {
      const query = { resource: 'call', resourceId: call, action: 'hung-up', limit: 1 };
      const [entry] = (await api.listAudit({ params: { org }, query })).items;
      return entry === undefined || entry.author.kind === 'key' ? null : entry.author.name;
    },
  });

export const recordingsQuery = (org: string, call: string) =>
  queryOptions({
    queryKey: ['organization', org, 'recordings', call],
    queryFn: async () => (await api.listFiles({ params: { org }, query: { call, kind: 'recording' } })).items,
  });
