/** What of an organization the engine must know: enough to register phones, admit carriers and ring without a brain. */
import type { DeviceOnEngine, OrganizationOnEngine } from '@littlepbx/engine/directory';
import { languageOf } from '../tenancy/language.ts';
import { carrierAddresses, controlOf, type Extension, type Organization } from '../tenancy/organization.ts';

/**
 * Only what is applied reaches the engine: a device of an extension that no applied revision has is left out until it
 * has one.
 * @param emergencyNumbers of the organization's country, as dialled
 */
export function toOrganizationOnEngine(org: Organization, emergencyNumbers: string[]): OrganizationOnEngine {
  const { extensions, routes, music } = org.revision.content;
  const byId = new Map(extensions.map((e) => [e.id, e]));
  const devices = org.devices.flatMap(
    ({ extensionId, name: _, digest = 'md5', suspension, ...device }): DeviceOnEngine[] => {
      const e = byId.get(extensionId);
      const isSuspended = org.isSuspended || suspension !== null || controlOf(org, extensionId)?.suspension != null;
      if (!e) return [];
      const language = languageOf(org, e);
      return [{ ...device, isSuspended, digest, extension: e.number, displayName: e.name, mailbox: e.id, language }];
    },
  );
  const usernames = Map.groupBy(
    devices.filter((device) => !device.isSuspended),
    (device) => device.extension,
  );
  const inbound = org.trunks.filter((trunk) => trunk.isInbound).map((trunk) => trunk.id);
  const outbound = org.trunks.find((trunk) => trunk.isOutbound);
  const own = new Set(org.numbers);
  // A released or reassigned DID may still stand in the revision; it must ring nobody here.
  const numbers = routes.flatMap(({ number, extensionId }) => {
    const extension = byId.get(extensionId)?.number;
    return extension && own.has(number) ? [{ e164: number, extension, trunkIds: inbound }] : [];
  });
  const callerId =
    org.defaultNumber !== null && own.has(org.defaultNumber) ? org.defaultNumber : (org.numbers[0] ?? null);
  return {
    id: org.id,
    version: org.version,
    isSuspended: org.isSuspended,
    // Missing in what an older brain cached, which played whatever there was.
    hasMusic: org.hasMusic === true && music !== 'stock',
    devices,
    trunks: org.trunks.map((trunk) => ({
      ...trunk,
      // Missing in what an older brain cached, whose trunks verified nothing.
      verifyCertificate: trunk.verifyCertificate ?? false,
      certificateAuthority: trunk.certificateAuthority ?? null,
      addresses: carrierAddresses(trunk),
    })),
    fallback: {
      extensions: extensions.map((e: Extension) => ({
        number: e.number,
        devices: e.doNotDisturb ? [] : (usernames.get(e.number) ?? []).map((device) => device.username),
        ringTime: e.ringTimeInS,
      })),
      numbers,
      emergency: outbound ? emergencyNumbers.map((number) => ({ number, trunkId: outbound.id, callerId })) : [],
    },
  };
}
