/**
 * The typed client: one method per route, by operation id. `createClient(…).createDevice({ params: { org: 'acme' },
 * body: { extension: '101' } })`. Needs `fetch` and nothing else, so it runs in browsers and in Node.
 */
import type { Problem } from './problem.ts';
import { type Answer, BASE_PATH, PROBLEM_TYPE, type Sent } from './route.ts';
import type { Routes } from './routes.ts';
import { type Sending, sendings } from './sendings.ts';

export { LONG_PAGE } from './page-size.ts';

/** A refusal by the server, or no answer at all (`id` is then `unreachable`, `status` 0). */
export class ApiProblem extends Error {
  readonly id: string;
  readonly status: number;
  readonly fields: Problem['fields'];
  readonly requestId: string | null;

  constructor(problem: Pick<Problem, 'id' | 'status' | 'detail'> & Partial<Pick<Problem, 'fields' | 'requestId'>>) {
    super(problem.detail);
    this.name = 'ApiProblem';
    this.id = problem.id;
    this.status = problem.status;
    this.fields = problem.fields ?? [];
    this.requestId = problem.requestId ?? null;
  }
}

export type Client = {
  [K in keyof Routes]: keyof Sent<Routes[K]> extends never
    ? () => Promise<Answer<Routes[K]>>
    : Record<never, never> extends Sent<Routes[K]>
      ? (input?: Sent<Routes[K]>) => Promise<Answer<Routes[K]>>
      : (input: Sent<Routes[K]>) => Promise<Answer<Routes[K]>>;
};

export interface ClientSettings {
  /** Scheme, host and port, without the base path: `http://127.0.0.1:8080`. Empty in a page of the server itself. */
  baseUrl: string;
  /** API key; left out in a page, where the session cookie stands for a person. */
  token?: string;
  /** For requests that take one and are given none: each of them is done at most once. */
  idempotencyKey?: string;
  fetch?: typeof globalThis.fetch;
  /** Gives up after this long. Milliseconds; default 30 s. */
  timeout?: number;
}

interface Input {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
  sound?: Blob;
  image?: Blob;
  idempotencyKey?: string;
}

/** A client that speaks for one API key or the page's session. Its methods reject with `ApiProblem`. */
export function createClient(settings: ClientSettings): Client {
  const methods = Object.entries(sendings).map(([id, route]) => [
    id,
    (input: Input = {}) => send(settings, route, input),
  ]);
  return Object.fromEntries(methods) as Client;
}

/**
 * Calls `list` until the last page and gives all items.
 * @param limit of each page
 */
export async function everyPage<T>(
  list: (cursor: { cursor?: string; limit: number }) => Promise<{ items: T[]; nextCursor: string | null }>,
  limit = 200,
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: T[]; nextCursor: string | null } = await list(cursor === null ? { limit } : { cursor, limit });
    all.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
}

async function send(settings: ClientSettings, route: Sending, input: Input): Promise<unknown> {
  const fetch = settings.fetch ?? globalThis.fetch;
  const headers: Record<string, string> = { accept: 'application/json' };
  if (settings.token !== undefined) headers.authorization = `Bearer ${settings.token}`;
  const { idempotencyKey = settings.idempotencyKey } = input;
  if (idempotencyKey !== undefined && route.isRepeatable) headers['idempotency-key'] = idempotencyKey;
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new DOMException('The operation timed out', 'TimeoutError')),
    settings.timeout ?? (route.isUpload ? 300_000 : 30_000),
  );
  const init: RequestInit = { method: route.method, headers, signal: late.signal };
  if (route.isUpload) {
    headers['content-type'] = 'application/octet-stream';
    init.body = input.sound ?? input.image ?? null;
  } else if (route.hasBody) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(input.body ?? {});
  }
  const url = settings.baseUrl + urlOf(route, input);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, init);
    // A sound may take longer to arrive than any answer should let wait for itself.
    if (response.ok && route.isMedia) return response;
    text = await response.text();
  } catch (error) {
    const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new ApiProblem({ id: 'unreachable', status: 0, detail: `no answer from ${settings.baseUrl}: ${why}` });
  } finally {
    clearTimeout(timer);
  }
  if (response.status === 204) return null;
  const type = response.headers.get('content-type') ?? '';
  if (response.ok || (response.status === route.alsoStatus && !type.startsWith(PROBLEM_TYPE))) {
    return parse(text, response.status);
  }
  if (type.startsWith(PROBLEM_TYPE)) throw new ApiProblem(parse(text, response.status) as Problem);
  throw new ApiProblem({
    id: 'unexpected',
    status: response.status,
    detail: `answered with status ${response.status}`,
  });
}

function parse(text: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiProblem({ id: 'unexpected', status, detail: 'the answer is not JSON' });
  }
}

function urlOf(route: Sending, input: Input): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(input.params?.[name] ?? '');
    // `fetch` resolves dots in a path, even encoded ones: deleting the trunk `..` would delete its organization.
    if (/^\.{0,2}$/.test(value)) throw invalidParam(name, value === '' ? 'must not be empty' : 'must not be dots');
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined && value !== null) query.set(name, String(value));
  }
  return BASE_PATH + path + (query.size > 0 ? `?${query}` : '');
}

function invalidParam(field: string, reason: string): ApiProblem {
  return new ApiProblem({ id: 'invalid', status: 400, detail: `${field}: ${reason}`, fields: [{ field, reason }] });
}
