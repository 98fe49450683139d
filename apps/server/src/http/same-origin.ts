/**
 * Whether a page of our own asked. Cookies come along with whatever any page sends, so a request that lives on one must
 * prove it: browsers say where a request comes from, and no page can change what they say.
 */
import type { FastifyRequest } from 'fastify';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * What changes something (and a WebSocket, which reads on and on) needs the proof; what reads must only not be disproved,
 * since a browser says nothing of reads by its own pages in the clear.
 */
export function isSameOrigin(request: Pick<FastifyRequest, 'method' | 'headers' | 'host'>): boolean {
  const { headers } = request;
  const site = headers['sec-fetch-site'];
  const { origin } = headers;
  const needsProof = !READS.has(request.method) || headers.upgrade !== undefined;
  // `none`: typed into the address bar.
  if (site !== undefined) return site === 'same-origin' || (site === 'none' && !needsProof);
  if (origin !== undefined) return hostOf(origin) === request.host.toLowerCase();
  return !needsProof;
}

/** With its port, as in `Host`; null for `null` and what is no origin. */
function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
