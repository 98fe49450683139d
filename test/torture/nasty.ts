/** What breaks parsers, one character per byte (latin1): texts, numbers, URIs, hosts. */
import type { Chance } from './chance.ts';

/** UTF-8 as bytes. */
export const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const SCRIPTS = [
  'Анна Каренина',
  '大停電',
  'مرحبا بالعالم',
  'שלום',
  'ก็ิุู้',
  'Z̷a̷l̷g̷ơ̷̢',
  '👩‍👩‍👧‍👦☎️',
  '\u202eevil\u202c',
  '\ufeff\u200b',
  '𝒳𝓎',
  'ﷺ',
].map(utf8);

/** Overlong forms, lone surrogates, cut sequences, bytes that are never UTF-8. */
const BROKEN_UTF8 = [
  '\xc0\xaf',
  '\xed\xa0\x80',
  '\xf0\x9f\x98',
  '\xff\xfe',
  '\x80\x80',
  '\xe2\x82',
  'J\xfcrgen',
  '\xc3(',
];

const TEXTS = [
  '',
  ' ',
  '\t',
  '\0',
  'a\0b',
  '\x07\x1b[2J\x7f',
  '"',
  '\\',
  '\\"',
  '<>',
  '<<<<',
  '>>',
  ';;,,;;,;',
  ',',
  ':',
  '%',
  '%00',
  '%zz',
  '%n%n%n%s%s%x',
  `\${EXTEN}\${SHELL(id)}`,
  '$[1/0]',
  '&|`;$(reboot)',
  "'; drop table calls; --",
  '../../../../etc/passwd',
  '__proto__',
  '{"a":1}',
  '=?utf-8?B?AAAA?=',
  'Local/s@fallback',
  'PJSIP/x&PJSIP/y',
];

const NUMBERS = [
  ...['-1', '0', '1', '00000000000000000001', '2147483647', '2147483648', '4294967295', '4294967296', '-2147483649'],
  ...['18446744073709551616', `1${'0'.repeat(100)}`, '1e9', '0x10', '1.5', 'NaN', ' ', '', 'abc', '+5', '5 5'],
];

const HOSTS = [
  ...[
    '127.0.0.1',
    '127.0.0.1:0',
    '127.0.0.1:99999',
    '127.0.0.1:-1',
    '[::1]',
    '[::1',
    '::1',
    '[]',
    '[::ffff:127.0.0.1]',
  ],
  ...[
    '0.0.0.0',
    '255.255.255.255',
    '999.1.1.1',
    '1.2.3',
    '127.1',
    '192.0.2.1',
    '[2001:db8:::1]',
    'localhost',
    '-',
    '.',
  ],
  ...['a..b', 'x'.repeat(300), '', '*', 'littlepbx', '127.0.0.1:', '127.0.0.1:5060:5060', '127.0.0.1;transport=sctp'],
];

const LENGTHS = [1, 10, 79, 80, 127, 128, 255, 256, 257, 511, 1023, 1024, 2047, 4096, 8000];

export const nastyNumber = (chance: Chance): string => chance.pick(NUMBERS);
export const nastyHost = (chance: Chance): string => chance.pick(HOSTS);

export function nastyText(chance: Chance): string {
  switch (chance.below(6)) {
    case 0:
      return chance.pick(SCRIPTS);
    case 1:
      return chance.pick(BROKEN_UTF8);
    case 2:
      return chance.pick(['a', '9', '%41', '"', '(', '\\', ';a=b', ',a', ' ', '\xff']).repeat(chance.pick(LENGTHS));
    case 3:
      return chance.bytes(1 + chance.below(60)).toString('latin1');
    default:
      return chance.pick(TEXTS);
  }
}

export function nastyUri(chance: Chance, user: string): string {
  const scheme = chance.pick([
    'sip:',
    'sip:',
    'sip:',
    'sips:',
    'tel:',
    'SIP:',
    'http://',
    'urn:service:',
    'sip',
    ':',
    '',
  ]);
  const name = chance.oneIn(2) ? user : nastyText(chance);
  const tail = chance.pick([
    '',
    '',
    ';lr',
    ';transport=tcp',
    ';maddr=127.0.0.9',
    ';ttl=999',
    ';method=BYE',
    '?Replaces=a%3Bto-tag%3Db',
    '?',
    '??a==&&',
    ';;;',
    `;${'p;'.repeat(200)}`,
  ]);
  const uri = `${scheme}${name}${chance.oneIn(8) ? '' : '@'}${nastyHost(chance)}${tail}`;
  return chance.pick([
    uri,
    `<${uri}>`,
    `"${nastyText(chance)}" <${uri}>`,
    `<${uri}`,
    `${uri}>`,
    `${nastyText(chance)}<${uri}>`,
  ]);
}
