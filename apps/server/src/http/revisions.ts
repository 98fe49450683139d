import { routes } from '@littlepbx/contract';
import type { DraftView } from '@littlepbx/core/tenancy/views';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { mapped, pageOf, serve } from './serve.ts';

export async function revisions(app: FastifyInstance, { administration, live }: Context): Promise<void> {
  /** With what making it so does to calls and phones now. */
  async function withEffect<V extends Pick<DraftView, 'organizationId' | 'changes' | 'removedDevices'>>(view: V) {
    const { organizationId, removedDevices, ...rest } = view;
    const registrations = removedDevices.length > 0 ? await live.registrations() : null;
    const inCalls = live.devicesInCalls(organizationId);
    const devicesRemoved = removedDevices.map((device) => ({
      ...device,
      isRegistered: registrations?.has(device.username) ?? false,
      isInCall: inCalls.has(device.username),
    }));
    return {
      ...rest,
      changes: view.changes.map((c) => ({
        ...c,
        before: c.before && { ...c.before },
        after: c.after && { ...c.after },
      })),
      effect: {
        kind: effectOf(view.changes.length, devicesRemoved),
        callsInProgress: live.liveCalls(organizationId).length,
        devicesRemoved,
      },
    };
  }

  serve(app, routes.getDraft, ({ actor, params }) => mapped(administration.getDraft(actor, params.org), withEffect));
  serve(app, routes.discardDraft, ({ actor, params }) => administration.discardDraft(actor, params.org));
  serve(app, routes.resetDraft, ({ actor, params }) => administration.resetDraft(actor, params.org));
  serve(app, routes.applyDraft, ({ actor, params, body }) => administration.apply(actor, params.org, body.note));
  serve(app, routes.applyWhenIdle, ({ actor, params, body }) => administration.applyWhenIdle(actor, params.org, body));
  serve(app, routes.stopApply, ({ actor, params }) => administration.stopApply(actor, params.org));
  serve(app, routes.listRevisions, ({ actor, params, query }) =>
    administration.listRevisions(actor, params.org, pageOf(query)),
  );
  serve(app, routes.getRevision, ({ actor, params }) => administration.getRevision(actor, params.org, params.revision));
  serve(app, routes.lookAtRollback, ({ actor, params }) =>
    mapped(administration.lookAtRollback(actor, params.org, params.revision), withEffect),
  );
  serve(app, routes.rollback, ({ actor, params }) => administration.rollback(actor, params.org, params.revision));
}

function effectOf(changes: number, removed: readonly { isInCall: boolean }[]): 'none' | 'hot' | 'object' | 'drain' {
  if (changes === 0) return 'none';
  if (removed.length === 0) return 'hot';
  return removed.some((device) => device.isInCall) ? 'drain' : 'object';
}
