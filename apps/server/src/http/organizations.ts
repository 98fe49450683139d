import { routes } from '@littlepbx/contract';
import { actorOf } from '@littlepbx/core/persons/person';
import type { OrganizationView } from '@littlepbx/core/tenancy/views';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { pageOf, serve } from './serve.ts';

export async function organizations(app: FastifyInstance, { administration, live, log }: Context): Promise<void> {
  serve(app, routes.listOrganizations, async ({ actor, query }, { request: { session } }) => {
    const { limit: _, cursor: __, ...filter } = query;
    const page = pageOf(query);
    if (session === null || actor.organizationId === null) return administration.listOrganizations(actor, filter, page);
    // A person may belong to several, and is an actor in one at a time.
    const items: OrganizationView[] = [];
    for (const m of session.memberships.filter((m) => !m.isSuspended && m.role !== 'user')) {
      const own = await administration.listOrganizations(actorOf(session.person, m), filter, page);
      if (!own.ok) return own;
      items.push(...own.value.items);
    }
    return { ok: true, value: { items, nextCursor: null } };
  });
  serve(app, routes.createOrganization, ({ actor, body: { admin, ...body } }, { request }) => {
    const language = admin?.language ?? request.session?.person.language ?? 'en';
    return administration.createOrganization(actor, { ...body, ...(admin ? { admin: { ...admin, language } } : {}) });
  });
  serve(app, routes.getOrganization, ({ actor, params }) => administration.getOrganization(actor, params.org));
  serve(app, routes.updateOrganization, ({ actor, params, body }) =>
    administration.updateOrganization(actor, params.org, body),
  );
  serve(app, routes.deleteOrganization, async ({ actor, params, query }) => {
    const how = { confirm: query.confirm, isErasedNow: query.erase === 'now' };
    const deleted = await administration.deleteOrganization(actor, params.org, how);
    if (!deleted.ok) return deleted;
    // Only now: before, a new call could have begun after the last one was ended.
    for (const call of query.calls === 'end' ? live.liveCalls(deleted.value) : []) {
      const outcome = await live.hangUp(deleted.value, call.id);
      if (outcome === 'engine-away') log.warn('call-not-ended', { call: call.id, organization: deleted.value });
    }
    return { ok: true, value: null };
  });
  serve(app, routes.restoreOrganization, ({ actor, params }) => administration.restoreOrganization(actor, params.org));
  serve(app, routes.exportOrganization, ({ actor, params }) => administration.exportOrganization(actor, params.org));
}
