/** The worker of requests for a new password: only here is looked whose the address is, so that no answer's time tells. */
import { PASSWORD_RESET_JOB, type PasswordResetJob } from '@littlepbx/core/tenancy/persons';
import type { JobKind } from '@littlepbx/data';
import type { Logins } from './logins.ts';

/** Milliseconds. */
const RETRIES = [5_000, 30_000, 300_000];

export function passwordReset(logins: Pick<Logins, 'mailReset'>): { [PASSWORD_RESET_JOB]: JobKind } {
  return {
    [PASSWORD_RESET_JOB]: {
      concurrency: 1,
      retries: RETRIES,
      async run({ payload }) {
        await logins.mailReset((payload as PasswordResetJob).email);
        return { kind: 'done' };
      },
    },
  };
}
