import { Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconHistory } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { ListSkeleton } from '../../parts/states.tsx';

const Revisions = lazy(() => import('./revisions.tsx'));

/** What was applied, by whom and when; each can be gone back to. */
export function History() {
  const { t } = useTranslation('phones');
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" leftSection={<IconHistory size={16} aria-hidden />} onClick={open}>
        {t('history.title')}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        size="lg"
        title={t('history.title')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <Suspense fallback={<ListSkeleton rows={4} />}>
          <Revisions onDone={close} />
        </Suspense>
      </Modal>
    </>
  );
}
