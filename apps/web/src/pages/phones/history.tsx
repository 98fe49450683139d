import { Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconHistory } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ListSkeleton } from '../../parts/states.tsx';

const Revisions = lazy(() => import('./revisions.tsx'));
const GoingBack = lazy(() => import('./going-back.tsx'));

/** What was applied, by whom and when; each can be gone back to, which is asked about in the place of the list. */
export function History() {
  const { t } = useTranslation('phones');
  const [isOpen, { open, close }] = useDisclosure();
  const [wanted, setWanted] = useState<number | null>(null);
  const content = useRef<HTMLDivElement>(null);
  // The button that was pressed is gone.
  useEffect(() => {
    if (document.activeElement === document.body) content.current?.focus();
  });
  return (
    <>
      <Button variant="default" leftSection={<IconHistory size={16} aria-hidden />} onClick={open}>
        {t('history.title')}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        onExitTransitionEnd={() => setWanted(null)}
        size="lg"
        title={wanted === null ? t('history.title') : t('history.backTitle', { revision: wanted })}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <div ref={content} tabIndex={-1} style={{ outline: 'none' }}>
          <Suspense fallback={<ListSkeleton rows={4} />}>
            {wanted === null ? (
              <Revisions onWanted={setWanted} />
            ) : (
              <GoingBack revision={wanted} onCancel={() => setWanted(null)} onDone={close} />
            )}
          </Suspense>
        </div>
      </Modal>
    </>
  );
}
