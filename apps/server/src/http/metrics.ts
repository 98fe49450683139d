/**
 * `/metrics`, for Prometheus: open to this machine, where it often runs beside us; to others with an operator's key. A
 * request that came through a proxy is another's, whatever address the proxy has.
 */
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CONTENT_TYPE } from '../metrics/exposition.ts';
import type { Context } from './context.ts';

export async function metrics(app: FastifyInstance, context: Context): Promise<void> {
  app.route({
    method: 'GET',
    url: '/metrics',
    config: { scope: 'system:read', isOperatorOnly: true, isOpenTo: isFromHere },
    handler: async (request, reply) => {
      const { organization = [] } = request.query as { organization?: string | string[] };
      const text = await context.metrics([organization].flat());
      return reply.header('content-type', CONTENT_TYPE).serializer(String).send(text);
    },
  });
}

const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'] as const;

function isFromHere(request: FastifyRequest): boolean {
  if (FORWARDED.some((header) => request.headers[header] !== undefined)) return false;
  const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}
