/** The worker of what is to be told by mail of new voicemail messages: it makes the mail, which is a job of its own. */
import type { FileRef } from '@littlepbx/core/files/files';
import type { Stores } from '@littlepbx/core/tenancy/stores';
import { queueVoicemailMail, VOICEMAIL_MAIL_JOB } from '@littlepbx/core/voicemail/mail';
import type { JobKind } from '@littlepbx/data';

/** Milliseconds. */
const RETRIES = [5_000, 30_000, 300_000, 3_600_000];

export interface VoicemailMailOptions {
  stores: Pick<Stores, 'withOrganization'>;
  pathOf(file: FileRef): string;
}

export function voicemailMail({ stores, pathOf }: VoicemailMailOptions): { [VOICEMAIL_MAIL_JOB]: JobKind } {
  return {
    [VOICEMAIL_MAIL_JOB]: {
      concurrency: 2,
      retries: RETRIES,
      async run({ organizationId, payload }) {
        const { message } = payload as { message: string };
        if (organizationId !== null) await queueVoicemailMail(stores, organizationId, message, pathOf);
        return { kind: 'done' };
      },
    },
  };
}
