import { expect, it } from 'vitest';
import { DEFAULT_LIMITS, type Device, type Extension, type Organization } from '../tenancy/organization.ts';
import { contentChanges, EMPTY_CONTENT } from './diff.ts';
import { toOrganizationOnEngine } from './on-engine.ts';

const extension = (id: string, number: string, name = id): Extension => ({
  id,
  number,
  name,
  ringTimeInS: 25,
  forwardAlways: null,
  forwardBusy: null,
  doNotDisturb: false,
  forwardNoAnswer: null,
  outboundNumber: null,
  language: null,
});
const device = (username: string, extensionId: string): Device => ({
  username,
  extensionId,
  name: 'Phone',
  transport: 'any',
  suspension: null,
  digestMd5: 'a',
  digestSha256: 'b',
});
const trunk = {
  id: 't1',
  name: 'C',
  isInbound: true,
  isOutbound: true,
  host: '203.0.113.7',
  port: null,
  transport: 'udp' as const,
  register: false,
  username: null,
  authUsername: null,
  password: null,
  outboundProxy: null,
  fromUser: null,
  fromDomain: null,
  verifyCertificate: true,
  certificateAuthority: null,
  codecs: ['alaw' as const],
  addresses: ['203.0.113.7'],
};
const organization: Organization = {
  id: 'o1',
  slug: 'acme',
  name: 'Acme',
  country: 'DE',
  isSuspended: false,
  timeZone: 'Europe/Berlin',
  language: 'en',
  limits: DEFAULT_LIMITS,
  controls: [],
  rateDecks: [],
  allowedCountries: ['DE'],
  defaultNumber: '+4930901820',
  numbers: ['+4930901820', '+4930901821'],
  revision: {
    number: 3,
    content: {
      extensions: [extension('e1', '101', 'Anna'), extension('e2', '102')],
      routes: [
        { number: '+4930901820', extensionId: 'e1' },
        { number: '+4930999999', extensionId: 'e1' },
      ],
      music: 'own',
    },
  },
  devices: [device('u1', 'e1'), device('u2', 'e1'), device('u3', 'only-in-the-draft')],
  trunks: [trunk],
  version: 7,
};

it('gives the engine what is applied, and nothing else', () => {
  const seen = toOrganizationOnEngine(organization, ['110', '112']);
  expect(seen.devices.map((d) => [d.username, d.extension, d.displayName])).toEqual([
    ['u1', '101', 'Anna'],
    ['u2', '101', 'Anna'],
  ]);
  expect(seen.fallback).toEqual({
    extensions: [
      { number: '101', devices: ['u1', 'u2'], ringTime: 25 },
      { number: '102', devices: [], ringTime: 25 },
    ],
    // The second DID of the revision was released since.
    numbers: [{ e164: '+4930901820', extension: '101', trunkIds: ['t1'] }],
    emergency: [
      { number: '110', trunkId: 't1', callerId: '+4930901820' },
      { number: '112', trunkId: 't1', callerId: '+4930901820' },
    ],
  });
  expect(toOrganizationOnEngine({ ...organization, trunks: [] }, ['112']).fallback.emergency).toEqual([]);
});

it('without a brain, too, whoever is not to be disturbed is not rung', () => {
  const { number, content } = organization.revision;
  const extensions = content.extensions.map((e) => ({ ...e, doNotDisturb: e.number === '101' }));
  const seen = toOrganizationOnEngine(
    { ...organization, revision: { number, content: { ...content, extensions } } },
    [],
  );
  expect(seen.fallback.extensions.map((e) => [e.number, e.devices])).toEqual([
    ['101', []],
    ['102', []],
  ]);
  expect(seen.devices.map((d) => d.username)).toEqual(['u1', 'u2']);
});

it('a device says its digest, one that an older brain cached MD5', () => {
  const devices: Device[] = [device('u1', 'e1'), { ...device('u2', 'e1'), digest: 'both' }];
  expect(toOrganizationOnEngine({ ...organization, devices }, []).devices).toEqual(
    [
      ['u1', 'md5'],
      ['u2', 'both'],
    ].map(([username, digest]) => ({
      username,
      digest,
      digestMd5: 'a',
      digestSha256: 'b',
      extension: '101',
      displayName: 'Anna',
      isSuspended: false,
      mailbox: 'e1',
      language: 'en',
      transport: 'any',
    })),
  );
});

it('own music is heard where there is any, unless the stock was chosen', () => {
  const heard = (hasMusic: boolean, music: 'own' | 'stock') => {
    const revision = { number: 3, content: { ...organization.revision.content, music } };
    return toOrganizationOnEngine({ ...organization, hasMusic, revision }, []).hasMusic;
  };
  expect([heard(true, 'own'), heard(true, 'stock'), heard(false, 'own')]).toEqual([true, false, false]);
});

it('tells what a draft changes', () => {
  const before = organization.revision.content;
  expect(contentChanges(before, before)).toEqual([]);
  expect(contentChanges(EMPTY_CONTENT, before)).toHaveLength(4);
  const after = {
    extensions: [{ ...extension('e1', '105', 'Anna') }, extension('e3', '103')],
    routes: [{ number: '+4930901820', extensionId: 'e3' }],
    music: 'stock' as const,
  };
  expect(contentChanges(before, after).map((c) => [c.kind, c.what, c.name, c.before, c.after])).toEqual([
    ['changed', 'extension', '101', { number: '101' }, { number: '105' }],
    ['added', 'extension', '103', null, after.extensions[1]],
    ['removed', 'extension', '102', before.extensions[1], null],
    ['changed', 'route', '+4930901820', { extension: '101' }, { extension: '103' }],
    ['removed', 'route', '+4930999999', { extension: '101' }, null],
    ['changed', 'music', 'on hold', { music: 'own' }, { music: 'stock' }],
  ]);
});
