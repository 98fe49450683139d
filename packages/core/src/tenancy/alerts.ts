/** How the operator is told of alerts. The alerts themselves are the running brain's. */
import { ALERT_DEFAULTS, type AlertSettings } from '../alerts/settings.ts';
import type { MailServer } from '../mail/mail.ts';
import { newWebhookSecret } from '../webhooks/webhook.ts';
import { type Access, ok } from './access.ts';
import type { Administration } from './administration.ts';
import { mailServer } from './mail.ts';
import { settingNamed, staleRefusal } from './stale.ts';
import type { SettingStore, Stores } from './stores.ts';

const SETTING = 'alerts';

/** All that is needed to tell somebody. */
export interface AlertWays {
  settings: AlertSettings;
  /** `whsec_` and base64, see standardwebhooks.com. */
  webhookSecret: string | null;
  mailServer: MailServer | null;
}

async function stored(settings: SettingStore): Promise<{ settings: AlertSettings; secret: string | null }> {
  const found = await settings.get(SETTING);
  const content = (found?.content ?? {}) as Partial<AlertSettings>;
  const thresholds = { ...ALERT_DEFAULTS.thresholds, ...content.thresholds };
  return { settings: { ...ALERT_DEFAULTS, ...content, thresholds }, secret: found?.secret ?? null };
}

export function alertWays(stores: Pick<Stores, 'asOperator'>): Promise<AlertWays> {
  return stores.asOperator(async (set) => {
    const { settings, secret } = await stored(set.settings);
    return { settings, webhookSecret: secret, mailServer: await mailServer(set.settings) };
  });
}

export function alertUseCases(access: Access): Pick<Administration, 'getAlertSettings' | 'updateAlertSettings'> {
  const { secrets } = access.ports;
  return {
    getAlertSettings: (actor) =>
      access.asOperator(actor, 'system:read', async (set) => ok((await stored(set.settings)).settings)),

    updateAlertSettings: (actor, { expected, ...change }) =>
      access.changeSetting(actor, SETTING, async (set) => {
        const before = await stored(set.settings);
        const stale = await staleRefusal<AlertSettings>(set, settingNamed(SETTING), before.settings, change, expected);
        if (stale) return stale;
        const settings: AlertSettings = {
          ...before.settings,
          ...change,
          thresholds: { ...before.settings.thresholds, ...change.thresholds },
        };
        // Another place gets another secret: whoever had the old one could sign in our name.
        const isMoved = settings.webhookUrl !== before.settings.webhookUrl;
        const made = isMoved && settings.webhookUrl !== null ? newWebhookSecret(secrets) : null;
        const secret = settings.webhookUrl === null ? null : (made ?? before.secret);
        await set.settings.put(SETTING, settings, secret);
        return ok({ ...settings, webhookSecret: made });
      }),
  };
}
