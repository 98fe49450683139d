/** What every address on the Internet gets: strangers who try user names, numbers and broken messages, as fast as they can. */
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';

const BURST = 5;
const EVERY = 10;

const id = (): string => randomBytes(8).toString('hex');

function message(method: string, user: string, { port }: { port: number }, body = ''): string {
  return [
    `${method} sip:${user}@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK${id()};rport`,
    'Max-Forwards: 70',
    `From: <sip:${user}@127.0.0.1>;tag=${id()}`,
    `To: <sip:${user}@127.0.0.1>`,
    `Call-ID: ${id()}`,
    `CSeq: 1 ${method}`,
    `Contact: <sip:${user}@127.0.0.1:${port}>`,
    ...(body ? ['Content-Type: application/sdp'] : []),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

const SDP = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 9 RTP/AVP 0', ''].join(
  '\r\n',
);

/** Each makes one datagram for the socket it leaves by. */
const KINDS: ((from: { port: number }) => string | Buffer)[] = [
  (from) => message('REGISTER', String(randomInt(100, 9999)), from),
  (from) => message('INVITE', `00${randomInt(10 ** 9)}`, from, SDP),
  (from) => message('INVITE', '101', from, SDP),
  (from) => message('OPTIONS', '101', from),
  // Broken ones: garbage, lies about lengths, endless and missing headers, negative numbers, header injection.
  () => randomBytes(randomInt(1, 1200)),
  (from) => message('INVITE', '101', from, SDP).replace(/Content-Length: \d+/, 'Content-Length: 999999'),
  (from) => message('INVITE', '101', from, SDP).replace(/Content-Length: \d+/, 'Content-Length: -1'),
  (from) => message('INVITE', 'a'.repeat(8000), from, SDP),
  (from) => message('REGISTER', '101', from).replace(/Call-ID: .*\r\n/, ''),
  (from) => message('REGISTER', '101', from).replace('CSeq: 1', 'CSeq: 99999999999999999999'),
  (from) => message('INVITE', '101', from, 'v=0\r\nm=audio 99999 RTP/AVP 999 -1 x\r\na=crypto:0 x\r\n'),
  (from) => message('INVITE', '101', from).replace('SIP/2.0\r\n', 'SIP/7.5\r\n'),
  (from) => message('BYE', '101', from),
  (from) => message('NOTIFY', '%00%0d%0a', from, '\0'.repeat(500)),
  () => '\r\n\r\n\0\0\0INVITE',
  () => 'SIP/2.0 200 OK\r\nVia: x\r\nCSeq: 1 INVITE\r\n\r\n',
];

/** Sends until `stop`, which tells how many went out. */
export async function scan(sipPort: number): Promise<{ stop(): Promise<number> }> {
  const sockets = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const socket = createSocket('udp4');
      await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
      // Answers are read and thrown away.
      socket.on('message', () => {});
      return socket;
    }),
  );
  let sent = 0;
  const send = (socket: Socket): void => {
    const kind = KINDS[sent % KINDS.length]!;
    sent += 1;
    socket.send(kind(socket.address()), sipPort, '127.0.0.1', () => {});
  };
  const timer = setInterval(() => {
    for (let i = 0; i < BURST; i += 1) send(sockets[i % sockets.length]!);
  }, EVERY);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
      return sent;
    },
  };
}
