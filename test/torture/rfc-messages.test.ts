import { expect, test } from 'vitest';
import { rfcMessages } from './rfc-messages.ts';

const messages = rfcMessages();

test('there are 49 messages of RFC 4475 and 12 of RFC 5118, each with a name of its own', () => {
  expect(messages.filter(({ name }) => name.startsWith('RFC 4475'))).toHaveLength(49);
  expect(messages.filter(({ name }) => name.startsWith('RFC 5118'))).toHaveLength(12);
  expect(new Set(messages.map(({ name }) => name)).size).toBe(61);
});

/** Those that lie about their length on purpose, or by mistake (RFC 5118, 4.6, 4.8 and 4.9). */
const LIARS = /dblreq|clerr|ncl|mcl01|ipv6-in-sdp|mult-ip-in-sdp|ipv4-mapped-ipv6/;

test.each(messages.filter(({ name }) => !LIARS.test(name)))('$name has the length it says', ({ bytes }) => {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const said = /^(?:content-length|l)\s*:\s*(\d+)/im.exec(text.slice(0, end))?.[1];
  if (said !== undefined) expect(text.length - end - 4).toBe(Number(said));
});

test('what cannot be printed is there as bytes', () => {
  const of = (name: string) => messages.find((message) => message.name.endsWith(` ${name}`))!.bytes;
  expect(of('intmeth').includes(Buffer.from('BEL:\\\x07 NUL:\\\0 DEL:\\\x7f'))).toBe(true);
  expect(of('intmeth').includes(Buffer.from('"работающий"'))).toBe(true);
  expect(of('unreason').includes(Buffer.from('но сто девяносто девять - простое'))).toBe(true);
});
