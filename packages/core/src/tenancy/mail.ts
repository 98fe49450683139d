/** The operator's mail server, and what waits to go out by it. */
import { isIP } from 'node:net';
import { MAIL_JOB, type MailFault, type MailOutcome, type MailServer, type QueuedMail } from '../mail/mail.ts';
import { type Access, checkScope, KEY_PATTERN, notFound, ok, pageOf, refuse } from './access.ts';
import type { Administration } from './administration.ts';
import type { Outcome } from './outcome.ts';
import { settingNamed, staleRefusal } from './stale.ts';
import type { AuditStore, JobRow, SettingStore } from './stores.ts';
import { Complaints, checkName } from './validation.ts';
import type { MailServerView, QueuedMailView, SeenMailServer } from './views.ts';

const SETTING = 'mail';
/** Whoever asked for a test mail waits for it. Milliseconds. */
const TEST_TIMEOUT = 10_000;

const NO_SERVER: SeenMailServer = {
  host: null,
  port: null,
  security: null,
  verifyCertificate: null,
  username: null,
  fromAddress: null,
  fromName: null,
};

/** Null: there is none, and mails are dropped. */
export async function mailServer(settings: SettingStore): Promise<MailServer | null> {
  const stored = await settings.get(SETTING);
  return stored && { ...(stored.content as Omit<MailServer, 'password'>), password: stored.secret };
}

function view({ password, ...server }: MailServer): MailServerView {
  return { ...server, hasPassword: password !== null };
}

function queued(row: JobRow): QueuedMailView {
  const { to, subject } = row.payload as QueuedMail;
  const { id, organizationId, createdAt, attempts, runAt, lastError, failedAt } = row;
  return { id, organizationId, to, subject, createdAt, attempts, nextAttemptAt: runAt, lastError, failedAt };
}

/** What SMTP's envelope takes without quoting (RFC 5321, section 4.1.2); nothing that could end a header. */
const ADDRESS = /^[^\s@<>",;:\\()[\]\p{Cc}\p{Cs}]{1,64}@[\p{L}\p{N}.-]{1,190}$/u;

export function isMailAddress(text: string): boolean {
  return ADDRESS.test(text);
}

const HOST = /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;

function checkServer(c: Complaints, server: MailServer): MailServer {
  if (!HOST.test(server.host) && isIP(server.host) === 0) c.add('host', 'must be a name or an IP address');
  if (!isMailAddress(server.fromAddress)) c.add('fromAddress', 'must be an e-mail address');
  if (server.password !== null && server.username === null) c.add('username', 'is needed with a password');
  return { ...server, fromName: checkName(c, 'fromName', server.fromName) };
}

/** What of the settings a test mail speaks against. */
const FAULTS: Record<NonNullable<MailFault>, string> = {
  host: 'no mail server answers at this address and port',
  security: 'the server does not do this kind of encryption at this port',
  verifyCertificate: 'the certificate of the server cannot be trusted',
  password: 'the server refuses user name or password',
  fromAddress: 'the server refuses this sender',
  to: 'the server refuses this recipient',
};

/** The queue itself is in no audit log; what the operator does to it is. */
async function noted(audit: AuditStore, action: string, id: string, isThere: boolean): Promise<Outcome<null>> {
  if (!isThere) return notFound();
  await audit.note(null, { resource: 'mail', resourceId: id, action });
  return ok(null);
}

type UseCases = Pick<
  Administration,
  'getMail' | 'setMailServer' | 'removeMailServer' | 'testMail' | 'listMails' | 'retryMail' | 'deleteMail'
>;

export function mailUseCases(access: Access): UseCases {
  const { mailTransport, ids, clock } = access.ports;
  return {
    getMail: (actor) =>
      access.asOperator(actor, 'system:read', async (stores) => {
        const server = await mailServer(stores.settings);
        return ok({ server: server && view(server), ...(await stores.jobs.count(MAIL_JOB)) });
      }),

    setMailServer: (actor, { expected, ...change }) =>
      access.changeSetting(actor, SETTING, async ({ settings, audit }) => {
        const before = await mailServer(settings);
        // A password is for the server it was given for: it must not be sent to another by changing the host alone.
        const isSame = before?.host === change.host && before.username === (change.username ?? null);
        const c = new Complaints();
        const server = checkServer(c, {
          port: change.security === 'tls' ? 465 : change.security === 'none' ? 25 : 587,
          security: 'starttls',
          verifyCertificate: true,
          username: null,
          fromName: 'LittlePBX',
          ...change,
          password: change.password === undefined ? (isSame ? before.password : null) : change.password,
        });
        const invalid = c.refusal();
        if (invalid) return refuse(invalid);
        const { password, ...content } = server;
        const stale = await staleRefusal<SeenMailServer>(
          { audit },
          settingNamed(SETTING),
          before ?? NO_SERVER,
          content,
          expected,
        );
        if (stale) return stale;
        await settings.put(SETTING, content, password);
        return ok(view(server));
      }),

    removeMailServer: (actor) =>
      access.changeSetting(actor, SETTING, async ({ settings }) => {
        await settings.delete(SETTING);
        return ok(null);
      }),

    async testMail(actor, to) {
      const refusal = checkScope(actor, 'system:write', true);
      if (refusal) return refusal;
      const c = new Complaints();
      if (!isMailAddress(to)) c.add('to', 'must be an e-mail address');
      const invalid = c.refusal();
      if (invalid) return refuse(invalid);
      const found = await access.asOperator(actor, 'system:write', async ({ settings }) =>
        ok(await mailServer(settings)),
      );
      if (!found.ok) return found;
      if (found.value === null) {
        return refuse({ id: 'mail-not-configured', message: 'no mail server is set: littlepbx mail set' });
      }
      const sent = mailTransport.send(found.value, ids.next(), {
        to: [to],
        subject: 'LittlePBX: mail works',
        text: 'This mail was sent to see whether LittlePBX can send mail. It can.\n',
        html: null,
        attachments: [],
      });
      const late = new Promise<MailOutcome>((resolve) => {
        clock.after(TEST_TIMEOUT, () => resolve({ kind: 'later', reason: 'no answer within 10 s', fault: 'host' }));
      });
      const outcome = await Promise.race([sent, late]);
      if (outcome.kind === 'done') return ok(null);
      const fields = outcome.fault ? [{ field: outcome.fault, reason: FAULTS[outcome.fault] }] : [];
      return refuse({ id: 'mail-not-sent', message: `the mail server did not take it: ${outcome.reason}`, fields });
    },

    listMails: (actor, page) =>
      access.asOperator(actor, 'system:read', ({ jobs }) =>
        pageOf(
          page,
          KEY_PATTERN.uuid,
          (slice) => jobs.list(MAIL_JOB, slice),
          (row) => row.id,
          (rows) => rows.map(queued),
        ),
      ),

    retryMail: (actor, id) =>
      access.asOperator(actor, 'system:write', async ({ jobs, audit }) =>
        noted(audit, 'retried', id, await jobs.retry(MAIL_JOB, id)),
      ),

    deleteMail: (actor, id) =>
      access.asOperator(actor, 'system:write', async ({ jobs, audit }) =>
        noted(audit, 'deleted', id, await jobs.delete(MAIL_JOB, id)),
      ),
  };
}
