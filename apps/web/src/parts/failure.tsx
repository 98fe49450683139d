/** What went wrong, in the words of whoever reads it. */
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { onBack, problemOf } from '../app/api.ts';
import { isNobodyThere } from '../app/unread.ts';
import { reasonOf } from './reasons.ts';

/** A reason of the server in the reader's language. */
export function useReasonText(): (text: string, per?: number) => string {
  const { t, i18n } = useTranslation('refusals');
  return (text, per = 1) => {
    const known = reasonOf(text);
    if (known === null) return text;
    const replace = { ...known.values };
    for (const bound of ['least', 'most']) {
      const value = replace[bound];
      if (value !== undefined) replace[bound] = (Number(value) / per).toLocaleString(i18n.language);
    }
    return t(`reasons.${known.reason}`, { replace });
  };
}

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

/** The same where no field is marked: of what was refused the reasons. */
function useReasonsText(): (error: unknown) => string {
  const textOf = useFailureText();
  const inWords = useReasonText();
  return (error) => {
    const problem = problemOf(error);
    if (problem?.id !== 'invalid' || problem.fields.length === 0) return textOf(error);
    return [...new Set(problem.fields.map(({ reason }) => inWords(reason)))].join(' ');
  };
}

/** Shows for some seconds, and once however often it is tried, why something failed; not beyond what was the reason. */
export function tellFailure(error: unknown, message: string | null, title?: string): void {
  const id = `${title} ${message}`;
  if (isNobodyThere(error)) ofAbsence.add(id);
  notifications.show({ id, color: 'red', title, message, role: 'alert', autoClose: 8000 });
}

/** The same for what was asked for by a click and has no field of its own. */
export function useFailure(): (error: unknown) => void {
  const failed = useNamedFailure();
  return (error) => failed(error);
}

/** The same with a title: what it was that failed. */
export function useNamedFailure(): (error: unknown, title?: string) => void {
  const textOf = useReasonsText();
  return (error, title) => tellFailure(error, textOf(error), title);
}
