import { Group, Stack, Text, Title } from '@mantine/core';
import { useLocation } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { HERE, useTimeZone } from './time-zone.ts';

interface PageProps {
  title: string;
  /** Right of the title. */
  actions?: ReactNode;
  /** Its times are of many organizations: they follow the reader's clock, and it says so. */
  isOfMany?: boolean;
  /** It shows no times. */
  isTimeless?: boolean;
  children: ReactNode;
}

/** Whose clocks all times of the page follow, where clocks here show something else, or others' pages do. */
function Zone({ isOfMany }: { isOfMany: boolean }) {
  const { t } = useTranslation('parts');
  const zone = useTimeZone();
  if (zone === HERE && !isOfMany) return null;
  return (
    <Text size="xs" c="dimmed" mt={-12}>
      {isOfMany ? t('ownZone', { zone }) : t('zone', { zone })}
    </Text>
  );
}

let shownPath: string | null = null;

/** Frame of a page: its title, in the browser's tab too. Whoever came by a link starts to read at the title. */
export function PageFrame({ title, actions, isOfMany = false, isTimeless = false, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    document.title = `${title} · LittlePBX`;
  }, [title]);
  useEffect(() => {
    if (shownPath !== null && shownPath !== pathname) heading.current?.focus({ preventScroll: true });
    shownPath = pathname;
  }, [pathname]);
  return (
    <Stack gap="lg" maw={1280} mx="auto">
      <Group justify="space-between" gap="sm">
        <Title order={1} size="h2" ref={heading} tabIndex={-1}>
          {title}
        </Title>
        {actions}
      </Group>
      {!isTimeless && <Zone isOfMany={isOfMany} />}
      {children}
    </Stack>
  );
}
