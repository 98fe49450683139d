/** Somebody on the Internet without an account, at an address of his own, who sends single SIP requests by UDP. */
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { request } from 'node:http';
import { PATIENCE } from '../phones/index.ts';

export interface StrangersRequest {
  method: string;
  /** In request URI, From and To. */
  user: string;
  userAgent?: string;
}

const id = (): string => randomBytes(8).toString('hex');
/** Another network for each run. */
const network = `127.77.${randomInt(1, 255)}`;
let addresses = 0;

/** A loopback address that nobody of this run has used before: bans outlive a test. */
export function newAddress(): string {
  addresses += 1;
  if (addresses > 254) throw new Error('a run has 254 strangers at most');
  return `${network}.${addresses}`;
}

export class Stranger {
  readonly address: string;
  readonly #socket: Socket;
  readonly #port: number;

  private constructor(socket: Socket, sipPort: number) {
    this.#socket = socket;
    this.#port = sipPort;
    this.address = socket.address().address;
  }

  static async at(address: string, sipPort: number): Promise<Stranger> {
    const socket = createSocket('udp4');
    socket.bind(0, address);
    await once(socket, 'listening');
    return new Stranger(socket, sipPort);
  }

  /** Status of the answer; null when there is none within `patience` ms. */
  async ask({ method, user, userAgent = 'test' }: StrangersRequest, patience = PATIENCE): Promise<number | null> {
    const callId = id();
    const { port } = this.#socket.address();
    const text = [
      `${method} sip:${user}@127.0.0.1 SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.address}:${port};branch=z9hG4bK${id()};rport`,
      'Max-Forwards: 70',
      `From: <sip:${user}@127.0.0.1>;tag=${id()}`,
      `To: <sip:${user}@127.0.0.1>`,
      `Call-ID: ${callId}`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:${user}@${this.address}:${port}>`,
      `User-Agent: ${userAgent}`,
      ...(method === 'SUBSCRIBE' ? ['Event: presence', 'Expires: 300'] : []),
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');
    return new Promise((resolve) => {
      const done = (status: number | null) => {
        clearTimeout(late);
        this.#socket.off('message', onMessage);
        resolve(status);
      };
      const onMessage = (data: Buffer) => {
        const answer = data.toString('latin1');
        const status = Number(/^SIP\/2\.0 (\d{3}) /.exec(answer)?.[1]);
        if (status >= 200 && answer.includes(callId)) done(status);
      };
      const late = setTimeout(() => done(null), patience);
      this.#socket.on('message', onMessage);
      this.#socket.send(text, this.#port, '127.0.0.1');
    });
  }

  close(): void {
    this.#socket.close();
  }
}

/** An API request from an address. */
export function askApi(
  web: string,
  localAddress: string,
  token: string,
): Promise<{ status: number; retryAfter: number | null; id: string | null }> {
  return new Promise((resolve, reject) => {
    const asked = request(`${web}/api/v1/organizations`, {
      localAddress,
      agent: false,
      headers: { authorization: `Bearer ${token}` },
    });
    asked.on('error', reject);
    asked.on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => {
        const after = answer.headers['retry-after'];
        const { id: problem = null } = JSON.parse(text) as { id?: string };
        resolve({
          status: answer.statusCode ?? 0,
          retryAfter: after === undefined ? null : Number(after),
          id: problem,
        });
      });
    });
    asked.end();
  });
}
