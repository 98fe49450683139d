import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Phone, type PhoneOptions } from './phone.ts';
import type { Protocol } from './transport.ts';

const phones: Phone[] = [];
const phone = async (username: string, options: Partial<PhoneOptions> = {}): Promise<Phone> => {
  const made = await Phone.create({ username, ...options });
  phones.push(made);
  return made;
};

let ann: Phone;
let bob: Phone;

beforeEach(async () => {
  ann = await phone('ann', { displayName: 'Ann "the" Caller' });
  bob = await phone('bob');
});

afterEach(async () => {
  const made = phones.splice(0);
  for (const one of made) await one.close();
  for (const one of made) one.assertQuiet();
});

const talk = async (from = ann, to = bob) => {
  const call = await from.dial(to.contactUri);
  const incoming = await to.rings();
  await call.ringing();
  await incoming.answer();
  await call.answered();
  return { call, incoming };
};

test('two phones hear each other', async () => {
  const { call, incoming } = await talk();
  expect(incoming.callerName).toBe('Ann "the" Caller');
  expect(incoming.callerNumber).toBe('ann');
  call.sayTone(440);
  incoming.sayTone(620);
  await Promise.all([incoming.hears(440), call.hears(620)]);
  call.saySilence();
  await incoming.hearsSilence();
  await call.hangUp();
  expect(await incoming.ended()).toMatchObject({ by: 'them', how: 'hung-up' });
  ann.assertQuiet();
  bob.assertQuiet();
});

test('early media is heard before the answer', async () => {
  const call = await ann.dial(bob.contactUri);
  const incoming = await bob.rings();
  incoming.progress();
  incoming.sayTone(425);
  await call.earlyMedia();
  await call.hears(425);
  expect(call.state).toBe('early');
  await incoming.answer();
  await call.answered();
});

test('a tone that is not there is not heard, and the error says what was', async () => {
  const { call, incoming } = await talk();
  incoming.sayTone(620);
  await call.hears(620);
  await expect(call.hears(440, { within: 300 })).rejects.toThrow(/ann did not hear a tone of 440 Hz.* about 620 Hz/);
});

test('a busy phone refuses', async () => {
  const call = await ann.dial(bob.contactUri);
  (await bob.rings()).decline(486);
  expect((await call.refused()).status).toBe(486);
  await expect(call.answered()).rejects.toThrow(/could not be answered.*486 Busy Here/);
});

test('the caller gives up and the phone stops ringing', async () => {
  const call = await ann.dial(bob.contactUri);
  const incoming = await bob.rings();
  await call.ringing();
  await call.cancel();
  await incoming.stopsRinging();
  expect(call.ending).toMatchObject({ how: 'cancelled', status: 487 });
});

test('an answer that crosses the CANCEL ends in BYE', async () => {
  const call = await ann.dial(bob.contactUri);
  const incoming = await bob.rings();
  await call.ringing();
  bob.agent.loses = (direction, message) =>
    direction === 'received' && message.kind === 'request' && message.method === 'CANCEL';
  const cancelled = call.cancel();
  await incoming.answer();
  bob.agent.loses = null;
  await cancelled;
  expect((await incoming.ended()).how).toBe('hung-up');
});

test('hold and resume', async () => {
  const { call, incoming } = await talk();
  call.sayTone(440);
  await incoming.hears(440);
  await call.hold();
  await incoming.heldByFarEnd();
  await incoming.hearsSilence();
  await call.resume();
  await incoming.resumedByFarEnd();
  await incoming.hears(440);
  await incoming.hold('inactive');
  await call.heldByFarEnd();
});

test('both hold at the same moment: 491 and another try', async () => {
  const { call, incoming } = await talk();
  await Promise.all([call.hold(), incoming.hold()]);
});

test('keys pass by RFC 4733 and by INFO', async () => {
  const { call, incoming } = await talk();
  await call.press('12*#');
  await incoming.receivesDigits('12*#');
  await incoming.press('4', 'info');
  await call.receivesDigits('4');
});

test('blind transfer', async () => {
  const carol = await phone('carol');
  const { call, incoming } = await talk();
  const transfer = incoming.transferTo(carol.contactUri);
  const second = await carol.rings();
  await second.answer();
  expect(await transfer.finished()).toBe(200);
  await incoming.hangUp();
  await call.ended();
  const next = await call.succeeded();
  next.sayTone(500);
  await second.hears(500);
  await second.hangUp();
});

test('a transfer to a busy phone is reported', async () => {
  const carol = await phone('carol');
  const { incoming } = await talk();
  const transfer = incoming.transferTo(carol.contactUri);
  (await carol.rings()).decline(486);
  expect(await transfer.finished()).toBe(486);
});

