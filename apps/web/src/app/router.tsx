/**
 * Addresses: `/login` and what mails link to are for everybody, all else is behind the login. Pages come from
 * `pages/list.ts`, each read when it is first shown.
 */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type ParsedLocation,
  redirect,
} from '@tanstack/react-router';
import { isFor, PAGES, type Page } from '../pages/list.ts';
import { CrashPage, NotFoundPage, PageSkeleton } from '../parts/states.tsx';
import { type Area, readWords } from './i18n.ts';
import { listenAhead } from './live.ts';
import { queryClient } from './query.ts';
import { Root } from './root.tsx';
import {
  homeOf,
  meQuery,
  OPERATORS_START,
  organizationOf,
  type Person,
  rememberOrganization,
  startOf,
} from './session.ts';
import { Shell } from './shell.tsx';

const root = createRootRoute({ component: Root, notFoundComponent: NotFoundPage });

const DOORS = ['doors', 'login'] as const;

/** A page is drawn when its words are there, too. */
const withWords = (load: Page['load'], words: readonly Area[]) =>
  lazyRouteComponent(async () => {
    const [module] = await Promise.all([load(), readWords(words)]);
    return module;
  });

async function needPerson(location: ParsedLocation): Promise<Person> {
  const me = await queryClient.ensureQueryData(meQuery);
  if (me === null) throw redirect({ to: '/login', search: { next: location.href } });
  return me;
}

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async ({ location }) => {
    throw redirect({ to: homeOf(await needPerson(location)), replace: true });
  },
});

const login = createRoute({
  getParentRoute: () => root,
  path: 'login',
  validateSearch: ({ next }): { next?: string } =>
    // Only addresses of this page: `//elsewhere` is none.
    typeof next === 'string' && /^\/(?![/\\])/.test(next) ? { next } : {},
  beforeLoad: async ({ search }) => {
    const me = await queryClient.ensureQueryData(meQuery);
    if (me !== null) throw redirect({ to: search.next ?? homeOf(me), replace: true });
  },
  component: withWords(() => import('../pages/login/login-page.tsx'), DOORS),
});

/** Where links in mails lead; the token stands behind the `#`, so that no log has it. */
const resetPassword = createRoute({
  getParentRoute: () => root,
  path: 'reset-password',
  component: withWords(() => import('../pages/login/reset-page.tsx'), DOORS),
});
const invitation = createRoute({
  getParentRoute: () => root,
  path: 'invitation',
  component: withWords(() => import('../pages/login/invitation-page.tsx'), DOORS),
});

/** The own account, of whatever organization. */
const account = createRoute({
  getParentRoute: () => root,
  path: 'account',
  beforeLoad: async ({ location }) => void (await needPerson(location)),
  component: Shell,
});
const accountPage = createRoute({
  getParentRoute: () => account,
  path: '/',
  component: withWords(() => import('../pages/account/account-page.tsx'), ['account']),
});

const organization = createRoute({
  getParentRoute: () => root,
  path: 'o/$org',
  beforeLoad: async ({ location, params, preload }) => {
    const me = await needPerson(location);
    if (me.memberships.some(({ slug }) => slug === params.org)) rememberOrganization(params.org);
    else if (!me.isOperator) throw redirect({ to: homeOf(me), replace: true });
    if (!preload) listenAhead(params.org);
  },
  component: Shell,
});

const operator = createRoute({
  getParentRoute: () => root,
  path: 'operator',
  beforeLoad: async ({ location }) => {
    const me = await needPerson(location);
    if (!me.isOperator) throw redirect({ to: homeOf(me), replace: true });
  },
  component: Shell,
});

const pagesOf = (of: Page['of'], parent: typeof organization | typeof operator) =>
  PAGES.filter((page) => page.of === of).map((page) =>
    createRoute({
      getParentRoute: () => parent as typeof organization,
      path: page.path,
      beforeLoad: async ({ location, params }) => {
        const me = await needPerson(location);
        const slug = (params as { org?: string }).org;
        if (slug !== undefined && !isFor(organizationOf(me, slug), page)) {
          throw redirect({ to: homeOf(me), replace: true });
        }
      },
      component: withWords(page.load, page.words),
    }),
  );

/** An address that names no page leads to the first one there. */
const organizationStart = createRoute({
  getParentRoute: () => organization,
  path: '/',
  beforeLoad: async ({ location, params }) => {
    throw redirect({ to: startOf(await needPerson(location), params.org), replace: true });
  },
});
const operatorStart = createRoute({
  getParentRoute: () => operator,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: OPERATORS_START, replace: true });
  },
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    login,
    resetPassword,
    invitation,
    account.addChildren([accountPage]),
    organization.addChildren([organizationStart, ...pagesOf('organization', organization)]),
    operator.addChildren([operatorStart, ...pagesOf('operator', operator)]),
  ]),
  defaultPendingComponent: PageSkeleton,
  // On a slow line nobody looks at nothing; on a fast one nobody waits for what only says that it is slow.
  defaultPendingMs: 150,
  defaultPendingMinMs: 0,
  defaultErrorComponent: CrashPage,
  defaultPreload: 'intent',
  scrollRestoration: true,
});
