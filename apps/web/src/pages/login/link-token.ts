import { useEffect, useState } from 'react';

/** What stands behind the `#` of a link in a mail; null: nothing. It goes from the address, and so from the history. */
export function useLinkToken(): string | null {
  const [token] = useState(() => location.hash.slice(1) || null);
  useEffect(() => {
    if (token !== null) history.replaceState(history.state, '', location.pathname);
  }, [token]);
  return token;
}
