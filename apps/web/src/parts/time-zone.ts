/** By whose clocks times are told, and in which country's way of writing them. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { api } from '../app/api.ts';
import { spoken } from '../app/i18n.ts';
import { organizationOf, useMe } from '../app/session.ts';

export const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** English of the browser's country writes dates its own way. */
export const locale = (): string => navigator.languages.find((name) => name.startsWith(spoken())) ?? spoken();

/** Hook: the time zone of the organization that is shown; on other pages, and until it is known, that of the browser. */
export function useTimeZone(): string {
  const { org } = useParams({ strict: false }) as { org?: string };
  const me = useMe();
  // Who sees one extension alone does not see the organization; the login tells its clocks.
  const own = me.memberships.find(({ slug, extensionId }) => slug === org && extensionId !== null)?.timeZone;
  const { data } = useQuery({
    queryKey: ['organization', org, 'time-zone'],
    queryFn: async () => (await api.getOrganization({ params: { org: org! } })).timeZone,
    enabled: org !== undefined && own === undefined && organizationOf(me, org).may('organizations:read'),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return own ?? data ?? HERE;
}
