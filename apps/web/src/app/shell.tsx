/** Around every page of somebody who is logged in: navigation, whose page it is, and the own settings. */
import { AppShell, Avatar, Burger, Group, Menu, NavLink, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBuilding, IconCheck, IconSelector, IconServerCog } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate, useRouter } from '@tanstack/react-router';
import { Suspense, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { isFor, PAGES, type Page } from '../pages/list.ts';
import { PageSkeleton } from '../parts/states.tsx';
import { api } from './api.ts';
import { useLive } from './live.ts';
import { OwnMenu } from './own-menu.tsx';
import { organizationOf, startOf, useMe, useShownOrganization } from './session.ts';

export function Shell() {
  const { t } = useTranslation('shell');
  const [isOpen, { toggle, close }] = useDisclosure();
  const org = useShownOrganization();
  useLive(org);
  useOtherRole();
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <a className="skip" href="#content">
        {t('skip')}
      </a>
      <AppShell.Header>
        <Group h="100%" px={{ base: 'sm', sm: 'lg' }} justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap" miw={0}>
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={t('menu')}
              aria-expanded={isOpen}
            />
            <WhosePage />
          </Group>
          <OwnMenu />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" style={{ overflowY: 'auto' }} aria-label={t('navigation')}>
        <Navigation onGo={close} />
      </AppShell.Navbar>
      <AppShell.Main id="content">
        <Suspense fallback={<PageSkeleton />}>
          <Outlet />
        </Suspense>
      </AppShell.Main>
    </AppShell>
  );
}

/** With another role, or none any more, nobody is left on a page that is not theirs: it is entered anew. */
function useOtherRole(): void {
  const { memberships } = useMe();
  const router = useRouter();
  const roles = memberships.map(({ slug, role, extensionId }) => [slug, role, extensionId].join(' ')).join(', ');
  const known = useRef(roles);
  useEffect(() => {
    if (known.current === roles) return;
    known.current = roles;
    void router.invalidate();
  }, [roles, router]);
}

function Navigation({ onGo }: { onGo: () => void }) {
  const { t } = useTranslation('shell');
  const me = useMe();
  const org = useShownOrganization();
  const organization = org === undefined ? null : organizationOf(me, org);
  const isShown = (page: Page) =>
    page.of === 'operator' ? me.isOperator : organization !== null && isFor(organization, page);
  const pages = PAGES.filter((page) => page.navigation && isShown(page));
  const own = pages.filter((page) => page.of === 'organization');
  const operators = pages.filter((page) => page.of === 'operator');
  return (
    <>
      {own.map((page) => (
        <PageLink key={page.path} page={page} to={`/o/${org}/${page.path}`} onGo={onGo} />
      ))}
      {operators.length > 0 && (
        <Text size="xs" fw={600} c="dimmed" px="sm" pt={own.length > 0 ? 'lg' : 'xs'} pb={4}>
          {t('operator')}
        </Text>
      )}
      {operators.map((page) => (
        <PageLink key={page.path} page={page} to={`/operator/${page.path}`} onGo={onGo} />
      ))}
    </>
  );
}

function PageLink({ page, to, onGo }: { page: Page; to: string; onGo: () => void }) {
  const { t } = useTranslation('shell');
  const { pathname } = useLocation();
  const { name, icon: Icon } = page.navigation!;
  const isHere = pathname === to || pathname.startsWith(`${to}/`);
  return (
    <NavLink
      renderRoot={(props) => <Link to={to} aria-current={isHere ? 'page' : undefined} {...props} />}
      active={isHere}
      label={t(`pages.${name}`)}
      leftSection={<Icon size={18} stroke={1.7} aria-hidden />}
      onClick={onGo}
      style={{ borderRadius: 'var(--mantine-radius-md)' }}
    />
  );
}

/** Company name; with several organizations the way to the others. */
function WhosePage() {
  const { t } = useTranslation('shell');
  const me = useMe();
  const navigate = useNavigate();
  const org = useShownOrganization();
  const own = me.memberships.find(({ slug }) => slug === org);
  // An operator looks at organizations without being a member.
  const { data: other } = useQuery({
    queryKey: ['organization', org, 'name'],
    queryFn: () => api.getOrganization({ params: { org: org! } }),
    enabled: org !== undefined && own === undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const name =
    org === undefined ? (me.isOperator ? t('operator') : 'LittlePBX') : (own?.companyName ?? other?.name ?? org);
  const logo = own?.logo ?? other?.logo;
  const others = me.memberships.filter(({ slug }) => slug !== org);
  const shown = (
    <Group gap="xs" wrap="nowrap" miw={0}>
      {logo == null ? (
        <Avatar size={30} radius="md" color="indigo" variant="filled" aria-hidden>
          {org === undefined ? <IconServerCog size={18} /> : <IconBuilding size={18} />}
        </Avatar>
      ) : (
        <img src={logo} alt="" style={{ height: 30, maxWidth: 120, objectFit: 'contain' }} />
      )}
      <Text fw={600} truncate>
        {name}
      </Text>
      {others.length > 0 && <IconSelector size={16} aria-hidden />}
    </Group>
  );
  if (others.length === 0) return shown;
  return (
    <Menu position="bottom-start" width={260}>
      <Menu.Target>
        <UnstyledButton miw={0} aria-label={t('switchOrganization', { name })}>
          {shown}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {me.memberships.map(({ slug, companyName }) => (
          <Menu.Item
            key={slug}
            leftSection={slug === org ? <IconCheck size={16} aria-hidden /> : <span style={{ width: 16 }} />}
            onClick={() => void navigate({ to: startOf(me, slug) })}
          >
            {companyName}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
