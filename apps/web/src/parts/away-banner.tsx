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
      color="orange"
      variant="filled"
      radius={0}
      py={8}
      role="status"
      icon={<Loader size={16} color="white" aria-hidden />}
      style={{ position: 'sticky', top: 0, zIndex: 300 }}
    >
      {t(`away.${who}`)}
    </Alert>
  );
}
