/**
 * better-auth, as far as we use it: it checks passwords and codes, and keeps sessions, links and second factors in our
 * tables (migration `persons`). Its own HTTP routes are not served: ours speak the API's language, and the guard stands
 * before them. It is loaded with the first login, since calls wait for the start of the brain.
 */
import type { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { SESSION_COOKIE } from '@littlepbx/contract';
import { RESET_VALID_FOR } from '@littlepbx/core/persons/mails';
import type { Author } from '@littlepbx/core/tenancy/audit-entry';
import type { Secrets } from '@littlepbx/core/tenancy/stores';
import { personsDatabase, type TenantDb } from '@littlepbx/data';

const DAY_IN_S = 86_400;
/** A session ends so long after the last visit. Seconds. */
const SESSION_IN_S = 7 * DAY_IN_S;

interface Input<B> {
  body: B;
  headers: Headers;
  returnHeaders: true;
}
interface Output<R> {
  headers: Headers;
  response: R;
}
type Endpoint<B, R> = (input: Input<B>) => Promise<Output<R>>;

/** What of its API is called here; its own types take the compiler seconds. */
export interface BetterAuthApi {
  signInEmail: Endpoint<
    { email: string; password: string; rememberMe: boolean },
    { token: string } | { twoFactorRedirect: true }
  >;
  getSession(input: Omit<Input<never>, 'body'>): Promise<Output<unknown>>;
  signOut: Endpoint<Record<string, never>, unknown>;
  changePassword: Endpoint<{ currentPassword: string; newPassword: string; revokeOtherSessions: true }, unknown>;
  requestPasswordReset: Endpoint<{ email: string }, unknown>;
  resetPassword: Endpoint<{ token: string; newPassword: string }, unknown>;
  enableTwoFactor: Endpoint<{ password: string; issuer: string }, { totpURI: string; backupCodes: string[] }>;
  disableTwoFactor: Endpoint<{ password: string }, unknown>;
  generateBackupCodes: Endpoint<{ password: string }, { backupCodes: string[] }>;
  verifyTOTP: Endpoint<{ code: string }, { token: string }>;
  verifyBackupCode: Endpoint<{ code: string }, { token: string }>;
}

export interface BetterAuthOptions {
  db: TenantDb;
  secret: string;
  secrets: Pick<Secrets, 'hashPassword' | 'isPassword'>;
  /** On whose behalf the present call is made, for the audit log. */
  author: AsyncLocalStorage<Author>;
  /** Mails the link to set a new password. */
  mailReset(personId: string, token: string): Promise<void>;
  warn(message: string): void;
}

export async function loadBetterAuth(o: BetterAuthOptions): Promise<BetterAuthApi> {
  const [{ betterAuth }, { twoFactor }, { kyselyAdapter }] = await Promise.all([
    import('better-auth/minimal'),
    import('better-auth/plugins/two-factor'),
    import('@better-auth/kysely-adapter'),
  ]);
  const auth = betterAuth({
    appName: 'LittlePBX',
    // Only used for links and origins of its own routes, which are not served.
    baseURL: 'http://localhost',
    secret: o.secret,
    database: kyselyAdapter(
      personsDatabase(o.db, () => o.author.getStore()),
      { type: 'postgres', transaction: false },
    ),
    telemetry: { enabled: false },
    // The guard counts failures, across restarts and for API keys alike.
    rateLimit: { enabled: false },
    logger: { level: 'warn', log: (level, message) => void (level === 'error' && o.warn(message)) },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 10,
      maxPasswordLength: 128,
      password: {
        hash: (password) => o.secrets.hashPassword(password),
        verify: ({ hash, password }) => o.secrets.isPassword(password, hash),
      },
      resetPasswordTokenExpiresIn: RESET_VALID_FOR / 1000,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: ({ user, token }) => o.mailReset(user.id, token),
    },
    user: {
      modelName: 'person',
      fields: { emailVerified: 'email_verified', createdAt: 'created_at', updatedAt: 'updated_at' },
    },
    session: {
      modelName: 'person_session',
      fields: {
        userId: 'person_id',
        expiresAt: 'expires_at',
        ipAddress: 'address',
        userAgent: 'user_agent',
        createdAt: 'created_at',
        updatedAt: 'updated_at',
      },
      expiresIn: SESSION_IN_S,
      updateAge: DAY_IN_S,
    },
    account: {
      modelName: 'person_account',
      fields: {
        userId: 'person_id',
        providerId: 'provider_id',
        accountId: 'account_id',
        createdAt: 'created_at',
        updatedAt: 'updated_at',
      },
    },
    verification: {
      modelName: 'person_verification',
      fields: { expiresAt: 'expires_at', createdAt: 'created_at', updatedAt: 'updated_at' },
      // Who reads the table finds no link that works.
      storeIdentifier: 'hashed',
    },
    plugins: [
      twoFactor({
        issuer: 'LittlePBX',
        schema: {
          user: { fields: { twoFactorEnabled: 'has_two_factor' } },
          twoFactor: {
            modelName: 'person_two_factor',
            fields: {
              userId: 'person_id',
              backupCodes: 'backup_codes',
              failedVerificationCount: 'failed_verification_count',
              lockedUntil: 'locked_until',
            },
          },
        },
      }),
    ],
    advanced: {
      cookiePrefix: 'littlepbx',
      cookies: { session_token: { name: SESSION_COOKIE } },
      // One installation is reached by http and by https; whoever passes the cookie on knows which.
      useSecureCookies: false,
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
      database: { generateId: () => randomUUID(), validateSchema: false },
    },
  });
  return auth.api as unknown as BetterAuthApi;
}

/** Where we tell it whose request it is. */
export const ADDRESS_HEADER = 'x-littlepbx-address';
