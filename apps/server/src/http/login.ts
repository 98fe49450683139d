/** Persons log in and out, and keep their own password, second factor, language. */
import { type MeAnswer, type PersonAnswer, routes } from '@littlepbx/contract';
import { canonicalEmail, type Person, ROLE_SCOPES, type Session, weaknessOf } from '@littlepbx/core/persons/person';
import { logoPath } from '@littlepbx/core/tenancy/organizations';
import { authorOfPerson } from '@littlepbx/core/tenancy/users';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Changed, LoginOutcome } from '../persons/logins.ts';
import type { Context } from './context.ts';
import type { Refused } from './problems.ts';
import { isSameOrigin } from './same-origin.ts';
import { type Exchange, mapped, type Served, serve } from './serve.ts';
import { originOf, setCookies, visitOf } from './visit.ts';

export function personView({ person, memberships }: Pick<Session, 'person' | 'memberships'>): PersonAnswer {
  const { isSuspended: _, createdAt: __, ...own } = person;
  return {
    kind: 'person',
    ...own,
    memberships: memberships.map(({ logoTag, ...m }) => ({
      ...m,
      scopes: [...ROLE_SCOPES[m.role]],
      logo: logoPath(m.slug, logoTag),
    })),
  };
}

const refused = (id: Refused['id'], message: string, fields?: Refused['fields']): { ok: false; refusal: Refused } => ({
  ok: false,
  refusal: { id, message, ...(fields ? { fields } : {}) },
});
const invalid = (field: string, reason: string) => refused('invalid', `${field}: ${reason}`, [{ field, reason }]);

