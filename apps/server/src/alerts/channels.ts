/**
 * The ways by which alerts reach the operator: mail and webhook, as they were set last. What was read last is kept on local
 * disk, sealed: the alert that Postgres is away must not need Postgres. So alerts do not go by the queue of mails either.
 * What an organization is told does: its addresses are in Postgres too, and one of them that is wrong holds up no other.
 */
import type { Notice, OperatorChannel, Sent } from '@littlepbx/core/alerts/alert-book';
import type { AlertKind } from '@littlepbx/core/alerts/kinds';
import { noticeText } from '@littlepbx/core/alerts/notice-text';
import { organizationNotice } from '@littlepbx/core/alerts/organization-notice';
import { ALERT_DEFAULTS, type Thresholds } from '@littlepbx/core/alerts/settings';
import { type MailTransport, mailLanguage, queueMail } from '@littlepbx/core/mail/mail';
import type { Log } from '@littlepbx/core/ports';
import { type AlertWays, alertWays } from '@littlepbx/core/tenancy/alerts';
import type { Stores } from '@littlepbx/core/tenancy/stores';
import { isPublic } from '@littlepbx/core/webhooks/reach';
import { type Posted, postWebhook } from '../webhooks/post.ts';

export interface AlertChannelsOptions {
  stores: Pick<Stores, 'asOperator' | 'withOrganization'>;
  transport: MailTransport;
  memory: { load(): AlertWays | null; save(ways: AlertWays): void };
  log: Log;
}

/** Milliseconds: somebody else may have changed them. */
const READ_EVERY = 10_000;
const WEBHOOK_TIMEOUT = 10_000;

export class AlertChannels {
  readonly #o: AlertChannelsOptions;
  #ways: AlertWays | null;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(o: AlertChannelsOptions) {
    this.#o = o;
    this.#ways = o.memory.load();
  }

  async start(): Promise<void> {
    await this.read();
    if (!this.#isStopped) this.#timer = setTimeout(() => void this.start(), READ_EVERY);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  get thresholds(): Thresholds {
    // What an older brain kept knows fewer.
    return { ...ALERT_DEFAULTS.thresholds, ...this.#ways?.settings.thresholds };
  }

  /** Reads what is set now; what was set stands while Postgres is away. */
  async read(): Promise<void> {
    const { stores, memory, log } = this.#o;
    const ways = await alertWays(stores).catch(() => null);
    if (ways === null || JSON.stringify(ways) === JSON.stringify(this.#ways)) return;
    this.#ways = ways;
    try {
      memory.save(ways);
    } catch (error) {
      log.warn('alert-settings-not-kept', { error: String(error) });
    }
  }

  readonly isMuted = (kind: AlertKind): boolean => this.#ways?.settings.muted.includes(kind) ?? false;

  readonly there = (): OperatorChannel[] => {
    if (!this.#ways) return [];
    const { settings, mailServer } = this.#ways;
    return [
      ...(mailServer && settings.mailTo.length > 0 ? (['mail'] as const) : []),
      ...(settings.webhookUrl ? (['webhook'] as const) : []),
    ];
  };

  readonly send = async (notice: Notice): Promise<Sent> => {
    if (notice.channel === 'organization') return this.#toOrganization(notice);
    if (!this.#ways) return { kind: 'never', reason: 'not set up' };
    const { settings, mailServer, webhookSecret } = this.#ways;
    if (notice.channel === 'mail' && mailServer) {
      const { subject, text } = noticeText(notice, settings.language);
      const mail = { to: settings.mailTo, subject, text, html: null, attachments: [] };
      return this.#o.transport.send(mailServer, notice.id, mail);
    }
    if (notice.channel === 'webhook' && settings.webhookUrl && webhookSecret) {
      const posted = await postWebhook({
        url: settings.webhookUrl,
        secrets: [webhookSecret],
        id: notice.id,
        mayReach: settings.isPrivateAllowed ? () => true : isPublic,
        timeout: WEBHOOK_TIMEOUT,
        body: JSON.stringify({
          type: `alert.${notice.what}`,
          timestamp: new Date(notice.alert.resolvedAt ?? notice.alert.raisedAt).toISOString(),
          data: { ...notice.alert, title: noticeText(notice, 'en').subject },
        }),
      });
      return sentBy(posted);
    }
    return { kind: 'never', reason: 'not set up' };
  };

  async #toOrganization({ alert }: Notice): Promise<Sent> {
    const id = alert.organizationId;
    if (id === null) return { kind: 'never', reason: 'of no organization' };
    await this.#o.stores.withOrganization(id, async ({ organizations, jobs }) => {
      const organization = await organizations.get(id);
      if (!organization || organization.deletedAt !== null || organization.alertMailTo.length === 0) return;
      const mail = organizationNotice(alert, organization.name, mailLanguage(organization.language));
      await queueMail(jobs, id, { to: organization.alertMailTo, ...mail });
    });
    return { kind: 'done' };
  }
}

/** 2xx is done. 410 means that nobody wants it there any more; anything else is tried again. */
export function sentBy(posted: Posted): Sent {
  if (posted.status === null) {
    return { kind: posted.fault === 'address-refused' ? 'never' : 'later', reason: posted.reason };
  }
  if (posted.status >= 200 && posted.status < 300) return { kind: 'done' };
  return { kind: posted.status === 410 ? 'never' : 'later', reason: `answered ${posted.status}` };
}
