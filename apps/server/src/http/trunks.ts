import { routes, type TrunkAnswer } from '@littlepbx/contract';
import type { TrunkView } from '@littlepbx/core/tenancy/views';
import type { TrunkRegistration } from '@littlepbx/engine/directory';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { type Known, known } from './known.ts';
import { mapped, pageOf, serve } from './serve.ts';

export async function trunks(app: FastifyInstance, { administration, live, log }: Context): Promise<void> {
  const states = () => known(() => live.trunkStates(), log, 'trunk-states-unknown');
  const withState = async (t: TrunkView) => shown(t, await states());

  serve(app, routes.listTrunks, ({ actor, params, query }) =>
    mapped(administration.listTrunks(actor, params.org, pageOf(query)), async (page) => {
      const now = await states();
      return { items: page.items.map((t) => shown(t, now)), nextCursor: page.nextCursor };
    }),
  );
  serve(app, routes.createTrunk, ({ actor, params, body }) =>
    mapped(administration.createTrunk(actor, params.org, body), withState),
  );
  serve(
    app,
    routes.getTrunk,
    ({ actor, params }) => administration.getTrunk(actor, params.org, params.trunk),
    withState,
  );
  serve(app, routes.updateTrunk, ({ actor, params, body }) =>
    mapped(administration.updateTrunk(actor, params.org, params.trunk, body), withState),
  );
  serve(app, routes.deleteTrunk, ({ actor, params }) => administration.deleteTrunk(actor, params.org, params.trunk));
}

function shown(t: TrunkView, states: Known<TrunkRegistration>): TrunkAnswer {
  return { ...t, registration: states.get(t.id) ?? null };
}
