/** Phones come to the system: by every transport and digest, and not when they should not. */
import { describe } from 'vitest';
import { hangUp, talk } from '../kit/talk.ts';
import { expect, test } from '../kit/test.ts';
import { eventually, type Phone, type SipResponse } from '../phones/index.ts';

describe.concurrent('registration', () => {
  test.for([
    ['udp', 'MD5'],
    ['udp', 'SHA-256'],
    ['tcp', 'MD5'],
    ['tcp', 'SHA-256'],
    ['tls', 'MD5'],
    ['tls', 'SHA-256'],
  ] as const)('a phone registers by %s with %s, is called and calls', async ([transport, algorithm], { town }) => {
    const office = await town.office();
    const { ann } = await office.staff('ann');
    await office.extension('102', { name: 'Bob' });
    await office.apply();
    const digest = algorithm === 'MD5' ? 'md5' : 'sha-256';
    const bob = await office.phone('102', { name: 'bob', transport, algorithm, userAgent: 'Bobphone/1.0' }, { digest });
    const registered = bob.wire.sent.requests('REGISTER').at(-1)!;
    expect(registered.headers.get('Authorization')).toContain(`algorithm=${algorithm}`);

    const registration = await eventually(
      async () => {
        const { items } = await office.api.listDevices({ params: office.params });
        return items.find((device) => device.extension === '102')!.registration ?? undefined;
      },
      { reason: () => 'the API does not show the registration' },
    );
    expect(registration).toMatchObject({ transport, userAgent: 'Bobphone/1.0' });
    expect(registration.address).toMatch(/^127\.0\.0\.1:\d+$/);
    if (transport === 'udp') expect(registration.address).toBe(`127.0.0.1:${bob.local.port}`);
    expect(registration.expiresAt).toBeGreaterThan(Date.now());

    // It is asked over the connection that it came by; on a busy machine again half a minute later.
    const { username } = bob.agent.options;
    const answering = await eventually(
      async () => {
        const device = await office.api.getDevice({ params: { username } });
        return device.registration?.roundTrip == null ? undefined : device.registration;
      },
      { within: 60_000, reason: () => 'the API does not show how long the phone takes to answer' },
    );
    expect(answering).toMatchObject({ isSilent: false, roundTrip: expect.any(Number) });

    // `talk` hears tones both ways.
    const first = await talk(ann, '102', bob);
    await hangUp(first.call, first.answered);
    const second = await talk(bob, '101', ann);
    if (transport === 'tls') {
      expect(second.call.invite.body).toContain('RTP/SAVP');
      // A device that may come by anything is offered a key, and need not take it; one that must use TLS has to (below).
      expect(first.answered.invite.body).toContain('a=crypto:');
    }
    await hangUp(second.call, second.answered);
  });

  test('a device for both digests takes either, MD5 first', async ({ town }) => {
    const office = await town.office();
    await office.extension('101');
    await office.apply();
    const { username, password } = await office.device('101', { digest: 'both' });
    for (const [algorithm, used] of [
      ['first', 'MD5'],
      ['MD5', 'MD5'],
      ['SHA-256', 'SHA-256'],
    ] as const) {
      const phone = await town.phone({ username, password, algorithm });
      await phone.register();
      const sent = phone.wire.sent.requests('REGISTER').at(-1)!;
      expect(sent.headers.get('Authorization')).toContain(`algorithm=${used}`);
    }
  });

  test('a device for SHA-256 is not let in by MD5', async ({ town }) => {
    const office = await town.office();
    await office.extension('101');
    await office.apply();
    const { username, password } = await office.device('101', { digest: 'sha-256' });
    const phone = await town.phone({ username, password, algorithm: 'MD5' });
    expect((await phone.tryRegister()).status).toBe(401);
  });

  test('the certificate is signed by the installation’s own authority, and by no other', async ({ town }) => {
    const office = await town.office();
    await office.extension('101');
    await office.apply();
    const { username, password } = await office.device('101');
    const trusting = await town.phone({ username, password, transport: 'tls' });
    await trusting.register();
    const other = await town.phone({ username, password, transport: 'tls', tls: { ca: OTHER_AUTHORITY } });
    await expect(other.tryRegister({ within: 2000 })).rejects.toThrow();
  });

  test('a device that must use TLS is refused by UDP, and has media in SRTP only', async ({ town }) => {
    const office = await town.office();
    const { ann } = await office.staff('ann');
    await office.extension('102');
    await office.apply();
    const { username, password, transport, port } = await office.device('102', { transport: 'tls' });
    expect({ transport, port }).toEqual({ transport: 'tls', port: town.system.installation.tlsPort });
    const open = await town.phone({ name: 'bob by UDP', username, password });
    // Whether the REGISTER or the calls are refused is the engine's choice; no call may pass in the clear.
    await open.tryRegister();
    const refused = await open.dial('101');
    expect((await refused.refused()).status).toBeGreaterThanOrEqual(400);
    const unreached = await ann.dial('102');
    await open.doesNotRing({ during: 1500 });
    await unreached.cancel();
    expect(open.calls.filter((call) => call.direction === 'in')).toEqual([]);

    const secure = await town.phone({ name: 'bob', username, password, transport: 'tls' });
    await secure.register();
    const { call, answered } = await talk(ann, '102', secure);
    expect(answered.invite.body).toContain('RTP/SAVP');
    expect(answered.rtp.stats.forged).toBe(0);
    await hangUp(call, answered);

    const plain = await town.phone({ name: 'bob without SRTP', username, password, transport: 'tls', srtp: false });
    await plain.register();
    expect((await (await plain.dial('101')).refused()).status).toBe(488);
  });

  test('a wrong password and an unknown user look the same', async ({ town }) => {
    const office = await town.office();
    await office.extension('101');
    await office.apply();
    const { username } = await office.device('101');
    const wrong = await town.phone({ name: 'wrong password', username, password: 'not-the-right-one' });
    const unknown = await town.phone({ name: 'unknown user', username: 'nobodyofthatname', password: 'x' });
    for (const phone of [wrong, unknown]) await expect(phone.register()).rejects.toThrow(/could not register: 401/);
    expect(answersTo(unknown)).toEqual(answersTo(wrong));

    const calls = await Promise.all([wrong, unknown].map((phone) => phone.dial('101')));
    for (const call of calls) expect((await call.refused()).status).toBe(401);
    expect(answersTo(unknown)).toEqual(answersTo(wrong));
    // Somebody who asks what is there learns nothing either.
    const asked = await Promise.all([wrong.options(), unknown.options()]);
    expect(shapeOf(asked[1]!)).toEqual(shapeOf(asked[0]!));
  });

  test('a deleted device can neither register nor call, and its call ends', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const { call, answered } = await talk(ann, '102', bob);
    await office.api.deleteDevice({ params: { username: ann.agent.options.username } });
    await Promise.all([call.ended(), answered.ended()]);
    expect((await ann.tryRegister()).status).toBe(401);
    expect((await (await ann.dial('102')).refused()).status).toBe(401);
    const back = await bob.dial('101');
    expect((await back.refused()).status).toBe(480);
    expect((await office.api.listDevices({ params: office.params })).items).toHaveLength(1);
  });

  test('a reset password ends the registration and the call, and the new one works', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const { username } = ann.agent.options;
    const { call, answered } = await talk(ann, '102', bob);
    const { password } = await office.api.resetDevicePassword({ params: { username } });
    await Promise.all([call.ended(), answered.ended()]);
    await eventually(
      async () => ((await office.api.getDevice({ params: { username } })).registration === null ? true : undefined),
      { reason: () => 'the old registration is still shown' },
    );
    expect((await ann.tryRegister()).status).toBe(401);
    const renewed = await town.phone({ name: 'ann', username, password });
    await renewed.register();
    const next = await talk(bob, '101', renewed);
    await hangUp(next.call, next.answered);
  });

  test('a phone that goes away is shown as away, and its caller is told', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const { username } = bob.agent.options;
    const isShown = async (): Promise<boolean> =>
      (await office.api.getDevice({ params: { username } })).registration !== null;
    await eventually(async () => ((await isShown()) ? true : undefined), { reason: () => 'bob is not registered' });
    await bob.deregister();
    await eventually(async () => ((await isShown()) ? undefined : true), { reason: () => 'bob is still registered' });
    expect((await (await ann.dial('102')).refused()).status).toBe(480);
    expect(await office.record()).toMatchObject({
      result: 'no-answer',
      reason: 'no-device-registered',
      blame: 'callee',
      answeredAt: null,
      talkDuration: 0,
    });
  });
});

