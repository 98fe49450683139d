import { Group, Paper, Text, ThemeIcon } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

export type Level = 'good' | 'warn' | 'bad';

interface ReadingProps {
  label: string;
  value: string;
  /** Left out: neither good nor bad. */
  level?: Level;
  text?: string;
}

const LOOKS = {
  good: { color: 'teal', icon: IconCheck },
  warn: { color: 'orange', icon: IconAlertTriangle },
  bad: { color: 'red', icon: IconX },
} as const;

/** One number or state, and whether it is as it should be. */
export function Reading({ label, value, level, text }: ReadingProps) {
  const { t } = useTranslation('system');
  const look = level && LOOKS[level];
  return (
    <Paper p="sm" role="group" aria-label={label}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="sm" c="dimmed">
          {label}
        </Text>
        {look && (
          <ThemeIcon
            size={20}
            radius="xl"
            variant="light"
            color={look.color}
            role="img"
            aria-label={t(`levels.${level}`)}
          >
            <look.icon size={14} aria-hidden />
          </ThemeIcon>
        )}
      </Group>
      <Text fw={600} size="lg" style={{ overflowWrap: 'anywhere' }}>
        {value}
      </Text>
      {text !== undefined && (
        <Text size="xs" c="dimmed">
          {text}
        </Text>
      )}
    </Paper>
  );
}
