/** The installation under test as the tests reach it: API, ARI for what is left over, logs and secrets. */
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { type Client, createClient } from '@littlepbx/contract/client';
import { eventually } from '../phones/index.ts';
import type { Installation } from './installation.ts';

interface AriChannel {
  id: string;
  name: string;
  state: string;
  accountcode: string;
}

/** What Node says of an inspector that a test opened (`heap.ts`). */
const INSPECTOR = /^(Debugger (listening|attached|ending)|For help, see: )/;

export class System {
  readonly installation: Installation;
  /** Speaks for the operator. */
  readonly api: Client;
  readonly operatorKey: string;
  readonly #ariPassword: string;
  readonly #logBegins: number;

  constructor(installation: Installation) {
    this.installation = installation;
    this.operatorKey = readFileSync(join(installation.data, 'operator.key'), 'utf8').trim();
    this.api = this.apiAs(this.operatorKey);
    this.#ariPassword = (
      JSON.parse(readFileSync(join(installation.data, 'secrets.json'), 'utf8')) as { ari: string }
    ).ari;
    this.#logBegins = this.brainLog().length;
  }

  apiAs(token: string): Client {
    return createClient({ baseUrl: this.installation.web, token });
  }

  /** Everything that comes through the door unchecked: any method and body, as any key or none. */
  request(method: string, path: string, token: string | null, body?: unknown): Promise<Response> {
    return fetch(`${this.installation.web}/api/v1${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
  }

  /** The installation's certificate authority, PEM. */
  get ca(): string {
    return readFileSync(join(this.installation.data, 'ca.pem'), 'utf8');
  }

  log(name: 'brain' | 'engine' | 'db' | 'supervisor'): string {
    return readFileSync(join(this.installation.data, 'log', `${name}.log`), 'utf8');
  }

  brainLog(): string {
    return this.log('brain');
  }

  /** Warnings and errors of Asterisk. */
  engineMessages(): string[] {
    return readFileSync(join(this.installation.data, 'engine/log/messages.log'), 'utf8').trimEnd().split('\n');
  }

  /** Lines of severity `error` that the brain wrote since this file of tests began. */
  brainErrors(): string[] {
    return this.brainLog()
      .slice(this.#logBegins)
      .split('\n')
      .filter(
        (line) =>
          line !== '' &&
          !INSPECTOR.test(line) &&
          (!line.startsWith('{') || (JSON.parse(line) as { level: number }).level >= 50),
      );
  }

  async channels(): Promise<AriChannel[]> {
    return (await this.#ari('channels')) as AriChannel[];
  }

  async bridges(): Promise<{ id: string; channels: string[] }[]> {
    return (await this.#ari('bridges')) as { id: string; channels: string[] }[];
  }

  /** Resolves when the engine holds no channel of this organization (all of them, without one), else says which. */
  async hasNoChannel(organizationId?: string): Promise<void> {
    let left: AriChannel[] = [];
    await eventually(
      async () => {
        left = (await this.channels()).filter((c) => organizationId === undefined || c.accountcode === organizationId);
        return left.length === 0 ? true : undefined;
      },
      { reason: () => `channels left in the engine: ${left.map((c) => `${c.name} ${c.state} ${c.id}`).join(', ')}` },
    );
  }

  /** Resolves when nothing of any call is left anywhere. */
  async isQuiet(): Promise<void> {
    await this.hasNoChannel();
    let left = '';
    await eventually(
      async () => {
        const [bridges, { calls, callsInSetup }] = await Promise.all([this.bridges(), this.api.getSystem()]);
        left = `${calls} calls, ${callsInSetup} of them in set-up; bridges ${bridges.map((b) => b.id).join(', ')}`;
        return bridges.length === 0 && calls === 0 && callsInSetup === 0 ? true : undefined;
      },
      { reason: () => `left over after all tests: ${left}` },
    );
    const errors = this.brainErrors();
    if (errors.length > 0) throw new Error(`the brain logged errors:\n${errors.slice(0, 20).join('\n')}`);
  }

  /** On a connection of its own: one that was kept may be closed by the engine in the moment it is used again. */
  #ari(path: string): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const { ariPort } = this.installation;
    const how = { auth: `littlepbx:${this.#ariPassword}`, agent: false, timeout: 5000 };
    const asked = get(`http://127.0.0.1:${ariPort}/ari/${path}`, how, (response) => {
      if (response.statusCode === 200) json(response).then(resolve, reject);
      else reject(new Error(`ARI answered ${response.statusCode} to GET ${path}`));
    });
    asked.on('error', reject);
    asked.on('timeout', () => asked.destroy(new Error(`ARI did not answer GET ${path}`)));
    return promise;
  }
}
