import { routes } from '@littlepbx/contract';
import type { Actor } from '@littlepbx/core/tenancy/actor';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { type Served, serve } from './serve.ts';

export async function system(app: FastifyInstance, { administration, live }: Context): Promise<void> {
  serve(app, routes.live, () => ({ ok: true, value: { isAlive: true as const } }));
  serve(app, routes.ready, () => {
    const { engine, database } = live.health();
    const isReady = engine.isConnected && database.isConnected;
    const value = { isReady, engine: engine.isConnected, database: database.isConnected };
    return isReady ? { ok: true, value } : { ok: true, value, status: 503 };
  });
  serve(app, routes.getSystem, async () => {
    const { disks, certificateExpiresAt, memory, engineTasks, engineRequests } = await live.machine();
    const health = live.health();
    const { mean, p99, max } = health.eventLoopLag;
    // A histogram without a sample has no mean.
    const eventLoopLag = { mean: finite(mean), p99: finite(p99), max: finite(max) };
    return {
      ok: true,
      value: {
        ...health,
        engine: { ...health.engine, tasksWaiting: engineTasks, requestsPending: engineRequests },
        disks: disks.map(({ holds, free, size }) => ({ holds, freeBytes: free, sizeBytes: size })),
        certificateExpiresAt,
        memoryBytes: memory,
        eventLoopLag,
        isReady: health.engine.isConnected && health.database.isConnected,
      },
    };
  });
  serve(app, routes.listLanguages, () => ({
    ok: true,
    value: { items: live.health().languages.map(({ reason: _, ...state }) => state) },
  }));
  const act = async (actor: Actor, action: string, verb: () => void): Promise<Served<null>> => {
    const noted = await administration.noteAct(actor, null, { resource: 'system', resourceId: 'calls', action });
    if (noted.ok) verb();
    return noted;
  };
  serve(app, routes.drain, ({ actor, body }) =>
    act(actor, body.stopCalls ? 'stopped' : 'drained', () => live.drain(true, body.stopCalls)),
  );
  serve(app, routes.liftDrain, ({ actor }) => act(actor, 'taken-again', () => live.drain(false, false)));
}

const finite = (value: number): number => (Number.isFinite(value) ? value : 0);
