/** What went wrong, in the words of whoever reads it. */
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { onBack, problemOf } from '../app/api.ts';
import { isNobodyThere } from '../app/unread.ts';

/** Tells what went wrong. A kind of problem without words of its own keeps those of the server. */
export function useFailureText(): (error: unknown) => string {
  const { t } = useTranslation('common');
  return (error) => {
    const problem = problemOf(error);
    if (problem === null) return t('problems.unexpected');
    return t(`problems.${problem.id}` as 'problems.unexpected', { defaultValue: problem.message });
  };
}

/** Notices of requests that nobody answered. */
const ofAbsence = new Set<string>();

onBack(() => {
  for (const id of ofAbsence) notifications.hide(id);
  ofAbsence.clear();
});

/** Shows for some seconds, and once however often it is tried, why something failed; not beyond what was the reason. */
export function tellFailure(error: unknown, message: string | null, title?: string): void {
  const id = `${title} ${message}`;
  if (isNobodyThere(error)) ofAbsence.add(id);
  notifications.show({ id, color: 'red', title, message, role: 'alert', autoClose: 8000 });
}

/** The same for what was asked for by a click and has no field of its own. */
export function useFailure(): (error: unknown) => void {
  const textOf = useFailureText();
  return (error) => tellFailure(error, textOf(error));
}
