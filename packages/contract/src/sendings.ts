/**
 * What the client needs to know of each route to send it. The built page carries the value of this table instead of all
 * schemas (apps/web/vite.config.ts puts it in), which weigh more than the page's own code.
 */
import type { Route } from './route.ts';
import { routes } from './routes.ts';

export interface Sending extends Pick<Route, 'method' | 'path'> {
  hasBody?: true;
  isUpload?: true;
  isRepeatable?: true;
  /** The answer is no JSON, and may take long to arrive. */
  isMedia?: true;
  alsoStatus?: 503;
}

/** By operation id. */
export const sendings: Record<string, Sending> = Object.fromEntries(
  Object.entries<Route>(routes).map(([id, { method, path, body, isUpload, isRepeatable, responses }]) => [
    id,
    {
      method,
      path,
      ...(body ? { hasBody: true } : {}),
      ...(isUpload ? { isUpload: true } : {}),
      ...(isRepeatable ? { isRepeatable } : {}),
      ...(responses.media ? { isMedia: true } : {}),
      ...(responses.alsoStatus ? { alsoStatus: responses.alsoStatus } : {}),
    },
  ]),
);
