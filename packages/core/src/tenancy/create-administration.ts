import { Access, type AdministrationPorts } from './access.ts';
import type { Administration } from './administration.ts';
import { alertUseCases } from './alerts.ts';
import { auditUseCases } from './audit.ts';
import { callExportUseCases } from './call-export.ts';
import { callUseCases } from './calls.ts';
import { deviceUseCases } from './devices.ts';
import { extensionImportUseCases } from './extension-import.ts';
import { extensionUseCases } from './extensions.ts';
import { fileUseCases } from './files.ts';
import { keyUseCases } from './keys.ts';
import { limitUseCases } from './limits.ts';
import { logoUseCases } from './logos.ts';
import { mailUseCases } from './mail.ts';
import { musicUseCases } from './music.ts';
import { numberUseCases } from './numbers.ts';
import { organizationDeletionUseCases } from './organization-deletion.ts';
import { organizationUseCases } from './organizations.ts';
import { ownExtensionUseCases } from './own-extension.ts';
import { personUseCases } from './persons.ts';
import { rateUseCases } from './rates.ts';
import { revisionUseCases } from './revisions.ts';
import { statisticsUseCases } from './statistics.ts';
import { suspensionUseCases } from './suspensions.ts';
import { trunkUseCases } from './trunks.ts';
import { userUseCases } from './users.ts';
import { voicemailUseCases } from './voicemail.ts';
import { waitingApplyUseCases } from './waiting-apply.ts';
import { webhookUseCases } from './webhooks.ts';

/** The use cases behind the API, on these stores. */
export function createAdministration(ports: AdministrationPorts): Administration {
  const access = new Access(ports);
  return {
    ...keyUseCases(access),
    ...personUseCases(access),
    ...userUseCases(access),
    ...voicemailUseCases(access),
    ...organizationUseCases(access),
    ...organizationDeletionUseCases(access),
    ...logoUseCases(access),
    ...extensionUseCases(access),
    ...ownExtensionUseCases(access),
    ...extensionImportUseCases(access),
    ...deviceUseCases(access),
    ...numberUseCases(access),
    ...trunkUseCases(access),
    ...rateUseCases(access),
    ...limitUseCases(access),
    ...suspensionUseCases(access),
    ...revisionUseCases(access),
    ...waitingApplyUseCases(access),
    ...callUseCases(access),
    ...callExportUseCases(access),
    ...statisticsUseCases(access),
    ...auditUseCases(access),
    ...mailUseCases(access),
    ...alertUseCases(access),
    ...fileUseCases(access),
    ...webhookUseCases(access),
    ...musicUseCases(access),
  };
}
