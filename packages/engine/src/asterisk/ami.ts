/**
 * Asterisk's manager interface, for the few things ARI cannot do: reload by module, contacts, state of outbound
 * registrations, maintenance. Requests and answers only; the user may read no events.
 */
import { randomUUID } from 'node:crypto';
import { createConnection, type Socket } from 'node:net';

export interface AmiSettings {
  host: string;
  port: number;
  user: string;
  password: string;
}

export type AmiMessage = Record<string, string>;

/** Not connected, refused, or too slow. */
export class AmiError extends Error {
  override readonly name = 'AmiError';
}

interface Pending {
  events: AmiMessage[];
  settle(outcome: AmiReply | AmiError): void;
}

export interface AmiReply {
  response: AmiMessage;
  /** Items of a list answer. */
  events: AmiMessage[];
}

const CONNECT_TIMEOUT = 3000;
const ACTION_TIMEOUT = 10_000;

/** Connects on first use and again after a loss; an action on a lost connection rejects and is not repeated. */
export class Ami {
  readonly #settings: AmiSettings;
  readonly #pending = new Map<string, Pending>();
  #connection: Promise<Socket> | null = null;
  #isClosed = false;

  constructor(settings: AmiSettings) {
    this.#settings = settings;
  }

  /** Resolves with any answer, `Response: Error` included: callers know which of them are normal. */
  async action(name: string, fields: AmiMessage = {}): Promise<AmiReply> {
    if (this.#isClosed) throw new AmiError('AMI client is closed');
    this.#connection ??= this.#connect();
    return this.#send(await this.#connection, name, fields);
  }

  close(): void {
    this.#isClosed = true;
    this.#connection?.then(
      (socket) => socket.destroy(),
      () => {},
    );
    this.#lost(new AmiError('AMI client is closed'));
  }

  #connect(): Promise<Socket> {
    const { host, port, user, password } = this.#settings;
    const attempt = new Promise<Socket>((resolve, reject) => {
      const socket = createConnection({ host, port });
      const fail = (error: AmiError) => {
        socket.destroy();
        if (this.#connection === attempt) this.#connection = null;
        reject(error);
        this.#lost(error);
      };
      const timer = setTimeout(() => fail(new AmiError('AMI does not answer')), CONNECT_TIMEOUT);
      const parse = amiParser((message) => this.#onMessage(message));
      socket.setEncoding('utf8');
      socket.setNoDelay(true);
      socket.on('data', parse);
      socket.on('error', (cause) => fail(new AmiError('AMI connection failed', { cause })));
      socket.on('close', () => fail(new AmiError('AMI connection closed')));
      socket.on('connect', () => {
        this.#send(socket, 'Login', { Username: user, Secret: password, Events: 'off' }).then(
          ({ response }) => {
            clearTimeout(timer);
            if (response.Response === 'Success') resolve(socket);
            else fail(new AmiError(`AMI log-in refused: ${response.Message}`));
          },
          (error: AmiError) => {
            clearTimeout(timer);
            fail(error);
          },
        );
      });
      socket.once('close', () => clearTimeout(timer));
    });
    // The caller awaits it; without this, a second failure path would count as unhandled.
    attempt.catch(() => {});
    return attempt;
  }

  #send(socket: Socket, name: string, fields: AmiMessage): Promise<AmiReply> {
    return new Promise((resolve, reject) => {
      const id = randomUUID();
      const timer = setTimeout(() => pending.settle(new AmiError(`AMI ${name}: no answer`)), ACTION_TIMEOUT);
      const pending: Pending = {
        events: [],
        settle: (outcome) => {
          clearTimeout(timer);
          this.#pending.delete(id);
          if (outcome instanceof AmiError) reject(outcome);
          else resolve(outcome);
        },
      };
      this.#pending.set(id, pending);
      socket.write(printAction({ Action: name, ActionID: id, ...fields }));
    });
  }

  #onMessage(message: AmiMessage): void {
    const pending = this.#pending.get(message.ActionID ?? '');
    if (!pending) return;
    if (message.Response !== undefined) {
      // A list is announced by its answer and closed by an event.
      if (message.EventList === 'start') pending.events.push(message);
      else pending.settle({ response: message, events: [] });
    } else if (message.EventList === 'Complete') {
      const [response = {}, ...events] = pending.events;
      pending.settle({ response, events });
    } else {
      pending.events.push(message);
    }
  }

  #lost(error: AmiError): void {
    for (const pending of [...this.#pending.values()]) pending.settle(error);
  }
}

export function printAction(fields: AmiMessage): string {
  const lines = Object.entries(fields).map(([key, value]) => {
    // A line feed in a value would start another header, or another action.
    if (/[\r\n\0]/.test(value)) throw new AmiError(`line feed in AMI field ${key}`);
    return `${key}: ${value}\r\n`;
  });
  return `${lines.join('')}\r\n`;
}

/** Messages are lines `Key: value` up to an empty line; they may be cut anywhere between two chunks. */
export function amiParser(onMessage: (message: AmiMessage) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    rest += chunk;
    const blocks = rest.split('\r\n\r\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const message: AmiMessage = {};
      for (const line of block.split('\r\n')) {
        const colon = line.indexOf(':');
        // The greeting has none.
        if (colon <= 0) continue;
        const [key, value] = [line.slice(0, colon), line.slice(colon + 1).trimStart()];
        // Each line that a command printed comes as a header of this name.
        message[key] = key === 'Output' && message.Output !== undefined ? `${message.Output}\n${value}` : value;
      }
      onMessage(message);
    }
  };
}
