import { Group, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { onLiveEvent, usePollWithout } from '../../app/live.ts';
import { useOrganization } from '../../app/session.ts';
import { PageFrame } from '../../parts/page.tsx';
import { Undo } from '../../parts/undo.tsx';
import { APPLY_BAR, type Draft, draftQuery } from './data.ts';
import { Extensions } from './extensions.tsx';
import { History } from './history.tsx';
import { Music } from './music.tsx';
import { Numbers } from './numbers.tsx';
import classes from './phones.module.css';
import { Reset } from './reset.tsx';

const ApplyBar = lazy(() => import('./apply-bar.tsx'));

/** The organization's phone system on one page: numbers, extensions with their phones, and what waits to be applied. */
export default function PhonesPage() {
  const { t } = useTranslation('phones');
  const { may } = useOrganization();
  return (
    <PageFrame title={t('title')} actions={<PageTools />}>
      <div className={classes.top} data-both={may('numbers:read') && may('files:read')}>
        {may('numbers:read') && <Numbers />}
        {may('files:read') && <Music />}
      </div>
      <Stack gap="sm">
        <Extensions />
      </Stack>
      {may('revisions:read') && <WhatWaits />}
    </PageFrame>
  );
}

function PageTools() {
  const { may } = useOrganization();
  return (
    <Group gap="xs">
      {may('revisions:read') && <SkipToWhatWaits />}
      <Undo />
      {may('revisions:write') && <Reset />}
      {may('revisions:read') && <History />}
    </Group>
  );
}

/** The bar stands below all extensions: with 300 of them, more than a hundred stops of the tab key from here. */
function SkipToWhatWaits() {
  const { t } = useTranslation('phones');
  const { slug } = useOrganization();
  const { data: draft } = useQuery(draftQuery(slug));
  if (!draft || !hasWhatWaits(draft)) return null;
  return (
    <a className="skip" href={`#${APPLY_BAR}`}>
      {t('apply.skip')}
    </a>
  );
}

const hasWhatWaits = ({ changes, waiting }: Draft) => changes.length > 0 || waiting !== null;

function WhatWaits() {
  const { slug } = useOrganization();
  const { data: draft } = useQuery({ ...draftQuery(slug), refetchInterval: usePollWithout(15_000) });
  useToldOfWaiting(draft?.waiting != null);
  return <Suspense fallback={null}>{draft && hasWhatWaits(draft) && <ApplyBar draft={draft} />}</Suspense>;
}

/** Says when what waited for a quiet moment is applied: whoever asked for it did not see it happen. */
function useToldOfWaiting(isWaiting: boolean): void {
  const { t } = useTranslation('phones');
  useEffect(() => {
    if (!isWaiting) return undefined;
    return onLiveEvent((event) => {
      if (event.type !== 'revision-applied') return;
      const message = t('apply.applied', { number: event.revision });
      notifications.show({ id: message, color: 'green', message, role: 'status' });
    });
  }, [isWaiting, t]);
}
