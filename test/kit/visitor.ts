/** Somebody with a browser, as the API sees it: keeps cookies, and says that its own page asks. */
import { request } from 'node:http';

export interface Seen {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever a test looks for in it
  body: any;
}

export class Visitor {
  readonly cookies = new Map<string, string>();
  readonly #web: string;
  readonly #address: string;
  /** What the browser says of where a request comes from. */
  origin: string;

  constructor(web: string, address = '127.0.0.1') {
    this.#web = web;
    this.#address = address;
    this.origin = web;
  }

  ask(method: string, path: string, body?: object): Promise<Seen> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = {
      origin: this.origin,
      ...(cookie ? { cookie } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    };
    const options = { method, headers, localAddress: this.#address, agent: false, timeout: 10_000 };
    return new Promise((resolve, reject) => {
      const asked = request(`${this.#web}/api/v1${path}`, options, (response) => {
        for (const line of response.headers['set-cookie'] ?? []) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          if (/max-age=0/i.test(line)) this.cookies.delete(name);
          else this.cookies.set(name, value);
        }
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: text === '' ? null : JSON.parse(text) }),
        );
      });
      asked.on('error', reject);
      asked.on('timeout', () => asked.destroy(new Error('no answer')));
      asked.end(body ? JSON.stringify(body) : undefined);
    });
  }

  logIn(email: string, password: string): Promise<Seen> {
    return this.ask('POST', '/login', { email, password });
  }
}
