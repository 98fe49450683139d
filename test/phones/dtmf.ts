/** Keys pressed: RFC 4733 events in RTP, and `application/dtmf-relay` in INFO. */

const EVENTS = '0123456789*#ABCD';

/** Event code of RFC 4733, table 7; throws on anything no telephone has. */
export const eventOf = (digit: string): number => {
  const event = EVENTS.indexOf(digit.toUpperCase());
  if (digit.length !== 1 || event < 0) throw new Error(`No such key: ${digit}`);
  return event;
};

export const digitOf = (event: number): string | undefined => EVENTS[event];

/** Four bytes: event, end bit and volume, duration in timestamp units (RFC 4733, section 2.3). */
export const formatEvent = (event: number, isEnd: boolean, duration: number): Buffer =>
  Buffer.from([event, (isEnd ? 0x80 : 0) | 10, duration >> 8, duration & 0xff]);

export interface TelephoneEvent {
  event: number;
  isEnd: boolean;
  duration: number;
}

export const parseEvent = (payload: Buffer): TelephoneEvent | null =>
  payload.length < 4
    ? null
    : { event: payload[0]!, isEnd: (payload[1]! & 0x80) !== 0, duration: payload.readUInt16BE(2) };

/** Body of an INFO. `duration` in milliseconds. */
export const formatInfo = (digit: string, duration: number): string => `Signal=${digit}\r\nDuration=${duration}\r\n`;

/** The digit of an INFO body, of either type in use (`dtmf-relay` or bare `dtmf`). */
export const parseInfo = (body: string): string | undefined =>
  /^\s*Signal\s*=\s*([0-9A-D*#])/im.exec(body)?.[1] ?? /^\s*([0-9A-D*#])\s*$/i.exec(body)?.[1];
