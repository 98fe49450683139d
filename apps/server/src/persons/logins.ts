/** Logging in and out, passwords and second factors: our words for what better-auth does. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { hkdfSync } from 'node:crypto';
import { queueMail } from '@littlepbx/core/mail/mail';
import { resetLink, resetMail } from '@littlepbx/core/persons/mails';
import type { Session } from '@littlepbx/core/persons/person';
import { type Author, bySystem } from '@littlepbx/core/tenancy/audit-entry';
import { type Secrets, type Stores, StoreUnavailable } from '@littlepbx/core/tenancy/stores';
import type { TenantDb } from '@littlepbx/data';
import { ADDRESS_HEADER, type BetterAuthApi, loadBetterAuth } from './better-auth.ts';
import { isRenewable, sessionToken, withoutSession } from './cookie.ts';

/** What of a request counts here. */
export interface Visit {
  /** The `Cookie` header. */
  cookie: string | undefined;
  address: string;
  userAgent: string | undefined;
}

/** `cookies`: `Set-Cookie` headers, without `Secure`. */
export type LoginOutcome =
  | { kind: 'in'; session: Session; cookies: string[] }
  | { kind: 'code-needed'; cookies: string[] }
  | { kind: 'failed' | 'expired' | 'locked' | 'suspended' };

export type Changed<T = unknown> =
  | { kind: 'done'; value: T; cookies: string[] }
  | { kind: 'wrong' }
  | { kind: 'conflict' };

export interface Logins {
  /** Null without a cookie of ours, or when the session is over. `isOld`: it is time to `renew`. */
  session(cookie: string | undefined): Promise<{ session: Session; isOld: boolean } | null>;
  /** `Set-Cookie` headers that let the session live on. */
  renew(visit: Visit): Promise<string[]>;
  logIn(who: { email: string; password: string; isRemembered: boolean }, visit: Visit): Promise<LoginOutcome>;
  sendCode(code: string, visit: Visit): Promise<LoginOutcome>;
  logOut(visit: Visit): Promise<string[]>;
  changePassword(passwords: { current: string; next: string }, visit: Visit, author: Author): Promise<Changed>;
  startTwoFactor(
    password: string,
    issuer: string,
    visit: Visit,
    author: Author,
  ): Promise<Changed<{ uri: string; recoveryCodes: string[] }>>;
  confirmTwoFactor(code: string, visit: Visit, author: Author): Promise<Changed>;
  stopTwoFactor(password: string, visit: Visit, author: Author): Promise<Changed>;
  renewRecoveryCodes(password: string, visit: Visit, author: Author): Promise<Changed<{ recoveryCodes: string[] }>>;
  /** Mails a link, when the address is somebody's. */
  mailReset(email: string): Promise<void>;
  /** False when the link is void. */
  resetPassword(token: string, password: string): Promise<boolean>;
}

export interface LoginsOptions {
  db: TenantDb;
  stores: Stores;
  secrets: Secrets;
  /** Of the installation; what signs cookies and encrypts second factors is made of it. */
  masterKey: Buffer;
  publicUrl: string;
  warn(message: string): void;
}

const DAY = 86_400_000;
/** As in better-auth.ts: it is renewed when a day of it is over. */
const RENEWED_BELOW = 6 * DAY;

/** What better-auth throws for what a person got wrong. */
interface ApiError extends Error {
  statusCode?: number;
  body?: { code?: string };
}

