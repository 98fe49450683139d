import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeviceOnEngine, OrganizationOnEngine, TrunkOnEngine } from '../directory.ts';
import { ConfigFile } from './config-file.ts';

let folder: string;
let file: ConfigFile;
let reader: DatabaseSync;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-file-'));
  const path = join(folder, 'config.sqlite3');
  file = new ConfigFile(path, { rtpTimeoutInS: 60, files: '/files' });
  reader = new DatabaseSync(path, { readOnly: true });
});
afterEach(() => {
  reader.close();
  file.close();
  rmSync(folder, { recursive: true });
});

const A = '00000000-0000-4000-8000-00000000000a';
const B = '00000000-0000-4000-8000-00000000000b';

function device(username: string, o: Partial<DeviceOnEngine> = {}): DeviceOnEngine {
  const digests = { digestMd5: '0'.repeat(32), digestSha256: '0'.repeat(64) };
  return {
    username,
    ...digests,
    extension: '101',
    displayName: 'Ann',
    isSuspended: false,
    mailbox: A,
    language: 'en',
    transport: 'any',
    digest: 'md5',
    ...o,
  };
}

function trunk(id: string, o: Partial<TrunkOnEngine> = {}): TrunkOnEngine {
  return {
    id,
    isInbound: true,
    isOutbound: true,
    host: 'carrier.example',
    port: null,
    transport: 'udp',
    register: false,
    username: null,
    authUsername: null,
    password: null,
    outboundProxy: null,
    fromUser: null,
    fromDomain: null,
    verifyCertificate: true,
    certificateAuthority: null,
    codecs: ['alaw'],
    addresses: [],
    ...o,
  };
}

/** One phone, one DID, one trunk (with the organization's id). */
function organization(
  id: string,
  version: number,
  did: string,
  o: Partial<OrganizationOnEngine> = {},
): OrganizationOnEngine {
  const username = `phone${id.at(-1)}`;
  return {
    id,
    version,
    isSuspended: false,
    hasMusic: false,
    devices: [device(username)],
    trunks: [trunk(id, { addresses: ['192.0.2.1'] })],
    fallback: {
      extensions: [{ number: '101', devices: [username], ringTime: 20 }],
      numbers: [{ e164: did, extension: '101', trunkIds: [id] }],
      emergency: [{ number: '112', trunkId: id, callerId: did }],
    },
    ...o,
  };
}

const ids = (table: string) =>
  reader
    .prepare(`SELECT id FROM ${table} ORDER BY id`)
    .all()
    .map(({ id }) => String(id))
    // There in any case.
    .filter((id) => id !== 'scanner');
const column = (table: string, id: string, name: string) =>
  reader.prepare(`SELECT ${name} AS value FROM ${table} WHERE id = ?`).get(id)?.value;

describe('publish', () => {
  test('writes what a phone needs, numbers as integers', () => {
    file.publish([organization(A, 1, '+49301')]);
    expect(column('ps_endpoints', 'phonea', 'tenantid')).toBe(A);
    expect(column('ps_endpoints', 'phonea', 'rtp_timeout')).toBe('60');
    expect(column('ps_auths', 'phonea', 'password_digest')).toBe(`MD5:${'0'.repeat(32)},SHA-256:${'0'.repeat(64)}`);
    expect(column('lpbx_extensions', `${A}*101`, 'dial')).toBe('PJSIP/phonea');
    expect(column('lpbx_emergency', `${A}*112`, 'dial')).toBe(`PJSIP/112@trunk-${A}`);
  });

  test('a device keeps both digests, whichever it is challenged with', () => {
    const offered = (digest: DeviceOnEngine['digest'], version: number) => {
      file.publish([organization(A, version, '+49301', { devices: [device('phonea', { digest })] })]);
      expect(column('ps_auths', 'phonea', 'password_digest')).toMatch(/^MD5:0+,SHA-256:0+$/);
      return column('ps_auths', 'phonea', 'supported_algorithms_uas');
    };
    expect(offered('md5', 1)).toBe('MD5');
    expect(offered('sha-256', 2)).toBe('SHA-256');
    expect(offered('both', 3)).toBe('MD5,SHA-256');
  });

  test('skips a version it has, and writes changed rows only', () => {
    file.publish([organization(A, 2, '+49301')]);
    expect(file.publish([organization(A, 2, '+49309')])).toMatchObject({ written: 0, removed: 0 });
    const renamed = organization(A, 3, '+49301', { devices: [device('phonea', { displayName: 'Bob' })] });
    expect(file.publish([renamed])).toMatchObject({ written: 1, removed: 0, registrations: false, carriers: false });
    expect(column('ps_endpoints', 'phonea', 'callerid')).toBe('"Bob" <101>');
  });

  test('a display name cannot forge a number', () => {
    file.publish([organization(A, 1, '+49301', { devices: [device('phonea', { displayName: 'x" <110>\r\n;' })] })]);
    expect(column('ps_endpoints', 'phonea', 'callerid')).toBe('"x   110   ;" <101>');
  });

  test('nothing is stored when one value is unfit', () => {
    const bad = organization(B, 1, '+49302', { devices: [device('x&PJSIP/y')] });
    expect(() => file.publish([organization(A, 1, '+49301'), bad])).toThrow('engine configuration not stored');
    expect(ids('ps_endpoints')).toEqual([]);
  });

  test('a suspended organization is left its emergency calls, and comes back', () => {
    const called = () => [...ids('lpbx_extensions'), ...ids('lpbx_numbers'), ...ids('ps_endpoint_id_ips')];
    file.publish([organization(A, 1, '+49301')]);
    expect(called()).toHaveLength(3);
    file.publish([organization(A, 2, '+49301', { isSuspended: true })]);
    expect(called()).toEqual([]);
    expect(ids('ps_endpoints')).toEqual(['phonea', `trunk-${A}`]);
    expect(ids('lpbx_emergency')).toEqual([`${A}*112`]);
    file.publish([organization(A, 3, '+49301')]);
    expect(called()).toHaveLength(3);
  });

  test('a DID that moves belongs to the one published last', () => {
    file.publish([organization(A, 1, '+49301'), organization(B, 1, '+49302')]);
    const without = organization(A, 2, '+49301');
    without.fallback.numbers = [];
    file.publish([organization(B, 2, '+49301')]);
    file.publish([without]);
    expect(new Set(ids('lpbx_numbers').map((id) => id.split('*')[1]))).toEqual(new Set(['49301']));
    for (const id of ids('lpbx_numbers')) expect(column('lpbx_numbers', id, 'organization')).toBe(B);
  });
});

