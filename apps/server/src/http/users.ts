/** Users of organizations, invitations, and the operator's view of all persons. */
import { routes } from '@littlepbx/contract';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { personView } from './login.ts';
import { pageOf, serve } from './serve.ts';
import { originOf, setCookies, visitOf } from './visit.ts';

export async function users(app: FastifyInstance, { administration, logins, protection }: Context): Promise<void> {
  serve(app, routes.listOrganizationUsers, ({ actor, params, query }) =>
    administration.listOrganizationUsers(actor, params.org, pageOf(query)),
  );
  serve(app, routes.changeRole, ({ actor, params, body }) =>
    administration.changeRole(actor, params.org, params.user, body),
  );
  serve(app, routes.removeUser, ({ actor, params }) => administration.removeUser(actor, params.org, params.user));

  serve(app, routes.listInvitations, ({ actor, params, query }) =>
    administration.listInvitations(actor, params.org, pageOf(query)),
  );
  serve(app, routes.invite, ({ actor, params, body }, { request }) => {
    const language = body.language ?? request.session?.person.language ?? 'en';
    return administration.invite(actor, params.org, { ...body, language });
  });
  serve(app, routes.resendInvitation, ({ actor, params }) =>
    administration.resendInvitation(actor, params.org, params.invitation),
  );
  serve(app, routes.revokeInvitation, ({ actor, params }) =>
    administration.revokeInvitation(actor, params.org, params.invitation),
  );

  /** Whoever tries many tokens is guessing. */
  const counted = <T extends { ok: true } | { ok: false; refusal: { id: string } }>(outcome: T, address: string): T => {
    if (!outcome.ok && outcome.refusal.id === 'link-void') {
      protection.failed({ service: 'api', address, account: null, reason: 'wrong-password', isProven: true });
    }
    return outcome;
  };
  serve(app, routes.lookAtInvitation, async ({ body }, { request }) =>
    counted(await administration.lookAtInvitation(body.token), request.ip),
  );
  serve(app, routes.acceptInvitation, async ({ body: { token, ...wish } }, { request, reply }) => {
    const there = await logins.session(request.headers.cookie);
    const outcome = counted(
      await administration.acceptInvitation(token, wish, there?.session ?? null, originOf(request)),
      request.ip,
    );
    if (!outcome.ok) return outcome;
    const { person, isNew } = outcome.value;
    if (!isNew) {
      const session = await logins.session(request.headers.cookie);
      return { ok: true, value: personView(session?.session ?? { person, memberships: [] }) };
    }
    const made = await logins.logIn(
      { email: person.email, password: wish.password!, isRemembered: true },
      visitOf(request),
    );
    if (made.kind !== 'in') return { ok: true, value: personView({ person, memberships: [] }) };
    setCookies(request, reply, made.cookies);
    return { ok: true, value: personView(made.session) };
  });

  serve(app, routes.listUsers, ({ actor, query: { email, ...page } }) =>
    administration.listUsers(actor, email === undefined ? {} : { email }, pageOf(page)),
  );
  serve(app, routes.createUser, ({ actor, body }) => administration.createUser(actor, body));
  serve(app, routes.updateUser, ({ actor, params, body }) => administration.updateUser(actor, params.user, body));
  serve(app, routes.resetUserPassword, ({ actor, params }) => administration.resetUserPassword(actor, params.user));
  serve(app, routes.deleteUser, ({ actor, params }) => administration.deleteUser(actor, params.user));
}
