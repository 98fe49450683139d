import { Alert, Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { api } from '../../app/api.ts';
import { CopyIcon } from '../../parts/copying.tsx';
import { useFocusReturn } from '../../parts/focus-return.ts';

export type Settings = Awaited<ReturnType<typeof api.createDevice>>;

/** What to type into the phone. The server keeps no password, so nobody can show it again. */
export function DeviceSettings({ settings, onClose }: { settings: Settings; onClose: () => void }) {
  useFocusReturn();
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
          <Line key={name} label={t(`settings.${name}`)} value={value} />
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

function Line({ label, value }: { label: string; value: string }) {
  const shown = useRef<HTMLInputElement>(null);
  return (
    <TextInput
      ref={shown}
      label={label}
      readOnly
      value={value}
      onFocus={(event) => event.currentTarget.select()}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      rightSection={<CopyIcon value={value} name={label} shown={shown} />}
    />
  );
}
