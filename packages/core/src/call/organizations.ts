/**
 * All organizations in memory, and the look-ups a new leg needs: whose device is this, whose number, whose carrier.
 * Organizations are replaced whole; a call that pinned an older object keeps it.
 */
import { BlockList, isIPv6 } from 'node:net';
import { carrierNumber } from '../tenancy/dialling.ts';
import {
  carrierAddresses,
  type Device,
  type Organization,
  type OrganizationId,
  type Trunk,
} from '../tenancy/organization.ts';

interface Carrier {
  organizationId: OrganizationId;
  trunk: Trunk;
  /** Built once: checking it costs microseconds, building it does not. */
  addresses: BlockList;
}

/** What a carrier's call is for: the organization and the DID, or why it reaches nobody. */
export type Inbound =
  | { ok: true; organization: Organization; did: string; trunk: Trunk }
  | { ok: false; reason: 'unknown-did' | 'not-your-carrier'; organization: Organization | null };

export class Organizations {
  #all = new Map<OrganizationId, Organization>();
  #devices = new Map<string, { organizationId: OrganizationId; device: Device }>();
  #devicesOfExtension = new Map<string, Device[]>();
  #numbers = new Map<string, OrganizationId>();
  #carriers = new Map<string, Carrier>();

  get(id: OrganizationId): Organization | null {
    return this.#all.get(id) ?? null;
  }

  all(): Organization[] {
    return [...this.#all.values()];
  }

  put(organization: Organization): void {
    this.remove(organization.id);
    this.#all.set(organization.id, organization);
    for (const device of organization.devices) {
      this.#devices.set(device.username, { organizationId: organization.id, device });
      const siblings = this.#devicesOfExtension.get(device.extensionId);
      if (siblings) siblings.push(device);
      else this.#devicesOfExtension.set(device.extensionId, [device]);
    }
    for (const number of organization.numbers) this.#numbers.set(number, organization.id);
    for (const trunk of organization.trunks) {
      if (!trunk.isInbound) continue;
      this.#carriers.set(trunk.id, {
        organizationId: organization.id,
        trunk,
        addresses: blockList(carrierAddresses(trunk)),
      });
    }
  }

  remove(id: OrganizationId): void {
    const old = this.#all.get(id);
    if (!old) return;
    this.#all.delete(id);
    for (const device of old.devices) {
      this.#devices.delete(device.username);
      this.#devicesOfExtension.delete(device.extensionId);
    }
    for (const number of old.numbers) if (this.#numbers.get(number) === id) this.#numbers.delete(number);
    for (const trunk of old.trunks) this.#carriers.delete(trunk.id);
  }

  byDevice(username: string): { organization: Organization; device: Device } | null {
    const found = this.#devices.get(username);
    const organization = found && this.#all.get(found.organizationId);
    return found && organization ? { organization, device: found.device } : null;
  }

  /** An extension id is a UUID, so it needs no organization beside it. */
  devicesOf(extensionId: string): readonly Device[] {
    return this.#devicesOfExtension.get(extensionId) ?? [];
  }

  /**
   * Whom a carrier's call is for. The DID stands in the request URI, or in To for carriers that put their account
   * into the URI. It must belong to an organization that this carrier may bring calls to.
   * @param trunkId as the engine identified the source; null when several trunks list its address
   */
  inbound(trunkId: string | null, address: string, dialled: string, to: string | null): Inbound {
    const carriers = trunkId
      ? [this.#carriers.get(trunkId)].filter((c) => c !== undefined)
      : [...this.#carriers.values()].filter((c) => c.addresses.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'));
    const countries = new Set(carriers.map((c) => this.#all.get(c.organizationId)?.country ?? 'ZZ'));
    let isKnown = false;
    for (const text of to === null || to === dialled ? [dialled] : [dialled, to]) {
      for (const country of countries) {
        const did = carrierNumber(text, country);
        const owner = did === null ? undefined : this.#numbers.get(did);
        if (did === null || owner === undefined) continue;
        isKnown = true;
        const carrier = carriers.find((c) => c.organizationId === owner);
        const organization = this.#all.get(owner);
        if (carrier && organization) return { ok: true, organization, did, trunk: carrier.trunk };
      }
    }
    const only = trunkId ? carriers[0] : undefined;
    return {
      ok: false,
      reason: isKnown || carriers.length === 0 ? 'not-your-carrier' : 'unknown-did',
      organization: only ? (this.#all.get(only.organizationId) ?? null) : null,
    };
  }
}

function blockList(addresses: string[]): BlockList {
  const list = new BlockList();
  for (const entry of addresses) {
    const [network = '', bits] = entry.split('/');
    const family = isIPv6(network) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(network, family);
    else list.addSubnet(network, Number(bits), family);
  }
  return list;
}
