/**
 * ETags of what is stored (the contract's `versions.ts` says which routes have one), and `If-Match`. A change that brings one
 * has its use case read the thing once more, as the GET of the same path does, in the change's own transaction.
 */
import { createHash } from 'node:crypto';
import { hasETag, type Route, versionedBy } from '@littlepbx/contract';
import type { Actor, Precondition } from '@littlepbx/core/tenancy/actor';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Served } from './serve.ts';

/** What a route reads, without what only the running brain knows of it. */
type Read = (actor: Actor, params: unknown) => Served<unknown> | Promise<Served<unknown>>;

declare module 'fastify' {
  interface FastifyInstance {
    readers: Map<Route, Read>;
  }
}

/** Makes room for the readers of all plugins. */
export function rememberReaders(app: FastifyInstance): void {
  app.decorate('readers', new Map());
}

/** Undefined: it has none. */
export function etagOf(route: Route, value: unknown): string | undefined {
  return hasETag(route) ? tagOf(versionedBy(route)!, value) : undefined;
}

/** Whatever order a use case names the members in. Only the outer one differs: to sort all of a long draft takes 10 ms. */
function tagOf({ responses: { unversioned = [] } }: Route, value: unknown): string {
  const counted = Object.entries(value as object).filter(([name]) => !unversioned.includes(name));
  const text = JSON.stringify(counted.sort(([a], [b]) => (a < b ? -1 : 1)));
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
}

/**
 * What must hold before anything is changed. `W/` is overlooked: a proxy that compresses writes it before a tag of ours.
 * @returns undefined when the request asks for nothing; `no-etag` when what it names can have none
 */
export function preconditionOf(request: FastifyRequest, route: Route): Precondition | undefined | 'no-etag' {
  const wanted = request.headers['if-match'];
  if (wanted === undefined || wanted.trim() === '*') return undefined;
  const reader = versionedBy(route);
  if (reader === undefined) return 'no-etag';
  const tags = wanted.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  const read = request.server.readers.get(reader)!;
  return {
    async isMet(actor) {
      const now = await read(actor, request.params);
      // What is not there is refused by the change itself.
      if (!now.ok) return now.refusal.id === 'not-found';
      return tags.includes(tagOf(reader, now.value));
    },
  };
}
