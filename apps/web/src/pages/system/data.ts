/** What the parts of the page read. */
import { queryOptions } from '@tanstack/react-query';
import { api, everyPage } from '../../app/api.ts';

/** How often numbers of the moment are read. Milliseconds. */
export const LOOK_AGAIN = 3_000;
/** Lists that change by themselves. */
const LIST_AGAIN = 10_000;

export const alertsQuery = queryOptions({
  queryKey: ['alerts'],
  queryFn: () => api.listAlerts(),
  refetchInterval: LIST_AGAIN,
});

export const alertSettingsQuery = queryOptions({
  queryKey: ['alert-settings'],
  queryFn: () => api.getAlertSettings(),
});

export const mailQuery = queryOptions({
  queryKey: ['mail', 'state'],
  queryFn: () => api.getMail(),
  refetchInterval: LIST_AGAIN,
});

export const mailQueueQuery = queryOptions({
  queryKey: ['mail', 'queue'],
  queryFn: () => api.listMails({ query: { limit: 100 } }),
  refetchInterval: LIST_AGAIN,
});

export const bansQuery = queryOptions({
  queryKey: ['bans'],
  queryFn: () => everyPage((query) => api.listBans({ query })),
  refetchInterval: LIST_AGAIN,
});

export const allowedQuery = queryOptions({
  queryKey: ['allowed-networks'],
  queryFn: () => everyPage((query) => api.listAllowed({ query })),
});

export const trapsQuery = queryOptions({
  queryKey: ['honeypots'],
  queryFn: () => everyPage((query) => api.listHoneypots({ query })),
});
