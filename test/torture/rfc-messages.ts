/** The torture messages of RFC 4475 and RFC 5118 as bytes, from text in RFC 4475's own notation (its section 2). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RfcMessage {
  /** `RFC 4475 3.1.1.1 wsinv` */
  name: string;
  bytes: Buffer;
}

/** One character per byte, so that `<hex>` may stand for any. */
const ENCODING = 'latin1';

/** All messages of both documents, in their order. */
export const rfcMessages = (): RfcMessage[] => [...read('4475'), ...read('5118')];

function read(rfc: '4475' | '5118'): RfcMessage[] {
  const text = readFileSync(join(import.meta.dirname, `rfc${rfc}.txt`), 'utf8');
  return text
    .split(/^=== /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return { name: `RFC ${rfc} ${part.slice(0, end)}`, bytes: rendered(part.slice(end + 1)) };
    });
}

function rendered(text: string): Buffer {
  const wire = text
    .replace(/<allOneLine>\n([\s\S]*?)\n<\/allOneLine>/g, (_, lines: string) => lines.replace(/\n/g, ''))
    .replace(/<repeat count=(\d+)>(.*?)<\/repeat>/g, (_, count: string, what: string) => what.repeat(Number(count)))
    .replace(/\n/g, '\r\n')
    // Last: a byte it stands for may be LF, which is no end of a line.
    .replace(/<hex>(.*?)<\/hex>/g, (_, hex: string) => Buffer.from(hex, 'hex').toString(ENCODING));
  return Buffer.from(wire, ENCODING);
}