test('attended transfer', async () => {
  const carol = await phone('carol');
  const first = await talk(ann, bob);
  const second = await talk(bob, carol);
  const transfer = first.incoming.transferToCall(second.call);
  expect(await transfer.finished()).toBe(200);
  await second.call.ended();
  const annToCarol = await first.call.succeeded();
  const carolFromAnn = await second.incoming.succeeded();
  annToCarol.sayTone(440);
  await carolFromAnn.hears(440);
  await carolFromAnn.hangUp();
});

test('lost messages are sent again over UDP', async () => {
  const losesFirst = (): Phone['agent']['loses'] => {
    const seen = new Set<string>();
    return (direction, message) => {
      const key = message.kind === 'request' ? message.method : `${message.status} ${message.headers.get('CSeq')}`;
      const isFirst = direction === 'received' && !seen.has(key);
      if (isFirst) seen.add(key);
      return isFirst;
    };
  };
  bob.agent.loses = losesFirst();
  ann.agent.loses = losesFirst();
  const call = await ann.dial(bob.contactUri);
  await (await bob.rings()).answer();
  await call.answered();
  await call.hangUp();
  expect(ann.wire.sent.requests('INVITE')).toHaveLength(2);
});

test('the offer may come with the answer', async () => {
  const call = await ann.dial(bob.contactUri, { isLateOffer: true });
  const incoming = await bob.rings();
  await incoming.answer();
  await call.answered();
  incoming.sayTone(440);
  call.sayTone(620);
  await Promise.all([call.hears(440), incoming.hears(620)]);
});

test('dead media: nothing arrives any more', async () => {
  const { call, incoming } = await talk();
  call.sayTone(440);
  await incoming.hears(440);
  call.stopSending();
  await incoming.hearsSilence();
  await expect(incoming.rtp.receivesPackets(3, { within: 200 })).rejects.toThrow('RTP packets');
});

test('a phone without power answers nothing', async () => {
  bob.losePower();
  const call = await ann.dial(bob.contactUri);
  await expect(call.ringing({ within: 200 })).rejects.toThrow(/did not ring within 200 ms/);
  await ann.close({ within: 100 });
});

test('nobody calls: the error says what the phone saw', async () => {
  await expect(bob.rings({ within: 100 })).rejects.toThrow("bob's phone did not ring within 100 ms; it saw: nothing");
  await bob.doesNotRing({ during: 50 });
});

test('G.711 A-law alone is agreed on', async () => {
  const dave = await phone('dave', { codecs: ['PCMA'] });
  const { call, incoming } = await talk(ann, dave);
  call.sayTone(440);
  await incoming.hears(440);
  expect(call.media.codec).toBe('PCMA');
});

test('SRTP is agreed on and heard', async () => {
  const dave = await phone('dave', { srtp: true });
  const erin = await phone('erin', { srtp: true });
  const { call, incoming } = await talk(dave, erin);
  call.sayTone(440);
  incoming.sayTone(620);
  await Promise.all([incoming.hears(440), call.hears(620)]);
  await call.hold();
  await call.resume();
  await incoming.hears(440);
  expect(call.invite.body).toContain('RTP/SAVP');
});

describe.each<Protocol>(['udp', 'tcp'])('a carrier over %s', (transport) => {
  test.each(['MD5', 'SHA-256'] as const)('registers a trunk with %s, takes and makes calls', async (algorithm) => {
    const carrier = await phone('carrier', {
      transport,
      registrar: { accounts: { trunk: 'secret' }, algorithm, challengesCalls: true },
    });
    const at = { transport, server: carrier.local.host, port: carrier.local.port, algorithm };
    const trunk = await phone('trunk', { ...at, password: 'secret' });
    await trunk.register();
    expect((await carrier.registrar!.registered('trunk')).expires).toBe(300);

    const outbound = await trunk.dial('+493012345', {
      from: '"Acme" <sip:+4940111@carrier>',
      headers: { 'P-Asserted-Identity': '<sip:+4940111@carrier>', Privacy: 'id', Diversion: '<sip:101@x>;reason=busy' },
    });
    const seen = await carrier.rings();
    expect(seen).toMatchObject({
      dialled: '+493012345',
      toNumber: '+493012345',
      callerNumber: '+4940111',
      privacy: ['id'],
    });
    expect(seen.assertedIdentity?.number).toBe('+4940111');
    expect(seen.diversions).toEqual(['101']);
    await seen.answer();
    await outbound.answered();
    await outbound.hangUp();

    const inbound = await carrier.dialRegistered('trunk', '4930999', { headers: { 'X-Test': '1' } });
    const incoming = await trunk.rings();
    expect(incoming.dialled).toBe('4930999');
    await incoming.answer();
    await inbound.answered();
    await incoming.hangUp();
    await inbound.ended();

    await trunk.deregister();
    expect(carrier.registrar?.bindings.size).toBe(0);
    const thief = await phone('trunk', { ...at, name: 'thief', password: 'wrong' });
    await expect(thief.register()).rejects.toThrow('thief could not register: 403 Forbidden');
  });
});
