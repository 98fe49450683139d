import { useEffect, useState } from 'react';
import { problemOf } from '../../app/api.ts';

/** Its time is over, it was used, or a part of it was lost on the way. */
export const isLinkVoid = (error: unknown): boolean => {
  const problem = problemOf(error);
  return problem?.id === 'link-void' || (problem?.fields.some(({ field }) => field === 'token') ?? false);
};

/** What stands behind the `#` of a link in a mail; null: nothing. It goes from the address, and so from the history. */
export function useLinkToken(): string | null {
  const [token] = useState(() => location.hash.slice(1) || null);
  useEffect(() => {
    if (token !== null) history.replaceState(history.state, '', location.pathname);
  }, [token]);
  return token;
}
