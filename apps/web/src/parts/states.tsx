/** What a page shows while there is nothing to show: it is being read, it is empty, it failed, it does not exist. */
import { Alert, Button, Center, Group, Skeleton, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { type Icon, IconAlertTriangle, IconMoodPuzzled } from '@tabler/icons-react';
import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { problemOf } from '../app/api.ts';
import { useFailureText } from './failure.tsx';

/** A list that is being read. */
export function ListSkeleton({ rows = 5, height = 52 }: { rows?: number; height?: number }) {
  const { t } = useTranslation('common');
  return (
    <Stack gap="xs" role="status" aria-label={t('loading')}>
      {Array.from({ length: rows }, (_, i) => i).map((i) => (
        <Skeleton key={i} height={height} radius="md" />
      ))}
    </Stack>
  );
}

/** A page that is being read. */
export function PageSkeleton() {
  return (
    <Stack maw={1200} p="md">
      <Skeleton height={28} width={180} radius="md" />
      <ListSkeleton />
    </Stack>
  );
}

interface EmptyProps {
  icon: Icon;
  title: string;
  /** What it is for, and how to get the first one. */
  children?: ReactNode;
  action?: ReactNode;
}

export function Empty({ icon: IconOf, title, children, action }: EmptyProps) {
  return (
    <Center py="xl">
      <Stack align="center" gap="xs" maw={420} ta="center">
        <ThemeIcon size={52} radius="xl" variant="light" aria-hidden>
          <IconOf size={28} stroke={1.6} />
        </ThemeIcon>
        <Text fw={600}>{title}</Text>
        {children !== undefined && (
          <Text size="sm" c="dimmed">
            {children}
          </Text>
        )}
        {action}
      </Stack>
    </Center>
  );
}

/** What could not be read, how to try again, and what to tell support. */
export function Failed({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation('common');
  const textOf = useFailureText();
  const requestId = problemOf(error)?.requestId;
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={t('failed')} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{textOf(error)}</Text>
        {requestId != null && (
          <Text size="xs" c="dimmed">
            {t('requestId', { id: requestId })}
          </Text>
        )}
        <Button size="xs" color="red" variant="light" onClick={retry}>
          {t('retry')}
        </Button>
      </Stack>
    </Alert>
  );
}

export function NotFoundPage() {
  const { t } = useTranslation('common');
  return (
    <Center mih="60vh" p="md">
      <Stack align="center" gap="sm" ta="center">
        <ThemeIcon size={52} radius="xl" variant="light" aria-hidden>
          <IconMoodPuzzled size={28} />
        </ThemeIcon>
        <Title order={1} size="h3">
          {t('notFound.title')}
        </Title>
        <Text c="dimmed">{t('notFound.text')}</Text>
        <Button renderRoot={(props) => <Link to="/" {...props} />}>{t('notFound.home')}</Button>
      </Stack>
    </Center>
  );
}

/** A fault of the page itself, or of what it needs to be drawn. */
export function CrashPage({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation('common');
  return (
    <Center mih="60vh" p="md">
      <Stack maw={480}>
        <Failed error={error} retry={reset} />
        <Group justify="center">
          <Button variant="subtle" onClick={() => location.reload()}>
            {t('reload')}
          </Button>
        </Group>
      </Stack>
    </Center>
  );
}
