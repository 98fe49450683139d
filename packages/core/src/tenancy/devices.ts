/** Devices: credentials act at once, so they are in no draft. */
import { DIGESTS, SIP_REALM } from '@littlepbx/engine/directory';
import {
  type Access,
  checkScope,
  type Effects,
  forbidden,
  KEY_PATTERN,
  missing,
  ok,
  pageOf,
  refuse,
} from './access.ts';
import type { Actor } from './actor.ts';
import type { Administration } from './administration.ts';
import type { Outcome } from './outcome.ts';
import { isOwn } from './own-extension.ts';
import { quotaRefusal } from './quotas.ts';
import { staleRefusal } from './stale.ts';
import type { DeviceRow, Secrets, StoreSet } from './stores.ts';
import { Complaints, checkName } from './validation.ts';
import type { DeviceChange, DeviceCredentials, DeviceSettings, DeviceView } from './views.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** Without those that are mistaken for each other when typed into a phone (0O, 1lI). 24 of them are 139 bits. */
const PASSWORD_ALPHABET = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const PASSWORD_LENGTH = 24;
/** 81 bits: enumeration finds nobody. */
const USERNAME_LENGTH = 16;

/** HA1 of RFC 7616 by both algorithms. */
export function digests(secrets: Secrets, { username, password }: DeviceCredentials) {
  const text = `${username}:${SIP_REALM}:${password}`;
  return { digestMd5: secrets.md5(text), digestSha256: secrets.sha256(text) };
}

const newPassword = (secrets: Secrets): string => secrets.random(PASSWORD_LENGTH, PASSWORD_ALPHABET);

/** A device with credentials of its own; the password is known here and now only. */
export function newDevice(
  secrets: Secrets,
  d: Pick<DeviceRow, 'organizationId' | 'extensionId' | 'name' | 'createdAt'> &
    Pick<DeviceChange, 'transport' | 'digest'>,
): { device: DeviceRow; password: string } {
  const username = secrets.random(1, LETTERS) + secrets.random(USERNAME_LENGTH - 1, `${LETTERS}0123456789`);
  const password = newPassword(secrets);
  const device: DeviceRow = {
    transport: 'any',
    digest: 'md5',
    suspension: null,
    ...d,
    username,
    ...digests(secrets, { username, password }),
  };
  return { device, password };
}

export async function deviceViews(stores: StoreSet, rows: DeviceRow[]): Promise<DeviceView[]> {
  const organizations = [...new Set(rows.map((row) => row.organizationId))];
  const extensions = [...new Set(rows.map((row) => row.extensionId))];
  // The draft's number wins: it is what the admin sees everywhere else.
  const numbers = await stores.drafts.extensionNumbers(organizations, extensions);
  return rows.map(({ organizationId, digestMd5, digestSha256, ...rest }) => ({
    ...rest,
    extension: numbers.get(rest.extensionId) ?? '',
  }));
}

export async function deviceView(stores: StoreSet, row: DeviceRow): Promise<DeviceView> {
  return (await deviceViews(stores, [row]))[0]!;
}

const write = { scope: 'devices:write', write: true } as const;

/** A device is named without its organization; a foreign one is not found. */
export async function withDevice<T>(
  access: Access,
  actor: Actor,
  username: string,
  fn: (stores: StoreSet, device: DeviceRow, effects: Effects) => Promise<Outcome<T>>,
  forUsers = false,
): Promise<Outcome<T>> {
  const refusal = checkScope(actor, write.scope);
  if (refusal) return refusal;
  const { stores: all } = access.ports;
  return access.guard(async () => {
    const org =
      actor.organizationId ?? (await all.asOperator((stores) => stores.devices.find(username)))?.organizationId;
    if (!org) return missing('device', username);
    return access.inOrganization(actor, org, { ...write, forUsers }, async (stores, _row, effects) => {
      const device = await stores.devices.find(username);
      return device && isOwn(actor, device.extensionId) ? fn(stores, device, effects) : missing('device', username);
    });
  });
}

type UseCases = Pick<
  Administration,
  'listDevices' | 'getDevice' | 'createDevice' | 'updateDevice' | 'resetDevicePassword' | 'deleteDevice'
>;

