import type { Origin } from '@littlepbx/core/tenancy/audit-entry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Visit } from '../persons/logins.ts';

export function visitOf({ headers, ip }: FastifyRequest): Visit {
  return { cookie: headers.cookie, address: ip, userAgent: headers['user-agent'] };
}

/** For the audit log. */
export function originOf(request: FastifyRequest): Origin {
  return { address: request.ip, requestId: request.id, operation: request.routeOptions.config.operation ?? null };
}

/** The same cookie for http and https, but never from the one back to the other. */
export function setCookies(request: FastifyRequest, reply: FastifyReply, cookies: readonly string[]): void {
  const isSecure = request.protocol === 'https' || request.headers.origin?.startsWith('https:');
  for (const cookie of cookies) reply.header('set-cookie', isSecure ? `${cookie}; Secure` : cookie);
}
