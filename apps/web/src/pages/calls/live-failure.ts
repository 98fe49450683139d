/** Notices of what was done to a call in progress. */
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { problemOf } from '../../app/api.ts';
import { useFailure } from '../../parts/failure.tsx';

/** A short notice, also to whoever hears the page. */
export const tell = (message: string): void => {
  notifications.show({ message, role: 'status', withCloseButton: false });
};

/** Says why it was not done: the call is over, or not in a state for it. */
export function useLiveFailure(): (error: unknown, notNow: string) => void {
  const { t } = useTranslation('calls');
  const failed = useFailure();
  return (error, notNow) => {
    const id = problemOf(error)?.id;
    if (id === 'not-found') tell(t('live.hungUpBefore'));
    else if (id === 'conflict' || id === 'storage-full') {
      const message = id === 'conflict' ? notNow : t('live.noRoom');
      notifications.show({ color: 'red', message, role: 'alert', autoClose: 8000 });
    } else failed(error);
  };
}
