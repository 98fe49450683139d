/** What may be done at an address: for `Allow`, where something else was asked for. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problems.ts';

/** Gathers the routes as they are registered; the function answers for what is no route. Undefined: nothing is there. */
export function answerOtherMethods(
  app: FastifyInstance,
): (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined {
  const routes: { method: string; pattern: string[] }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.push({ method: one, pattern: url.split('/') });
  });

  return (request, reply) => {
    const path = request.url.split('?', 1)[0]!.replace(/\/$/, '').split('/');
    const isThere = ({ pattern }: (typeof routes)[number]) =>
      pattern.length === path.length && pattern.every((part, i) => part === path[i] || (part[0] === ':' && path[i]));
    const methods = [...new Set(routes.filter(isThere).map(({ method }) => method))].sort();
    if (methods.length === 0) return undefined;
    reply.header('allow', [...methods, 'OPTIONS'].join(', '));
    if (request.method === 'OPTIONS') return reply.code(204).send();
    return sendProblem(
      reply,
      'method-not-allowed',
      `${request.method} is not done here; ${methods.join(', ')} may be.`,
    );
  };
}
