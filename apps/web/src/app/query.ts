import { QueryClient } from '@tanstack/react-query';
import { onBack, problemOf } from './api.ts';

/** What was read from the server. A refusal is final; a fault of the server is tried once more. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => failures < 1 && (problemOf(error)?.status ?? 0) >= 500,
      // The banner tells of a server that is away; the browser's own idea of being offline is often wrong.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

onBack(() => void queryClient.invalidateQueries());
