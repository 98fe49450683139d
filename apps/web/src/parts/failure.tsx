/** What went wrong, in the words of whoever reads it. */
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { problemOf } from '../app/api.ts';

/** Tells what went wrong. A kind of problem without words of its own keeps those of the server. */
export function useFailureText(): (error: unknown) => string {
  const { t } = useTranslation('common');
  return (error) => {
    const problem = problemOf(error);
    if (problem === null) return t('problems.unexpected');
    return t(`problems.${problem.id}` as 'problems.unexpected', { defaultValue: problem.message });
  };
}

/** Shows it for some seconds: for what was asked for by a click and has no field of its own. */
export function useFailure(): (error: unknown) => void {
  const textOf = useFailureText();
  return (error) => {
    const message = textOf(error);
    // Said once, however often it is tried.
    notifications.show({ id: message, color: 'red', message, role: 'alert', autoClose: 8000 });
  };
}
