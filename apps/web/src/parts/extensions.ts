/** All extensions and devices of an organization, in as few requests as can be: there may be thousands. */
import { LONG_PAGE } from '@littlepbx/contract/client';
import { queryOptions } from '@tanstack/react-query';
import { api, everyPage } from '../app/api.ts';

export const allExtensions = (org: string) =>
  everyPage((query) => api.listExtensions({ params: { org }, query }), LONG_PAGE);
export const allDevices = (org: string) => everyPage((query) => api.listDevices({ params: { org }, query }), LONG_PAGE);

/** Number and name of all that are in effect: whom one can call. */
export const colleaguesQuery = (org: string) =>
  queryOptions({
    queryKey: ['organization', org, 'extensions', 'colleagues'],
    queryFn: () => everyPage((query) => api.listColleagues({ params: { org }, query }), LONG_PAGE),
  });

/** Read anew when live events tell of any. */
export const extensionsQuery = (org: string) =>
  queryOptions({ queryKey: ['organization', org, 'extensions'], queryFn: () => allExtensions(org) });
export const devicesQuery = (org: string) =>
  queryOptions({ queryKey: ['organization', org, 'devices'], queryFn: () => allDevices(org) });
