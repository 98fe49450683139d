import { ActionIcon, Badge, Button, Group, Menu, Paper, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDots, IconKey, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { useOrganization } from '../../app/session.ts';
import { useFailure } from '../../parts/failure.tsx';
import { StoredText } from '../../parts/stored-fields.tsx';
import { type Device, type Extension, useChanges } from './data.ts';
import { DeviceSettings, type Settings } from './device-settings.tsx';

/** The phones of an extension: where each is now, and what its owner types into it. */
export function Devices({ extension, devices }: { extension: Extension; devices: Device[] }) {
  const { t } = useTranslation('phones');
  const { slug: org, may, extensionId } = useOrganization();
  const { read } = useChanges(org);
  const failed = useFailure();
  const [settings, setSettings] = useState<Settings | null>(null);
  const add = useMutation({
    mutationFn: () =>
      api.createDevice({
        params: { org },
        body: { extension: extension.id, name: t('devices.newName', { count: devices.length + 1 }) },
      }),
    onSuccess: (made) => {
      setSettings(made);
      read('devices');
    },
    onError: failed,
  });
  return (
    <Stack gap="xs">
      {devices.map((device) => (
        <DeviceRow key={device.username} device={device} onSettings={setSettings} />
      ))}
      {devices.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('devices.none')}
        </Text>
      )}
      {may('devices:write') && extensionId === null && (
        <Group>
          <Button
            size="xs"
            variant="light"
            leftSection={<IconPlus size={14} aria-hidden />}
            loading={add.isPending}
            onClick={() => add.mutate()}
          >
            {t('devices.add')}
          </Button>
        </Group>
      )}
      {settings && <DeviceSettings settings={settings} onClose={() => setSettings(null)} />}
    </Stack>
  );
}

function DeviceRow({ device, onSettings }: { device: Device; onSettings(settings: Settings): void }) {
  const { t } = useTranslation('phones');
  const { slug: org, may, extensionId } = useOrganization();
  const { read, renameDevice } = useChanges(org);
  const failed = useFailure();
  const { username, name, extension, registration, suspension } = device;
  const params = { username };
  const canWrite = may('devices:write');

  const answering = registration?.isSilent
    ? t('devices.silent')
    : registration?.roundTrip != null && t('devices.answers', { ms: registration.roundTrip });

  const renew = () =>
    modals.openConfirmModal({
      title: t('devices.renewTitle', { name }),
      children: <Text size="sm">{t('devices.renewText')}</Text>,
      labels: { confirm: t('devices.renew'), cancel: t('cancel') },
      closeButtonProps: { 'aria-label': t('close') },
      onConfirm: () => {
        api.resetDevicePassword({ params }).then((made) => {
          onSettings(made);
          read('devices');
        }, failed);
      },
    });
  const remove = () =>
    modals.openConfirmModal({
      title: t('devices.deleteTitle', { name }),
      children: <Text size="sm">{t('devices.deleteText')}</Text>,
      labels: { confirm: t('devices.delete'), cancel: t('cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': t('close') },
      onConfirm: () => {
        api.deleteDevice({ params }).then(() => read('devices'), failed);
      },
    });

  return (
    <Paper p="xs">
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Group gap="sm" flex={1} miw={0}>
          <StoredText
            aria-label={t('devices.name')}
            variant="unstyled"
            w={180}
            field="name"
            name={`${t('devices.name')}, ${extension}`}
            stored={name}
            store={(value, was) => renameDevice(username, value, was)}
            disabled={!canWrite}
          />
          {suspension !== null ? (
            <Badge color="red" variant="light" tt="none">
              {t('devices.suspended')}
            </Badge>
          ) : registration === null ? (
            <Badge color="gray.6" variant="dot" tt="none">
              {t('devices.away')}
            </Badge>
          ) : (
            <Badge color={registration.isSilent ? 'yellow' : 'green'} variant="dot" tt="none">
              {t('devices.here')}
            </Badge>
          )}
          {registration !== null && (
            <Text size="sm" c="dimmed">
              {[registration.userAgent, registration.address, answering].filter(Boolean).join(' · ')}
            </Text>
          )}
        </Group>
        {canWrite && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={t('devices.more', { name })}>
                <IconDots size={18} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconKey size={16} aria-hidden />} onClick={renew}>
                {t('devices.renew')}
              </Menu.Item>
              {extensionId === null && (
                <Menu.Item
                  color="var(--mantine-color-error)"
                  leftSection={<IconTrash size={16} aria-hidden />}
                  onClick={remove}
                >
                  {t('devices.delete')}
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        )}
      </Group>
    </Paper>
  );
}
