import { Avatar, Popover, Skeleton, UnstyledButton } from '@mantine/core';
import { IconUser } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from './session.ts';

const OwnSettings = lazy(() => import('./own-settings.tsx'));

export function OwnMenu() {
  const { t } = useTranslation('shell');
  const me = useMe();
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover position="bottom-end" width={340} trapFocus returnFocus opened={isOpen} onChange={setOpen}>
      <Popover.Target>
        <UnstyledButton
          aria-label={t('ownMenu', { name: me.name })}
          style={{ borderRadius: '50%' }}
          onClick={() => setOpen(!isOpen)}
        >
          <Avatar size={34} aria-hidden>
            <IconUser size={20} />
          </Avatar>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Suspense fallback={<Skeleton height={240} />}>
          <OwnSettings onGo={() => setOpen(false)} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
