import { Alert, Loader } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { away } from '../app/api.ts';

/** Tells that the server does not answer; goes by itself when it does again. */
export function AwayBanner() {
  const { t } = useTranslation('common');
  const who = away.use();
  if (who === null) return null;
  return (
    <Alert
      color="red.9"
      variant="filled"
      py={8}
      role="status"
      icon={<Loader size={16} color="white" aria-hidden />}
      style={{ position: 'fixed', insetInline: 12, bottom: 12, maxWidth: 560, marginInline: 'auto', zIndex: 300 }}
    >
      {t(`away.${who}`)}
    </Alert>
  );
}
