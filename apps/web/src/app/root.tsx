import { useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { AwayBanner } from '../parts/away-banner.tsx';
import { PageSkeleton } from '../parts/states.tsx';
import { interruption } from './api.ts';
import { speak, spoken } from './i18n.ts';
import { meQuery } from './session.ts';

const LoginDialog = lazy(() => import('../parts/login-dialog.tsx'));

/** What is there on every page. */
export function Root() {
  const isInterrupted = interruption.use() !== null;
  useTasteOfPerson();
  return (
    <>
      <AwayBanner />
      <Suspense fallback={<PageSkeleton />}>
        <Outlet />
      </Suspense>
      <Suspense fallback={null}>{isInterrupted && <LoginDialog />}</Suspense>
    </>
  );
}

/** Language and theme follow the person to every browser. */
function useTasteOfPerson(): void {
  const { data: me } = useQuery(meQuery);
  const { setColorScheme } = useMantineColorScheme();
  useEffect(() => {
    if (me) setColorScheme(me.theme === 'system' ? 'auto' : me.theme);
  }, [me?.theme, setColorScheme, me]);
  useEffect(() => {
    if (me && me.language !== spoken()) void speak(me.language);
  }, [me?.language, me]);
}
