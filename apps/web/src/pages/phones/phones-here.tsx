import { Badge, Group, Text } from '@mantine/core';
import { IconBellOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Device } from './data.ts';
import classes from './phones.module.css';

export const connectedOf = (devices: Device[]): number =>
  devices.filter(({ registration }) => registration !== null).length;

/** How many phones of an extension are connected, and whether they ring. */
export function PhonesHere({ devices, isUndisturbed }: { devices: Device[]; isUndisturbed: boolean }) {
  const { t } = useTranslation('phones');
  const here = connectedOf(devices);
  return (
    <Group gap={6} wrap="nowrap">
      {devices.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('extension.noPhone')}
        </Text>
      ) : (
        <Badge variant="dot" color={here > 0 ? 'green' : 'gray.6'} tt="none" fw={500}>
          {t('extension.here', { here, all: devices.length })}
        </Badge>
      )}
      {isUndisturbed && (
        <span
          role="img"
          aria-label={t('extension.undisturbed')}
          title={t('extension.undisturbed')}
          className={classes.waits}
        >
          <IconBellOff size={16} aria-hidden />
        </span>
      )}
    </Group>
  );
}
