/** Broken SIP at the running system: the messages of the RFCs, and as many seeded mutations as asked for. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, test } from 'vitest';
import { footprint } from '../kit/footprint.ts';
import { attack } from './attack.ts';
import { rfcMessages } from './rfc-messages.ts';
import { Sender } from './sender.ts';
import { SlowConnections } from './slow-connections.ts';
import { closeHouse, type House, isAlive, nextCallsWork, openHouse, SEED, say, settled, system } from './torture.ts';

const COUNT = Number(process.env.LITTLEPBX_TEST_COUNT ?? 10_000);
const FROM = Number(process.env.LITTLEPBX_TEST_FROM ?? 0);
/** So many are sent before anybody looks whether all is well: what a failure has to be searched in. */
const BATCH = 250;
/** Messages per second at most; above it the kernel drops datagrams, and nothing is tested. */
const RATE = 450;

const server = { host: '127.0.0.1', port: system.installation.sipPort };
let house: House;
let sender: Sender;

beforeAll(async () => {
  house = await openHouse();
  sender = await Sender.open(server, house.attacker);
  // What the first calls allocate for good is no leak.
  await nextCallsWork(house);
});
afterAll(async () => {
  await sender?.close();
  if (house) await closeHouse(house);
});

test('the messages of RFC 4475 and RFC 5118, from strangers and from a phone of the house', async () => {
  const before = await footprint(system);
  for (const { name, bytes } of rfcMessages()) {
    await sender.refresh();
    for (const sent of [bytes, asOurs(bytes)]) {
      for (const transport of ['udp', 'tcp'] as const) sender.send({ bytes: sent, transport, pieces: 3 });
    }
    await isAlive(before, name);
  }
  await everybodyHangsUp();
  await settled(house, before, 'after the messages of the RFCs');
  await nextCallsWork(house);
});

test(`mutations of REGISTER, INVITE, REFER, SUBSCRIBE, MESSAGE and SDP, and slow connections`, async () => {
  const { bob } = house;
  // Who is called answers now and then.
  let rung = 0;
  bob.onCall = (call) => {
    rung += 1;
    if (rung % 2 === 0) void call.answer().catch(() => {});
    else call.decline(486);
  };
  const before = await footprint(system);
  const slow = await SlowConnections.open(server, 100);
  const began = performance.now();
  for (let index = FROM; index < FROM + COUNT; index += BATCH) {
    const end = Math.min(index + BATCH, FROM + COUNT);
    const context = `messages ${index} to ${end - 1} of seed ${SEED}: ./littlepbx test torture --seed ${SEED} --from ${index} --count ${end - index}`;
    await sender.refresh();
    sender.renewDialog();
    for (let i = index; i < end; i += 1) {
      sender.send(attack(SEED, i, sender.surroundings));
      const ahead = ((i + 1 - FROM) / RATE) * 1000 - (performance.now() - began);
      if (ahead > 10) await pause(ahead);
    }
    await isAlive(before, context);
  }
  const seconds = (performance.now() - began) / 1000;
  await slow.close();
  await everybodyHangsUp();
  const answers = [...sender.answers].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  say(
    `${COUNT} messages of seed ${SEED} in ${seconds.toFixed(0)} s; bob's phone rang ${rung} times; answers ${answers.join(', ')}`,
  );
  await settled(house, before, `after ${COUNT} messages of seed ${SEED}`);
  await nextCallsWork(house);
});

async function everybodyHangsUp(): Promise<void> {
  sender.hangUpAll();
  sender.closeConnections();
  house.bob.onCall = null;
  await Promise.all(house.bob.calls.filter((call) => call.isLive).map((call) => call.hangUp().catch(() => {})));
}

/** The same with the identity of a phone of the house where it has one, so that it gets past the digest. */
function asOurs(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  const first = /^(\S+) +(\S+)/.exec(text);
  const { username, authorization } = sender.surroundings;
  const credentials = first ? authorization(first[1]!, first[2]!) : null;
  return Buffer.from(
    text
      .replace(/^(from\s*:|f\s*:)[^\r]*(\r\n[ \t][^\r]*)*/im, `From: <sip:${username}@127.0.0.1>;tag=ours`)
      .replace(/\r\n/, credentials ? `\r\nAuthorization: ${credentials}\r\n` : '\r\n'),
    'latin1',
  );
}
