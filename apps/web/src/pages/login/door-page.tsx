import { Center, Group, Paper, Select, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { LANGUAGES, type Language, speak, spoken } from '../../app/i18n.ts';

/** Frame of the pages that need no login. */
export function DoorPage({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation('login');
  useEffect(() => {
    document.title = `${title} · LittlePBX`;
  }, [title]);
  return (
    <Center mih="100vh" p="md" component="main">
      <Stack w="100%" maw={400}>
        <Paper p="xl" radius="lg" shadow="sm">
          <Stack>
            <Title order={1} size="h3">
              {title}
            </Title>
            {children}
          </Stack>
        </Paper>
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            LittlePBX
          </Text>
          <Select
            size="xs"
            w={120}
            aria-label={t('language')}
            allowDeselect={false}
            value={spoken()}
            data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
            onChange={(language) => void speak(language as Language)}
          />
        </Group>
      </Stack>
    </Center>
  );
}
