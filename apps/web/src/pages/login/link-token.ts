import { useEffect, useState } from 'react';
import { problemOf } from '../../app/api.ts';

/** Its time is over, it was used, or a part of it was lost on the way. */
export const isLinkVoid = (error: unknown): boolean => {
  const problem = problemOf(error);
  return problem?.id === 'link-void' || (problem?.fields.some(({ field }) => field === 'token') ?? false);
};

/** What stands behind the `#` of a link in a mail; null: nothing. It goes from the address, and so from the history. */
export function useLinkToken(): string | null {
  const [token, setToken] = useState(() => location.hash.slice(1) || null);
  useEffect(() => {
    const take = () => {
      const given = location.hash.slice(1);
      if (given === '') return;
      setToken(given);
      history.replaceState(history.state, '', location.pathname);
    };
    take();
    // Another link, opened where the page is shown already.
    addEventListener('hashchange', take);
    return () => removeEventListener('hashchange', take);
  }, []);
  return token;
}
