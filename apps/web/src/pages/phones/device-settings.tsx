import { ActionIcon, Alert, Button, CopyButton, Group, Modal, Stack, TextInput } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { api } from '../../app/api.ts';

export type Settings = Awaited<ReturnType<typeof api.createDevice>>;

/** What to type into the phone. The server keeps no password, so nobody can show it again. */
export function DeviceSettings({ settings, onClose }: { settings: Settings; onClose: () => void }) {
  const { t } = useTranslation('phones');
  const { server, port, username, password, transport } = settings;
  const lines = [
    ['server', server],
    ['port', String(port)],
    ['username', username],
    ['password', password],
    ['transport', transport.toUpperCase()],
  ] as const;
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('settings.title')}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Stack gap="sm">
        <Alert color="yellow">{t('settings.once')}</Alert>
        {lines.map(([name, value]) => (
          <TextInput
            key={name}
            label={t(`settings.${name}`)}
            readOnly
            value={value}
            onFocus={(event) => event.currentTarget.select()}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            rightSection={<Copy value={value} label={t('settings.copy', { name: t(`settings.${name}`) })} />}
          />
        ))}
        <Group justify="flex-end">
          <Button onClick={onClose} data-autofocus>
            {t('settings.done')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Copy({ value, label }: { value: string; label: string }) {
  // Browsers have a clipboard for pages only that came by HTTPS.
  if (!('clipboard' in navigator)) return null;
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <ActionIcon variant="subtle" color={copied ? 'green' : 'gray'} aria-label={label} onClick={copy}>
          {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
        </ActionIcon>
      )}
    </CopyButton>
  );
}
