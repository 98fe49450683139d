import { routes } from '@littlepbx/contract';
import type { Actor } from '@littlepbx/core/tenancy/actor';
import type { OrganizationId } from '@littlepbx/core/tenancy/organization';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import type { LiveOutcome } from './live.ts';
import type { Refused } from './problems.ts';
import { seenBy } from './seen-by.ts';
import { mapped, pageOf, type Served, serve } from './serve.ts';

export async function calls(app: FastifyInstance, { administration, live, log }: Context): Promise<void> {
  serve(app, routes.listCalls, ({ actor, params, query }) => {
    const { limit: _, cursor: __, ...filter } = query;
    return administration.listCalls(actor, params.org, filter, pageOf(query));
  });
  serve(app, routes.getCall, ({ actor, params }) => administration.getCall(actor, params.org, params.call));

  serve(app, routes.listLiveCalls, ({ actor, params }) =>
    mapped(administration.ownThings(actor, params.org), ({ organizationId, only }) => ({
      items: live.liveCalls(organizationId).flatMap((call) => seenBy(only, call) ?? []),
    })),
  );
  /** The organization, when the call in progress is the actor's to end. */
  const withOwnCall = async (actor: Actor, org: string, id: string): Promise<Served<OrganizationId>> => {
    const things = await administration.ownThings(actor, org);
    if (!things.ok) return things;
    const { organizationId, only } = things.value;
    const call = only && live.liveCall(organizationId, id);
    if (only && !(call && seenBy(only, call))) return { ok: false, refusal: REFUSALS.gone };
    return { ok: true, value: organizationId };
  };
  serve(app, routes.getLiveCall, async ({ actor, params }) => {
    const resolved = await administration.resolveOrganization(actor, params.org);
    if (!resolved.ok) return resolved;
    const [call, trace] = [live.liveCall(resolved.value, params.call), live.trace(resolved.value, params.call)];
    return call && trace ? { ok: true, value: { call, trace: [...trace] } } : { ok: false, refusal: REFUSALS.gone };
  });
  /** Does it to a call of that organization, notes it, and says what came of it. */
  const act = async (
    actor: Actor,
    { org, call }: { org: string; call: string },
    action: string,
    verb: (id: OrganizationId) => Promise<LiveOutcome>,
    resolved?: Served<OrganizationId>,
  ): Promise<Served<null>> => {
    const organization = resolved ?? (await administration.resolveOrganization(actor, org));
    if (!organization.ok) return organization;
    const outcome = await verb(organization.value);
    if (outcome !== 'ok') return { ok: false, refusal: REFUSALS[outcome] };
    // It is done, and the call's own trace says so: a database that went away in between makes it no failure.
    const noted = await administration.noteAct(actor, org, { resource: 'call', resourceId: call, action });
    if (!noted.ok) log.error('act-not-noted', { action, call, reason: noted.refusal.message });
    return { ok: true, value: null };
  };
  serve(app, routes.hangUpCall, async ({ actor, params }) => {
    const own = await withOwnCall(actor, params.org, params.call);
    return act(actor, params, 'hung-up', (id) => live.hangUp(id, params.call), own);
  });
  serve(app, routes.transferCall, ({ actor, params, body }) =>
    act(actor, params, 'transferred', (id) => live.transfer(id, params.call, body.to)),
  );
  serve(app, routes.recordCall, ({ actor, params, body }) =>
    act(actor, params, body.action === 'start' ? 'recording-started' : 'recording-stopped', (id) =>
      live.record(id, params.call, body.action === 'start'),
    ),
  );
}

const REFUSALS: Record<Exclude<LiveOutcome, 'ok'>, Refused> = {
  gone: { id: 'not-found', message: 'There is no such call in progress.' },
  'not-now': { id: 'conflict', message: 'The call is not in a state for this.' },
  nowhere: {
    id: 'invalid',
    message: 'to: leads nowhere',
    fields: [{ field: 'to', reason: 'leads nowhere' }],
  },
  'storage-full': {
    id: 'storage-full',
    message: "The organization's storage is full: delete recordings or ask the operator for more.",
  },
  'disk-full': {
    id: 'storage-full',
    message: "The machine's disk is full: nothing can be recorded until there is room.",
  },
  'engine-away': { id: 'engine-unavailable', message: 'The call engine is away; try again soon.' },
};
