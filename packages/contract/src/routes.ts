/** Every route of the API, by operation id. */
import { alertRoutes } from './alerts.ts';
import { auditRoutes } from './audit.ts';
import { callRoutes } from './calls.ts';
import { deviceRoutes } from './devices.ts';
import { extensionRoutes } from './extensions.ts';
import { fileRoutes } from './files.ts';
import { keyRoutes } from './keys.ts';
import { loginRoutes } from './login.ts';
import { mailRoutes } from './mail.ts';
import { numberRoutes } from './numbers.ts';
import { organizationRoutes } from './organizations.ts';
import { protectionRoutes } from './protection.ts';
import { revisionRoutes } from './revisions.ts';
import { siteRoutes } from './site.ts';
import { spendingRoutes } from './spending.ts';
import { statisticsRoutes } from './statistics.ts';
import { suspensionRoutes } from './suspensions.ts';
import { systemRoutes } from './system.ts';
import { trunkRoutes } from './trunks.ts';
import { userRoutes } from './users.ts';
import { voicemailRoutes } from './voicemail.ts';
import { webhookRoutes } from './webhooks.ts';

export const routes = {
  ...organizationRoutes,
  ...extensionRoutes,
  ...deviceRoutes,
  ...numberRoutes,
  ...trunkRoutes,
  ...revisionRoutes,
  ...callRoutes,
  ...statisticsRoutes,
  ...fileRoutes,
  ...voicemailRoutes,
  ...spendingRoutes,
  ...suspensionRoutes,
  ...loginRoutes,
  ...siteRoutes,
  ...userRoutes,
  ...keyRoutes,
  ...webhookRoutes,
  ...auditRoutes,
  ...alertRoutes,
  ...mailRoutes,
  ...systemRoutes,
  ...protectionRoutes,
};

export type Routes = typeof routes;
export type OperationId = keyof Routes;