describe('carrier addresses', () => {
  test('become shared, and the first trunk’s again, by what another organization lists', () => {
    file.publish([organization(A, 1, '+49301')]);
    expect(ids('ps_endpoint_id_ips')).toEqual([`trunk-${A}`]);

    expect(file.publish([organization(B, 1, '+49302')]).carriers).toBe(true);
    const [shared] = ids('ps_endpoint_id_ips');
    expect(shared).toMatch(/^shared-/);
    expect(column('ps_endpoints', shared!, 'tenantid')).toBe('');
    expect(ids('lpbx_numbers')).toEqual(
      [`${shared}*49301`, `${shared}*49302`, `trunk-${A}*49301`, `trunk-${B}*49302`].sort(),
    );

    file.replaceAll([organization(A, 1, '+49301')]);
    expect(ids('ps_endpoint_id_ips')).toEqual([`trunk-${A}`]);
    expect(ids('lpbx_numbers')).toEqual([`trunk-${A}*49301`]);
  });

  test('a trunk for outgoing calls alone is not identified', () => {
    file.publish([
      organization(A, 1, '+49301', { trunks: [trunk(A, { isInbound: false, addresses: ['192.0.2.1'] })] }),
    ]);
    expect([...ids('ps_endpoint_id_ips'), ...ids('lpbx_numbers')]).toEqual([]);
  });
});

describe('registrations', () => {
  const registering = { register: true, username: 'acc;x', password: 's;"c' };

  test('user text is escaped in URIs and kept in credentials', () => {
    file.publish([organization(A, 1, '+49301', { trunks: [trunk(A, registering)] })]);
    expect(column('ps_registrations', `trunk-${A}`, 'client_uri')).toBe('sip:acc%3Bx@carrier.example');
    expect(column('ps_auths', `trunk-${A}`, 'password')).toBe('s;"c');
  });

  test('the credentials of a removed line stay until it has de-registered', () => {
    file.publish([organization(A, 1, '+49301', { trunks: [trunk(A, registering)] })]);
    expect(file.publish([organization(A, 2, '+49301', { trunks: [] })]).registrations).toBe(true);
    expect(ids('ps_registrations')).toEqual([]);
    expect(ids('ps_auths')).toEqual(['phonea', `trunk-${A}`]);
    file.forgetLeaving();
    expect(ids('ps_auths')).toEqual(['phonea']);
  });

  test('a new password is told apart from a new line', () => {
    file.publish([organization(A, 1, '+49301', { trunks: [trunk(A, registering)] })]);
    const changed = organization(A, 2, '+49301', { trunks: [trunk(A, { ...registering, password: 'new' })] });
    expect(file.publish([changed])).toMatchObject({ registrations: false, credentials: [`trunk-${A}`] });
    const again = organization(A, 3, '+49301', { trunks: [trunk(A, { ...registering, password: 'newer' })] });
    expect(file.replaceAll([again])).toMatchObject({ registrations: false, credentials: [`trunk-${A}`] });
    const both = organization(A, 4, '+49301', { trunks: [trunk(A, { ...registering, username: 'x', password: 'y' })] });
    expect(file.publish([both])).toMatchObject({ registrations: true, credentials: [] });
  });

  test('a trunk that does not register is not told to', () => {
    file.publish([organization(A, 1, '+49301', { trunks: [trunk(A, { ...registering, register: false })] })]);
    const changed = { ...registering, register: false, password: 'new' };
    expect(file.publish([organization(A, 2, '+49301', { trunks: [trunk(A, changed)] })]).credentials).toEqual([]);
  });
});

describe('banned addresses', () => {
  const denied = () => ids('ps_acls').map((id) => column('ps_acls', id, 'deny'));
  test('stand in rows of 200, and go again', () => {
    const networks = Array.from({ length: 450 }, (_, i) => `203.0.${i >> 8}.${i & 255}/32`);
    file.block(networks);
    expect(denied().join(',').split(',').sort()).toEqual([...networks].sort());
    expect(denied()).toHaveLength(3);
    file.replaceAll([]);
    expect(denied()).toHaveLength(3);
    file.block([]);
    expect(denied()).toEqual([]);
  });
});

describe('replaceAll', () => {
  test('removes who is not listed, and believes no version', () => {
    file.replaceAll([organization(A, 9, '+49301'), organization(B, 9, '+49302')]);
    file.replaceAll([organization(A, 1, '+49309')]);
    expect(ids('ps_endpoints')).toEqual(['phonea', `trunk-${A}`]);
    expect(ids('lpbx_numbers')).toEqual([`trunk-${A}*49309`]);
  });
});