export function createLogins(o: LoginsOptions): Logins {
  const secret = Buffer.from(hkdfSync('sha256', o.masterKey, '', 'littlepbx persons', 32)).toString('base64url');
  const author = new AsyncLocalStorage<Author>();
  let loading: Promise<BetterAuthApi> | undefined;
  const api = (): Promise<BetterAuthApi> => {
    loading ??= loadBetterAuth({
      ...{ db: o.db, secret, secrets: o.secrets, author, warn: o.warn },
      mailReset: async (personId, token) => {
        await o.stores.asOperator(async ({ persons, jobs }) => {
          const person = await persons.get(personId);
          if (!person || person.isSuspended) return;
          const mail = resetMail(person.language, resetLink(o.publicUrl, token));
          await queueMail(jobs, null, { to: person.email, ...mail });
        });
      },
    });
    return loading;
  };

  const headersOf = ({ cookie, address, userAgent }: Visit): Headers => {
    const headers = new Headers({ [ADDRESS_HEADER]: address });
    if (cookie !== undefined) headers.set('cookie', cookie);
    if (userAgent !== undefined) headers.set('user-agent', userAgent.slice(0, 300));
    return headers;
  };
  const input = <B>(body: B, visit: Visit) => ({ body, headers: headersOf(visit), returnHeaders: true }) as const;

  /** @param code that opened, of an app; a session that is made with one that opened before does not begin */
  async function arrived(token: string, headers: Headers, visit: Visit, code?: string): Promise<LoginOutcome> {
    const session = await o.stores.session(token);
    const cookies = headers.getSetCookie();
    const isFirst =
      session !== null &&
      (await o.stores.asOperator(async ({ persons }) => {
        await persons.tidySessions(session.person.id);
        return code === undefined || (await persons.useCode(session.person.id, code));
      }));
    if (isFirst) return { kind: 'in', session, cookies };
    const ours = cookies.map((c) => c.split(';')[0]).join('; ');
    await (await api()).signOut(input({}, { ...visit, cookie: ours }));
    return { kind: session === null ? 'suspended' : 'expired' };
  }

  /** A change that the person's session asks for; `wrong`: password or code. */
  async function changed<R, T>(
    by: Author,
    call: (api: BetterAuthApi) => Promise<{ headers: Headers; response: R }>,
    shape: (response: R) => T,
  ): Promise<Changed<T>> {
    try {
      const { headers, response } = await author.run(by, async () => call(await api()));
      return { kind: 'done', value: shape(response), cookies: headers.getSetCookie() };
    } catch (error) {
      const code = codeOf(error);
      return { kind: code === 'INVALID_PASSWORD' || code.startsWith('INVALID_') ? 'wrong' : 'conflict' };
    }
  }

  return {
    async session(cookie) {
      const token = sessionToken(cookie, secret);
      const session = token === null ? null : await o.stores.session(token);
      return session && { session, isOld: isRenewable(cookie) && session.expiresAt < Date.now() + RENEWED_BELOW };
    },

    async renew(visit) {
      const { headers } = await (await api()).getSession({ headers: headersOf(visit), returnHeaders: true });
      return headers.getSetCookie();
    },

    async logIn({ email, password, isRemembered }, visit) {
      try {
        const { signInEmail } = await api();
        const { headers, response } = await signInEmail(
          input({ email, password, rememberMe: isRemembered }, { ...visit, cookie: undefined }),
        );
        if (!('token' in response)) return { kind: 'code-needed', cookies: headers.getSetCookie() };
        return await arrived(response.token, headers, visit);
      } catch (error) {
        codeOf(error);
        return { kind: 'failed' };
      }
    },

    async sendCode(code, visit) {
      const half = { ...visit, cookie: withoutSession(visit.cookie) };
      try {
        const { verifyTOTP, verifyBackupCode } = await api();
        const isOfApp = /^\d{6}$/.test(code);
        const verify = isOfApp ? verifyTOTP : verifyBackupCode;
        const { headers, response } = await verify(input({ code }, half));
        return await arrived(response.token, headers, visit, isOfApp ? code : undefined);
      } catch (error) {
        const why = codeOf(error);
        if (why === 'ACCOUNT_TEMPORARILY_LOCKED') return { kind: 'locked' };
        return { kind: why === 'INVALID_CODE' || why === 'INVALID_BACKUP_CODE' ? 'failed' : 'expired' };
      }
    },

    async logOut(visit) {
      const { headers } = await (await api()).signOut(input({}, visit));
      return headers.getSetCookie();
    },

    changePassword: ({ current, next }, visit, by) =>
      changed(
        by,
        ({ changePassword }) =>
          changePassword(
            input({ currentPassword: current, newPassword: next, revokeOtherSessions: true as const }, visit),
          ),
        () => null,
      ),

    startTwoFactor: (password, issuer, visit, by) =>
      changed(
        by,
        ({ enableTwoFactor }) => enableTwoFactor(input({ password, issuer }, visit)),
        ({ totpURI, backupCodes }) => ({ uri: totpURI, recoveryCodes: backupCodes }),
      ),

    confirmTwoFactor: (code, visit, by) =>
      changed(
        by,
        ({ verifyTOTP }) => verifyTOTP(input({ code }, visit)),
        () => null,
      ),

    stopTwoFactor: (password, visit, by) =>
      changed(
        by,
        ({ disableTwoFactor }) => disableTwoFactor(input({ password }, visit)),
        () => null,
      ),

    renewRecoveryCodes: (password, visit, by) =>
      changed(
        by,
        ({ generateBackupCodes }) => generateBackupCodes(input({ password }, visit)),
        ({ backupCodes }) => ({ recoveryCodes: backupCodes }),
      ),

    async mailReset(email) {
      const nobody: Visit = { cookie: undefined, address: '', userAgent: undefined };
      await (await api()).requestPasswordReset(input({ email }, nobody));
    },

    async resetPassword(token, password) {
      const nobody: Visit = { cookie: undefined, address: '', userAgent: undefined };
      try {
        await author.run(bySystem('password-reset'), async () =>
          (await api()).resetPassword(input({ token, newPassword: password }, nobody)),
        );
        return true;
      } catch (error) {
        codeOf(error);
        return false;
      }
    },
  };
}

/** Of a refusal; whatever else was thrown is thrown on. */
function codeOf(error: unknown): string {
  const { statusCode = 500, body } = error as ApiError;
  const code = body?.code;
  if (error instanceof StoreUnavailable || code === undefined || statusCode >= 500) throw error;
  return code;
}
