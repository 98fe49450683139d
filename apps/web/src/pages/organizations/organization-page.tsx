import type { OrganizationAnswer } from '@littlepbx/contract';
import { Alert, Badge, Button, Group, Tabs } from '@mantine/core';
import { IconBuilding } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, problemOf } from '../../app/api.ts';
import { useWritten } from '../../parts/moment.ts';
import { PageFrame } from '../../parts/page.tsx';
import { People } from '../../parts/people.tsx';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import { Company } from './company.tsx';
import { Existence } from './existence.tsx';
import { Limits } from './limits.tsx';
import { Numbers } from './numbers.tsx';
import { Trunks } from './trunks.tsx';
import { Usage } from './usage.tsx';

const TABS = ['company', 'numbers', 'trunks', 'limits', 'usage', 'people', 'existence'] as const;

/** What the server says of an organization that is not there, or of a name that none can have. */
const NO_SUCH = new Set<string | undefined>(['not-found', 'invalid']);

/** What a part of the page gets, and how it tells that it changed something. */
export interface PartProps {
  organization: OrganizationAnswer;
  onChanged(organization?: OrganizationAnswer): void;
}

export default function OrganizationPage() {
  const { t } = useTranslation('organizations');
  const { organization: org = '' } = useParams({ strict: false }) as { organization?: string };
  const queries = useQueryClient();
  const navigate = useNavigate();
  const queryKey = ['organization', org];
  const read = useQuery({ queryKey, queryFn: () => api.getOrganization({ params: { org } }) });
  const { part: asked } = useSearch({ strict: false }) as { part?: unknown };
  const tab = TABS.find((name) => name === asked) ?? 'company';
  const setTab = (name: string | null) =>
    void navigate({ to: '.', search: (name === 'company' ? {} : { part: name }) as never, resetScroll: false });
  const onChanged = (changed?: OrganizationAnswer) => {
    if (changed) queries.setQueryData(queryKey, changed);
    else void queries.invalidateQueries({ queryKey });
    void queries.invalidateQueries({ queryKey: ['organizations'] });
  };
  const organization = read.data;
  if (!organization) {
    return (
      <PageFrame title={org}>
        {!read.isError ? (
          <ListSkeleton />
        ) : NO_SUCH.has(problemOf(read.error)?.id) ? (
          <Empty icon={IconBuilding} title={t('missing.title')} action={<AllOrganizations />}>
            {t('missing.text', { org })}
          </Empty>
        ) : (
          <Failed error={read.error} retry={() => void read.refetch()} />
        )}
      </PageFrame>
    );
  }
  const part = { organization, onChanged };
  const isThere = organization.deletedAt === null;
  return (
    <PageFrame title={organization.name} isOfMany actions={isThere && <Ways slug={organization.slug} />}>
      <States organization={organization} />
      {isThere ? (
        <Tabs value={tab} onChange={setTab} keepMounted={false}>
          <Tabs.List aria-label={t('tabs.label')}>
            {TABS.map((name) => (
              <Tabs.Tab key={name} value={name}>
                {t(`tabs.${name}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value="company" pt="md">
            <Company {...part} />
          </Tabs.Panel>
          <Tabs.Panel value="numbers" pt="md">
            <Numbers {...part} />
          </Tabs.Panel>
          <Tabs.Panel value="trunks" pt="md">
            <Trunks org={organization.slug} />
          </Tabs.Panel>
          <Tabs.Panel value="limits" pt="md">
            <Limits {...part} />
          </Tabs.Panel>
          <Tabs.Panel value="usage" pt="md">
            <Usage {...part} />
          </Tabs.Panel>
          <Tabs.Panel value="people" pt="md">
            <People org={organization.slug} canChange />
          </Tabs.Panel>
          <Tabs.Panel value="existence" pt="md">
            <Existence {...part} />
          </Tabs.Panel>
        </Tabs>
      ) : (
        <Existence {...part} />
      )}
    </PageFrame>
  );
}

function AllOrganizations() {
  const { t } = useTranslation('organizations');
  return <Button renderRoot={(props) => <Link to="/operator/organizations" {...props} />}>{t('missing.all')}</Button>;
}

/** To the organization's own pages. */
function Ways({ slug }: { slug: string }) {
  const { t } = useTranslation('organizations');
  return (
    <Group gap="xs">
      <Button variant="default" size="xs" renderRoot={(props) => <Link to={`/o/${slug}/phones`} {...props} />}>
        {t('made.phones')}
      </Button>
      <Button variant="default" size="xs" renderRoot={(props) => <Link to={`/o/${slug}/audit`} {...props} />}>
        {t('audit')}
      </Button>
    </Group>
  );
}

function States({ organization: { slug, isSuspended, deletedAt } }: { organization: OrganizationAnswer }) {
  const { t } = useTranslation('organizations');
  const { moment } = useWritten();
  return (
    <>
      <Group gap="xs">
        <Badge variant="outline" color="gray" tt="none">
          {slug}
        </Badge>
        {isSuspended && (
          <Badge variant="dot" color="orange">
            {t('state.suspended')}
          </Badge>
        )}
      </Group>
      {deletedAt !== null && <Alert color="red">{t('state.deletedText', { at: moment(deletedAt) })}</Alert>}
    </>
  );
}
