import type { Session } from '@littlepbx/core/persons/person';
import type { Logins } from '../../persons/logins.ts';

export interface FakeLogins extends Logins {
  /** Sessions by the whole value of their cookie. */
  sessions: Map<string, Session>;
}

/** Sessions that a test makes; nobody logs in by a password. */
export function fakeLogins(): FakeLogins {
  const sessions = new Map<string, Session>();
  const wrong = async () => ({ kind: 'wrong' }) as const;
  return {
    sessions,
    async session(cookie) {
      const session = sessions.get(cookie ?? '');
      return session ? { session, isOld: false } : null;
    },
    renew: async () => [],
    logIn: async () => ({ kind: 'failed' }),
    sendCode: async () => ({ kind: 'expired' }),
    logOut: async () => [],
    changePassword: wrong,
    startTwoFactor: wrong,
    confirmTwoFactor: wrong,
    stopTwoFactor: wrong,
    renewRecoveryCodes: wrong,
    mailReset: async () => {},
    resetPassword: async () => false,
  };
}
