/** Lines of other kinds: over TCP, through a proxy, one carrier in and another out, deleted in mid-call. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import type { TrunkSettings } from '../kit/office.ts';
import { hangUp, hearEachOther } from '../kit/talk.ts';
import { expect, test } from '../kit/test.ts';
import type { Phone } from '../phones/index.ts';

const OUTSIDE = '+442079460777';

/** A certificate that vouches for itself. */
function certified(address: string): { cert: string; key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'h-carrier-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const names = ['-subj', '/CN=carrier', '-addext', `subjectAltName=IP:${address}`];
  const how = ['req', '-x509', '-nodes', '-days', '2', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  try {
    execFileSync('openssl', [...how, '-keyout', keyFile, '-out', certFile, ...names], { stdio: 'ignore' });
    return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.concurrent('kinds of trunk', () => {
  test('a carrier by TCP, in and out', async ({ town }) => {
    const office = await town.office();
    const carrier = await town.carrier({ transport: 'tcp' });
    await office.trunk(carrier, { transport: 'tcp' });
    const { ann } = await office.staff('ann');
    const did = await office.did('101');
    await office.apply();
    const out = await ann.dial(OUTSIDE);
    const reached = await carrier.rings();
    expect(reached.invite.headers.get('Via')).toContain('SIP/2.0/TCP');
    await reached.answer();
    await out.answered();
    await hearEachOther(out, reached);
    await hangUp(out, reached);
    const inwards = await carrier.dial(did);
    const rung = await ann.rings();
    await rung.answer();
    await inwards.answered();
    await hearEachOther(inwards, rung);
    await hangUp(rung, inwards);
  });

  test('a carrier by TLS is called only when it shows that it is the one', async ({ town }) => {
    const [host, elsewhere] = ['127.99.0.1', '127.99.0.2'];
    const right = certified(host);
    const carrier = await town.carrier({ transport: 'tls', localHost: host, tls: right });
    const misnamed = await town.carrier({ transport: 'tls', localHost: elsewhere, tls: right });
    const office = await town.office();
    const trunk = await office.trunk(carrier, { transport: 'tls' });
    const { ann } = await office.staff('ann');
    await office.did();
    const change = (body: TrunkSettings) => office.api.updateTrunk({ params: { ...office.params, trunk }, body });
    const callsInVain = async () => {
      const call = await ann.dial(OUTSIDE);
      expect((await call.refused({ within: 15_000 })).status).toBeGreaterThanOrEqual(500);
      expect([...carrier.calls, ...misnamed.calls]).toEqual([]);
    };
    const reaches = async (phone: Phone) => {
      const call = await ann.dial(OUTSIDE);
      const reached = await phone.rings();
      expect(reached.invite.headers.get('Via')).toContain('SIP/2.0/TLS');
      await reached.answer();
      await call.answered();
      await hearEachOther(call, reached);
      await hangUp(call, reached);
    };
    expect(await change({})).toMatchObject({ verifyCertificate: true, certificateAuthority: null });
    await callsInVain(); // its authority is not known
    await change({ certificateAuthority: certified(host).cert });
    await callsInVain(); // another's of the same name is
    await change({ certificateAuthority: right.cert, host: elsewhere, port: misnamed.local.port });
    await callsInVain(); // it is, and vouches for another host
    await change({ host, port: carrier.local.port });
    await reaches(carrier);
    await change({ host: elsewhere, port: misnamed.local.port, verifyCertificate: false, certificateAuthority: null });
    await reaches(misnamed);
  });

  test('through an outbound proxy, under the name of the carrier', async ({ town }) => {
    const office = await town.office();
    const proxy = await town.carrier();
    const { host, port } = proxy.local;
    await office.trunk(proxy, { host: 'sip.carrier.example', outboundProxy: `${host}:${port}` });
    await office.did();
    const { ann } = await office.staff('ann');
    const call = await ann.dial(OUTSIDE);
    const rung = await proxy.rings();
    expect(rung.invite.uri).toMatch(new RegExp(`^sip:\\${OUTSIDE}@sip\\.carrier\\.example`));
    await call.cancel();
  });

  test('one carrier brings calls, another takes them', async ({ town }) => {
    const office = await town.office();
    const [bringing, taking] = [await town.carrier(), await town.carrier()];
    const inbound = await office.trunk(bringing, { name: 'In', isOutbound: false });
    const outbound = await office.trunk(taking, { name: 'Out', isInbound: false, addresses: [] });
    const { ann } = await office.staff('ann');
    const did = await office.did('101');
    await office.apply();
    const out = await ann.dial(OUTSIDE);
    await taking.rings();
    await out.cancel();
    const inwards = await bringing.dial(did);
    await ann.rings();
    await inwards.cancel();
    expect((await (await taking.dial(did)).refused()).status).toBe(401);
    expect(bringing.calls.filter((call) => call.direction === 'in')).toEqual([]);
    const records = await office.records(2);
    expect(records.map((record) => [record.direction, record.trunkId])).toEqual([
      ['outbound', outbound],
      ['inbound', inbound],
    ]);
    // One of each kind, and no more.
    await expect(office.trunk(await town.carrier(), { name: 'Third' })).rejects.toMatchObject({ status: 409 });
  });

  test('a caller who withholds the number: the carrier is told it, with the wish', async ({ town }) => {
    const office = await town.office();
    const carrier = await town.carrier();
    await office.trunk(carrier);
    const did = await office.did();
    const { ann } = await office.staff('ann');
    const call = await ann.dial(OUTSIDE, { headers: { Privacy: 'id' } });
    const reached = await carrier.rings();
    expect(reached).toMatchObject({ callerNumber: 'anonymous', privacy: ['id'], assertedIdentity: { number: did } });
    await call.cancel();
    expect((await office.records(1))[0]).toMatchObject({ from: '101', to: OUTSIDE });
  });

  test('a trunk that is deleted takes no more calls; the one in progress goes on', async ({ town }) => {
    const office = await town.office();
    const carrier = await town.carrier();
    const trunk = await office.trunk(carrier);
    const { ann } = await office.staff('ann');
    const did = await office.did('101');
    await office.apply();
    const call = await carrier.dial(did);
    const rung = await ann.rings();
    await rung.answer();
    await call.answered();
    await office.api.deleteTrunk({ params: { ...office.params, trunk } });
    await hearEachOther(call, rung);
    expect((await (await carrier.dial(did)).refused()).status).toBe(401);
    await hangUp(call, rung);
    expect(await office.record()).toMatchObject({ result: 'answered', did });
  });
});