export async function login(app: FastifyInstance, context: Context): Promise<void> {
  const { administration, logins, protection, log } = context;

  function failed({ ip, id, routeOptions }: FastifyRequest, account: string | null): void {
    log.info('login-failed', {
      requestId: id,
      operation: routeOptions.config.operation,
      personal: { address: ip, account },
    });
    protection.failed({ service: 'api', address: ip, account, reason: 'wrong-password', isProven: true });
  }

  function answer(outcome: LoginOutcome, { request, reply }: Exchange, account: string | null) {
    switch (outcome.kind) {
      case 'in':
        protection.succeeded('api', request.ip, outcome.session.person.email);
        log.info('logged-in', {
          person: outcome.session.person.id,
          requestId: request.id,
          personal: { address: request.ip },
        });
        setCookies(request, reply, outcome.cookies);
        return { ok: true, value: { isCodeNeeded: false, person: personView(outcome.session) } } as const;
      case 'code-needed':
        setCookies(request, reply, outcome.cookies);
        return { ok: true, value: { isCodeNeeded: true, person: null } } as const;
      case 'failed':
        failed(request, account);
        return refused('login-failed', account ? 'The e-mail address or the password is wrong.' : 'The code is wrong.');
      case 'locked':
        return refused('too-many-attempts', 'Too many wrong codes: wait a quarter of an hour.');
      case 'expired':
        return refused(
          'login-expired',
          'Too much time has passed, or too many codes were wrong: log in from the start.',
        );
      case 'suspended':
        return refused('suspended', 'Your access is suspended: ask your provider.');
    }
  }

  serve(app, routes.logIn, async ({ body: { email, password, isRemembered = true } }, exchange) => {
    const who = canonicalEmail(email);
    const outcome = await logins.logIn({ email: who, password, isRemembered }, visitOf(exchange.request));
    return answer(outcome, exchange, who);
  });
  serve(app, routes.sendLoginCode, async ({ body: { code } }, exchange) =>
    answer(await logins.sendCode(code, visitOf(exchange.request)), exchange, null),
  );
  serve(app, routes.logOut, async (_input, { request, reply }) => {
    setCookies(request, reply, await logins.logOut(visitOf(request)));
    return { ok: true, value: null };
  });

  serve(app, routes.getSession, async (_input, { request }) => {
    const there = isSameOrigin(request) ? await logins.session(request.headers.cookie) : null;
    return { ok: true, value: { person: there && personView(there.session) } };
  });
  serve(app, routes.getMe, (_input, { request: { session, actor } }): Served<MeAnswer> => {
    if (session) return { ok: true, value: personView(session) };
    const { id, name, organizationId, scopes } = actor!;
    return { ok: true, value: { kind: 'key', id, name, organizationId, scopes: [...scopes] } };
  });
  serve(app, routes.updateMe, async ({ body }, { request }) => {
    const session = request.session!;
    const outcome = await administration.updatePerson(session.person, body, originOf(request));
    return outcome.ok ? { ok: true, value: personView({ ...session, person: outcome.value }) } : outcome;
  });

  serve(app, routes.listMySessions, (_input, { request }) => {
    const { id, person } = request.session!;
    return mapped(administration.listSessions(person), (sessions) => ({
      items: sessions.map((session) => ({ ...session, isThis: session.id === id })),
    }));
  });
  serve(app, routes.endMyOtherSessions, (_input, { request }) =>
    administration.endOtherSessions(request.session!, originOf(request)),
  );

  /** A change that asks for the password or a code once more: wrong ones are counted. */
  async function own<T>(
    { request, reply }: Exchange,
    field: string,
    conflict: string,
    change: (person: Person, author: ReturnType<typeof authorOfPerson>) => Promise<Changed<T>>,
  ): Promise<{ ok: true; value: T } | { ok: false; refusal: Refused }> {
    const { person } = request.session!;
    const outcome = await change(person, authorOfPerson(person, originOf(request)));
    if (outcome.kind === 'conflict') return refused('conflict', conflict);
    if (outcome.kind === 'wrong') {
      failed(request, person.email);
      return invalid(field, 'is wrong');
    }
    setCookies(request, reply, outcome.cookies);
    return { ok: true, value: outcome.value };
  }
  const nothing = <T>(o: { ok: true; value: T } | { ok: false; refusal: Refused }): Served<null> =>
    o.ok ? { ok: true, value: null } : o;

  serve(app, routes.changeMyPassword, async ({ body: { currentPassword, newPassword } }, exchange) => {
    const visit = visitOf(exchange.request);
    const weakness = weaknessOf(newPassword, exchange.request.session!.person.email);
    if (weakness) return invalid('newPassword', weakness);
    const passwords = { current: currentPassword, next: newPassword };
    return nothing(
      await own(exchange, 'currentPassword', 'There is no password to change.', (_person, author) =>
        logins.changePassword(passwords, visit, author),
      ),
    );
  });
  serve(app, routes.startTwoFactor, async ({ body: { password } }, exchange) => {
    const visit = visitOf(exchange.request);
    const issuer = exchange.request.session!.memberships[0]?.companyName ?? 'LittlePBX';
    const started = await own(exchange, 'password', 'A code is asked for already.', (_person, author) =>
      logins.startTwoFactor(password, issuer, visit, author),
    );
    if (!started.ok) return started;
    const { uri, recoveryCodes } = started.value;
    return { ok: true, value: { uri, secret: new URL(uri).searchParams.get('secret') ?? '', recoveryCodes } };
  });
  serve(app, routes.confirmTwoFactor, async ({ body: { code } }, exchange) => {
    const visit = visitOf(exchange.request);
    return nothing(
      await own(exchange, 'code', 'Begin with the password.', (_person, author) =>
        logins.confirmTwoFactor(code, visit, author),
      ),
    );
  });
  serve(app, routes.stopTwoFactor, async ({ body: { password } }, exchange) => {
    const visit = visitOf(exchange.request);
    return nothing(
      await own(exchange, 'password', 'No code is asked for.', (_person, author) =>
        logins.stopTwoFactor(password, visit, author),
      ),
    );
  });
  serve(app, routes.renewRecoveryCodes, ({ body: { password } }, exchange) => {
    const visit = visitOf(exchange.request);
    return own(exchange, 'password', 'No code is asked for.', (_person, author) =>
      logins.renewRecoveryCodes(password, visit, author),
    );
  });

  serve(app, routes.requestPasswordReset, ({ body: { email } }, { request }) =>
    administration.requestPasswordReset(email, request.ip),
  );
  serve(app, routes.confirmPasswordReset, async ({ body: { token, password } }, { request }) => {
    const weakness = weaknessOf(password, '');
    if (weakness) return invalid('password', weakness);
    if (await logins.resetPassword(token, password)) return { ok: true, value: null };
    failed(request, null);
    return refused('link-void', 'This link was used already or has expired: ask for a new one.');
  });
}
