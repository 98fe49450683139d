import { Badge, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Device } from './data.ts';

export const connectedOf = (devices: Device[]): number =>
  devices.filter(({ registration }) => registration !== null).length;

/** How many phones of an extension are connected. */
export function PhonesHere({ devices }: { devices: Device[] }) {
  const { t } = useTranslation('phones');
  const here = connectedOf(devices);
  if (devices.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('extension.noPhone')}
      </Text>
    );
  }
  return (
    <Group gap={6} wrap="nowrap">
      <Badge variant="dot" color={here > 0 ? 'green' : 'gray.6'} tt="none" fw={500}>
        {t('extension.here', { here, all: devices.length })}
      </Badge>
    </Group>
  );
}