export function deviceUseCases(access: Access): UseCases {
  const { clock, secrets } = access.ports;

  return {
    listDevices: (actor, org, page) =>
      access.inOrganization(actor, org, { scope: 'devices:read', forUsers: true }, (stores, row) =>
        pageOf(
          page,
          KEY_PATTERN.username,
          (slice) =>
            stores.devices.list(row.id, slice, {
              ...(actor.onlyExtension === undefined ? {} : { extensionId: actor.onlyExtension }),
              ...(page.search === undefined ? {} : { search: page.search }),
            }),
          (device) => device.username,
          (rows) => deviceViews(stores, rows),
        ),
      ),

    async getDevice(actor, username) {
      const refusal = checkScope(actor, 'devices:read');
      if (refusal) return refusal;
      const read = async (stores: StoreSet): Promise<Outcome<DeviceView>> => {
        const device = await stores.devices.find(username);
        const isThere = device !== null && isOwn(actor, device.extensionId);
        return isThere ? ok(await deviceView(stores, device)) : missing('device', username);
      };
      return access.inOwn(actor, read);
    },

    // Of an extension that is only in the draft: it registers once that is applied.
    createDevice: (actor, org, d) =>
      access.inOrganization(actor, org, write, async (stores, row, effects) => {
        const c = new Complaints();
        const name = checkName(c, 'name', d.name ?? 'Phone');
        const { transport = 'any', digest = 'md5' } = d;
        checkSettings(c, { transport, digest });
        const extension = await stores.drafts.extension(row.id, d.extension);
        if (!extension) c.add('extension', `there is no extension ${d.extension.slice(0, 64)}`);
        const invalid = c.refusal();
        if (invalid || !extension) return refuse(invalid!);
        const full = await quotaRefusal(stores, row, 'devices');
        if (full) return full;
        const created = { organizationId: row.id, extensionId: extension.id, name, createdAt: clock.now() };
        const { device, password } = newDevice(secrets, { ...created, transport, digest });
        if (!(await stores.devices.insert(device))) throw new Error('a random username was drawn twice');
        effects.changed = true;
        return ok({ ...(await deviceView(stores, device)), password });
      }),

    updateDevice: (actor, username, { expected, ...change }) => {
      const update = async (stores: StoreSet, device: DeviceRow, effects: Effects): Promise<Outcome<DeviceView>> => {
        // What it is called is its user's; how it connects is the office's.
        if (actor.onlyExtension !== undefined && (change.transport !== undefined || change.digest !== undefined)) {
          return forbidden('only an admin may change how a phone connects');
        }
        const thing = { organizationId: device.organizationId, resource: 'device', resourceId: username };
        const stale = await staleRefusal<DeviceSettings>(stores, thing, device, change, expected);
        if (stale) return stale;
        const c = new Complaints();
        const patch: DeviceChange = {};
        if (change.name !== undefined) patch.name = checkName(c, 'name', change.name);
        if (change.transport !== undefined) patch.transport = change.transport;
        if (change.digest !== undefined) patch.digest = change.digest;
        checkSettings(c, patch);
        const invalid = c.refusal();
        if (invalid) return refuse(invalid);
        await stores.devices.update(device.organizationId, username, patch);
        effects.changed = true;
        if (patch.transport === 'tls') effects.secured.push(username);
        return ok(await deviceView(stores, { ...device, ...patch }));
      };
      return withDevice(access, actor, username, update, true);
    },

    resetDevicePassword: (actor, username, calls = 'end') =>
      withDevice(
        access,
        actor,
        username,
        async (stores, device, effects) => {
          const credentials = { username, password: newPassword(secrets) };
          await stores.devices.update(device.organizationId, username, digests(secrets, credentials));
          effects.changed = true;
          effects.unregistered.push(username);
          if (calls === 'end') effects.endedCalls.push({ of: 'device', id: username });
          return ok({ ...(await deviceView(stores, device)), ...credentials });
        },
        true,
      ),

    deleteDevice: (actor, username) =>
      withDevice(access, actor, username, async (stores, device, effects) => {
        await stores.devices.delete(device.organizationId, username);
        effects.changed = true;
        effects.unregistered.push(username);
        effects.endedCalls.push({ of: 'device', id: username });
        return ok(null);
      }),
  };
}

function checkSettings(c: Complaints, { transport, digest }: DeviceChange): void {
  if (transport !== undefined && !['any', 'tls'].includes(transport)) c.add('transport', 'must be any or tls');
  if (digest !== undefined && !DIGESTS.includes(digest)) c.add('digest', `must be ${DIGESTS.join(', ')}`);
}
