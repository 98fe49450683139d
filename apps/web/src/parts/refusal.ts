/**
 * Refusals of the API, each told at its field and in the reader's language. What the server says in words of its own is
 * known here by its text; a reason without a translation is shown as the server says it.
 */
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { problemOf, returns } from '../app/api.ts';
import { isNobodyThere } from '../app/unread.ts';
import { useFailureText, useReasonText } from './failure.tsx';
import { reasonOf } from './reasons.ts';

export interface Refused {
  /**
   * What is wrong with a field, in words; undefined: nothing. Fields below it count as it: `addresses.0`.
   * @param per what the field shows as 1: of money, a million of what the API counts
   */
  at(field: string, per?: number): string | undefined;
  /** What belongs to none of these fields, or to no field at all; null: nothing. */
  beside(...fields: string[]): string | null;
}

const isOf = (field: string, name: string) => field === name || field.startsWith(`${name}.`);

/** Reads a failed request as a form needs it. */
export const useRefusal = (error: unknown): Refused => useRefusals()(useUntilBack(error));

/** Hook: why a field that stores itself is not stored; undefined: nothing was refused. */
export function useFieldRefusal(failure: unknown, field: string): string | undefined {
  const { t } = useTranslation('parts');
  const refusal = useRefusal(failure);
  // It is sent again by itself, and why stands at the edge of the page.
  if (isNobodyThere(failure)) return t('notStoredYet');
  return refusal.at(field) ?? refusal.beside(field) ?? undefined;
}

/** Hook: that nobody answered is over as soon as somebody does. */
export function useUntilBack<E>(error: E): E | null {
  const count = returns.use();
  const met = useRef({ error, count });
  if (met.current.error !== error) met.current = { error, count };
  return isNobodyThere(error) && met.current.count !== count ? null : error;
}

/** The same for one that fails later. */
export function useRefusals(): (error: unknown) => Refused {
  const inWords = useReasonText();
  const textOf = useFailureText();
  return (error) => readRefusal(error, inWords, textOf);
}

function readRefusal(
  error: unknown,
  inWords: ReturnType<typeof useReasonText>,
  textOf: ReturnType<typeof useFailureText>,
): Refused {
  const fields = problemOf(error)?.fields ?? [];
  return {
    at: (name, per) => {
      // Its reason holds both values as the API has them; the field shows the one, the person knows the other.
      if (problemOf(error)?.id === 'stale') return undefined;
      const all = fields.filter(({ field }) => isOf(field, name)).map(({ reason }) => reason);
      // That a number is beyond all numbers says less than the most that may be there.
      const found = all.find((reason) => reasonOf(reason)?.reason !== 'tooGreat') ?? all[0];
      return found && inWords(found, per);
    },
    beside(...names) {
      if (error == null) return null;
      if (fields.length === 0 || problemOf(error)?.id === 'stale') return textOf(error);
      const others = fields.filter(({ field }) => !names.some((name) => isOf(field, name)));
      return others.length === 0 ? null : others.map(({ reason }) => inWords(reason)).join(' ');
    },
  };
}
