/** Who is logged in, and what they may do where. */
import type { MeAnswer, Scope } from '@littlepbx/contract';
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { useLocation, useParams } from '@tanstack/react-router';
import { api, hasSession, interruption, loggedInAgain, problemOf, sessionBegan } from './api.ts';
import { queryClient } from './query.ts';
import { onTold, tellTabs } from './tabs.ts';

export type Person = Extract<MeAnswer, { kind: 'person' }>;

/** Null: nobody is logged in. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async (): Promise<Person | null> => {
    try {
      // Only of somebody who was there it is news that nobody is.
      const me = hasSession() ? await api.getMe() : (await api.getSession()).person;
      if (me?.kind !== 'person') return null;
      sessionBegan();
      return me;
    } catch (error) {
      if (problemOf(error)?.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

/** The login answered. */
export function personCame(person: Person): void {
  sessionBegan();
  queryClient.setQueryData(meQuery.queryKey, person);
  tellTabs(person.id);
}

onTold((personId) => {
  const me = queryClient.getQueryData(meQuery.queryKey);
  if (!me) return;
  if (personId === null) void loggedInAgain();
  else if (personId === me.id) interruption.get()?.isOver();
  // Somebody else must not send what this one typed.
  else location.assign('/');
});

/** For whatever is drawn only when somebody is logged in. */
export function useMe(): Person {
  const { data } = useSuspenseQuery(meQuery);
  if (data === null) throw new Error('nobody is logged in');
  return data;
}

export interface Organization {
  slug: string;
  /** The one extension that the person may see; null: all that the role shows. */
  extensionId: string | null;
  /** Whether the person may do this here. */
  may(scope: Scope): boolean;
}

/** The organization whose page is shown. */
export function useOrganization(): Organization {
  const me = useMe();
  const { org = '' } = useParams({ strict: false }) as { org?: string };
  return organizationOf(me, org);
}

export function organizationOf(me: Person, slug: string): Organization {
  const membership = me.memberships.find((one) => one.slug === slug);
  const scopes = membership?.scopes ?? [];
  return {
    slug,
    extensionId: (me.isOperator ? null : membership?.extensionId) ?? null,
    may: (scope) =>
      me.isOperator || scopes.includes(scope) || scopes.includes(scope.replace(/:read$/, ':write') as Scope),
  };
}

const LAST = 'littlepbx.organization';

export const rememberOrganization = (slug: string): void => localStorage.setItem(LAST, slug);

/** Where somebody goes who asked for no page: the organization of the host name, else the one of last time. */
export function homeOf(me: Person, host = location.hostname): string {
  const slug = organizationAtHand(me, host);
  if (slug !== undefined) return startOf(me, slug);
  return me.isOperator ? OPERATORS_START : '/account';
}

/** The first page of operators. */
export const OPERATORS_START = '/operator/organizations';

/** The first page of an organization. */
export function startOf(me: Person, slug: string): string {
  return `/o/${slug}/${organizationOf(me, slug).extensionId === null ? 'phones' : 'phone'}`;
}

function organizationAtHand(me: Person, host = location.hostname): string | undefined {
  const slugs = me.memberships.map(({ slug }) => slug);
  const wanted = [/^pbx\.([a-z0-9-]+)\./.exec(host)?.[1], localStorage.getItem(LAST), ...slugs];
  return wanted.find((name): name is string => name != null && slugs.includes(name));
}

/** Hook: whose pages the navigation leads to; undefined: nobody's. The own account is shown within the organization at hand. */
export function useShownOrganization(): string | undefined {
  const me = useMe();
  const { org } = useParams({ strict: false }) as { org?: string };
  const { pathname } = useLocation();
  return org ?? (pathname === '/account' ? organizationAtHand(me) : undefined);
}

export async function logOut(): Promise<void> {
  await api.logOut();
  tellTabs(null);
  queryClient.clear();
  location.assign('/login');
}
