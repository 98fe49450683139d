/** What a stranger may write into a call, where it reaches the brain: names in any script, bytes that are no text. */
import { createSocket } from 'node:dgram';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { footprint } from '../kit/footprint.ts';
import { eventually } from '../phones/index.ts';
import { lines, SDP } from './draft.ts';
import { closeHouse, type House, isAlive, nextCallsWork, openHouse, settled, system } from './torture.ts';

const NAMES = [
  'Анна Каренина',
  '大停電',
  'مرحبا بالعالم',
  'ก็ิุู้ Zoë',
  '👩‍👩‍👧‍👦 ☎️',
  '𝒳𝓎𝓏',
  "Robert'); drop table calls; --",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as Asterisk would read it
  '${SHELL(id)} $[1/0] %n%s',
  '__proto__',
  '<script>alert(1)</script>',
  'n'.repeat(200),
];

let house: House;
/** A socket at the carrier's address: from there the house takes anything as a call to its number. */
const raw = createSocket('udp4');
let number = '';
let carrier: Awaited<ReturnType<House['town']['carrier']>>;

beforeAll(async () => {
  house = await openHouse();
  carrier = await house.town.carrier();
  number = await house.office.did('101');
  await house.office.trunk(carrier);
  await house.office.apply();
  await new Promise<void>((resolve) => raw.bind(0, carrier.local.host, resolve));
});
afterAll(async () => {
  await new Promise<void>((resolve) => raw.close(() => resolve()));
  if (house) await closeHouse(house);
});

test('callers with names in any script get through, and are recorded under their name', async () => {
  const { ann, office } = house;
  for (const name of NAMES) {
    const call = await carrier.dial(number, {
      from: `"${name}" <sip:+493012345@127.0.0.1>`,
      headers: { Subject: name },
    });
    const ringing = await ann.rings();
    await call.cancel();
    await ringing.stopsRinging();
  }
  const records = await office.records(NAMES.length);
  expect(records.map((record) => record.fromName)).toEqual(
    NAMES.map((name) => expect.stringContaining(name.slice(0, 60))),
  );
  await nextCallsWork(house);
});

/** Each with bytes in one place that are no UTF-8; what the house must answer at last. */
const BYTES: { where: string; change: (invite: string) => string; rings: boolean }[] = [
  { where: 'the name', change: (text) => text.replace('"Jane"', '"J\xfcrgen \xff\xfe"'), rings: true },
  { where: 'the number', change: (text) => text.replace('sip:+493012345@', 'sip:\xc0\xaf1@'), rings: false },
  { where: 'User-Agent', change: (text) => text.replace('Switch', '\xed\xa0\x80'), rings: true },
  { where: 'Subject', change: (text) => text.replace('Hello', '\xf0\x9f\x98'), rings: true },
  { where: 'the SDP', change: (text) => text.replace('s=-', 's=\xe2\x82'), rings: true },
  { where: 'the Call-ID', change: (text) => text.replace(/Call-ID: /, 'Call-ID: \xc3\x28'), rings: false },
  { where: 'the tag', change: (text) => text.replace('tag=', 'tag=\xc3'), rings: false },
];

test.each(BYTES)(
  'bytes that are no text in $where: the call rings or is refused, and the engine still tells of its channels',
  async ({ where, change, rings }) => {
    const { ann } = house;
    const before = await footprint(system);
    const rung = ann.calls.length;
    const { host } = carrier.local;
    const { port } = raw.address();
    const answers: string[] = [];
    const hear = (data: Buffer): void => {
      answers.push(data.toString('latin1').split('\r\n')[0]!);
    };
    raw.on('message', hear);
    const id = Math.random().toString(36).slice(2);
    const message = (method: string, body = ''): string =>
      change(
        [
          `${method} sip:${number}@127.0.0.1 SIP/2.0`,
          `Via: SIP/2.0/UDP ${host}:${port};branch=z9hG4bK${id};rport`,
          'Max-Forwards: 70',
          `From: "Jane" <sip:+493012345@127.0.0.1>;tag=${id}`,
          `To: <sip:${number}@127.0.0.1>`,
          `Call-ID: ${id}`,
          `CSeq: 1 ${method}`,
          `Contact: <sip:carrier@${host}:${port}>`,
          'User-Agent: Switch',
          'Subject: Hello',
          ...(body ? ['Content-Type: application/sdp'] : []),
          `Content-Length: ${body.length}`,
          '',
          body,
        ].join('\r\n'),
      );
    const send = (text: string): void =>
      raw.send(Buffer.from(text, 'latin1'), system.installation.sipPort, '127.0.0.1');
    const invite = message('INVITE', lines(SDP(20_000)));
    // True after the change as well.
    send(
      invite.replace(/Content-Length: \d+/, () => `Content-Length: ${invite.length - invite.indexOf('\r\n\r\n') - 4}`),
    );
    try {
      if (rings) {
        await eventually(() => (ann.calls.length > rung ? true : undefined), {
          reason: () => `ann's phone does not ring with ${where} broken; answers: ${answers.join(', ')}`,
        });
        await system.channels();
        send(message('CANCEL'));
      } else {
        // A message that cannot be read gets no answer; one that can is refused, not left to wait.
        await eventually(() => (answers.some((line) => /^SIP\/2.0 [3-6]/.test(line)) ? true : undefined), {
          within: 3000,
          reason: () => '',
        }).catch(() => expect(answers, `with ${where} broken the call was left to wait`).toEqual([]));
      }
    } finally {
      raw.off('message', hear);
    }
    await isAlive(before, where);
    await settled(house, before, where);
  },
);
