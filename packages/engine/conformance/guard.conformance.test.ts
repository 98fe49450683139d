/** What our module in a real Asterisk keeps away from it (`src/asterisk/guard`). */
import { randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Call, eventually, Phone } from '../../../test/phones/index.ts';
import { AsteriskEngine } from '../src/asterisk/engine.ts';
import type { TrunkOnEngine } from '../src/directory.ts';
import type { EngineEvent } from '../src/port.ts';
import { type AsteriskProcess, isolatedRoot, startAsterisk } from './asterisk-process.ts';
import { deviceOnEngine } from './device.ts';

const root = isolatedRoot();
const PASSWORD: string = randomUUID();
const HELP = '112';

/** Anything that comes from this machine and names no phone is its call. */
const trunk: TrunkOnEngine = {
  id: randomUUID(),
  isInbound: true,
  isOutbound: true,
  host: '127.0.0.1',
  port: 9,
  transport: 'udp',
  outboundProxy: null,
  register: false,
  username: null,
  authUsername: null,
  password: null,
  fromUser: null,
  fromDomain: null,
  codecs: ['ulaw'],
  addresses: ['127.0.0.1'],
  verifyCertificate: false,
  certificateAuthority: null,
} as TrunkOnEngine;

describe.skipIf(root === null)('guard', () => {
  let asterisk: AsteriskProcess;
  let engine: AsteriskEngine;
  let [ann, bob]: [Phone, Phone] = [null!, null!];
  const events: EngineEvent[] = [];
  const stranger = createSocket('udp4');

  beforeAll(async () => {
    asterisk = await startAsterisk(root!);
    const fallback = {
      extensions: [{ number: '102', devices: ['bobsphone'], ringTime: 20 }],
      numbers: [],
      emergency: [{ number: HELP, trunkId: trunk.id, callerId: null }],
    };
    const devices = ['annsphone', 'bobsphone'].map((username) => deviceOnEngine(username, PASSWORD));
    await asterisk.directory.replaceAll([
      { id: randomUUID(), version: 1, isSuspended: false, hasMusic: false, devices, trunks: [trunk], fallback },
    ]);
    const phone = (username: string) =>
      Phone.create({ server: '127.0.0.1', port: asterisk.sipPort, username, password: PASSWORD });
    [ann, bob] = [await phone('annsphone'), await phone('bobsphone')];
    await vi.waitFor(() => ann.tryRegister({ within: 1000 }), { timeout: 60_000, interval: 100 });
    await bob.register();
    await new Promise<void>((resolve) => stranger.bind(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    stranger.close();
    await ann?.close();
    await bob?.close();
    await engine?.stop();
    await asterisk?.stop();
  });

  /** Without a brain, so that the engine rings him by itself. */
  async function annAndBobTalk(): Promise<void> {
    const call = await ann.dial('102');
    await (await bob.rings({ within: 10_000 })).answer();
    await call.answered();
    await call.hangUp();
  }

  test.each(['INVITE', 'OPTIONS', 'MESSAGE', 'REGISTER'])(
    'a %s whose Record-Route is no SIP URI is refused, and calls go on',
    async (method) => {
      for (const uri of ['tel:+1234', 'urn:service:sos', 'x:y', `h:${'a'.repeat(200)}`]) {
        const answer = firstAnswer(stranger);
        stranger.send(
          request(method, { 'Record-Route': `<sip:127.0.0.1;lr>, <${uri}>` }),
          asterisk.sipPort,
          '127.0.0.1',
        );
        expect(await answer).toBe('SIP/2.0 400 Bad Record-Route');
      }
      await annAndBobTalk();
    },
  );

  test('a call whose Call-ID is no printable ASCII is refused, and calls go on', async () => {
    for (const id of ['\xc3\x28', 'a\x7f']) {
      const answer = firstAnswer(stranger);
      const invite = request('INVITE', {}).replace(/Call-ID: /, `Call-ID: ${id}`);
      stranger.send(Buffer.from(invite, 'latin1'), asterisk.sipPort, '127.0.0.1');
      expect(await answer).toBe('SIP/2.0 400 Bad Call-ID');
    }
    await annAndBobTalk();
  });

  test('an answer whose Record-Route is no SIP URI never was one, and calls go on', async () => {
    const call = await ann.dial('102');
    const rung = await bob.rings({ within: 10_000 });
    rung.decline(486, undefined, { 'Record-Route': '<tel:+1234>' });
    await call.cancel();
    await annAndBobTalk();
  });

  describe('with a brain', () => {
    /** Statuses of all answers, the asking for a password included. */
    const answersTo = (call: Call) =>
      ann.wire.received
        .responses()
        .filter((response) => response.headers.get('Call-ID') === call.id)
        .map((response) => response.status);
    const begun = () => events.filter((event) => event.type === 'leg:new').length;

    beforeAll(async () => {
      engine = new AsteriskEngine(asterisk.ari, asterisk.files);
      engine.onEvent((event) => {
        events.push(event);
        if (event.type === 'leg:new' && event.dialled === HELP) void engine.hangup(event.leg, 16);
      });
      await engine.start();
    });

    test('a phone is refused before it is asked for its password, but not for help', async () => {
      await engine.shed(null, Date.now() + 60_000);
      const refused = await ann.dial('102');
      expect((await refused.refused()).status).toBe(503);
      expect(answersTo(refused)).toEqual([503]);
      const before = begun();
      const help = await ann.dial(HELP);
      await eventually(() => (begun() > before ? true : undefined), {
        reason: () => 'nobody heard of the call for help',
      });
      await help.ended();
      await engine.shed(null, 0);
      const next = await ann.dial('102');
      await eventually(() => (begun() > before + 1 ? true : undefined), {
        reason: () => 'nobody heard of the next call',
      });
      await next.cancel();
    });

    test("a carrier's call that has begun is not refused when it is repeated", async () => {
      const before = begun();
      const invite = request('INVITE', {});
      stranger.send(invite, asterisk.sipPort, '127.0.0.1');
      await eventually(() => (begun() > before ? true : undefined), { reason: () => 'nobody heard of the call' });
      await engine.shed(null, Date.now() + 60_000);
      const again = firstAnswer(stranger);
      stranger.send(invite, asterisk.sipPort, '127.0.0.1');
      expect(await again).toBe('SIP/2.0 100 Trying');
      const another = firstAnswer(stranger);
      stranger.send(request('INVITE', {}), asterisk.sipPort, '127.0.0.1');
      expect(await another).toBe('SIP/2.0 503 Service Unavailable');
      await engine.shed(null, 0);
    });
  });

  function request(method: string, headers: Record<string, string>): string {
    const { port } = stranger.address();
    const at = `127.0.0.1:${port}`;
    return [
      `${method} sip:+4930123456@127.0.0.1:${asterisk.sipPort} SIP/2.0`,
      `Via: SIP/2.0/UDP ${at};rport;branch=z9hG4bK${randomUUID()}`,
      `From: <sip:+4930999@${at}>;tag=${randomUUID()}`,
      'To: <sip:+4930123456@127.0.0.1>',
      `Call-ID: ${randomUUID()}`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:${at}>`,
      'Max-Forwards: 70',
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');
  }
});

/** First line of what comes next. */
function firstAnswer(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('no answer within 5 s')), 5000);
    socket.once('message', (message) => {
      clearTimeout(late);
      resolve(message.toString('latin1').split('\r\n')[0] ?? '');
    });
  });
}