/** What differs by nature: ids, tags, nonces, times. */
function shapeOf(response: SipResponse): string {
  const challenges = response.headers
    .all('WWW-Authenticate')
    .map((value) => value.replace(/(nonce|opaque)="[^"]*"/g, '$1'));
  const names = [...response.headers.entries()].map(([name]) => name).filter((name) => !/^(via)$/i.test(name));
  return JSON.stringify([response.status, response.reason, challenges, names, response.body]);
}

/** Each answer once: on a slow machine a phone asks again, and is answered again. */
function answersTo(phone: Phone): string[] {
  const answers = phone.wire.received.responses();
  const first = (answer: SipResponse) => answers.findIndex((other) => transactionOf(other) === transactionOf(answer));
  return answers.filter((answer, i) => first(answer) === i).map(shapeOf);
}

const transactionOf = ({ status, headers }: SipResponse): string => `${status} ${headers.get('Via')}`;

/** Any certificate that did not sign ours. Made with openssl; its key was thrown away. */
const OTHER_AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUCj8QoDMaFspHyCnPvFPU5BDWnFkwCgYIKoZIzj0EAwIw
HzEdMBsGA1UEAwwUU29tZSBvdGhlciBhdXRob3JpdHkwIBcNMjYxMTIxMjIzNTU5
WhgPMjEyNjEwMjgyMjM1NTlaMB8xHTAbBgNVBAMMFFNvbWUgb3RoZXIgYXV0aG9y
aXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEjcoqtKvSKg0p1LYzfK79nm6V
5oIOm4Xi0CZ/KKCe02+/+G6f2REfd1ed+4QjGOnhPboh7K6QUTmoGDsI3pkHzKNT
MFEwHQYDVR0OBBYEFEoUWyM2IS3O0yH0mLmhCFz3y1KdMB8GA1UdIwQYMBaAFEoU
WyM2IS3O0yH0mLmhCFz3y1KdMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwID
SAAwRQIhAL2cw7fvL3J/XE5TEZJ/I9XS5nTMvB8/4QO9qQjrXz/LAiB/IJgS8hEt
C3vjzqUVJ17Y8ybazhIJQNDqHbtrugQtig==
-----END CERTIFICATE-----
`;
