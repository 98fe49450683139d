/** A program of an office's own that its webhook tells what happens. It believes what is signed. */
import { createServer, type Server } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { eventually } from '../phones/index.ts';

export interface Told {
  id: string;
  type: string;
  organizationId: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever a test looks for in it
  data: any;
}

export class Receiver {
  readonly told: Told[] = [];
  /** Types of messages whose next one it does not take, and what it answers to it. */
  readonly failing = new Map<string, number>();
  /** Without it nothing is believed. */
  secret = '';
  readonly #server: Server;

  private constructor() {
    this.#server = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      const headers = request.headers as Record<string, string>;
      let status = 401;
      try {
        const message = new Webhook(this.secret).verify(body, headers) as Omit<Told, 'id'>;
        this.told.push({ id: headers['webhook-id']!, ...message });
        status = this.failing.get(message.type) ?? 200;
        this.failing.delete(message.type);
      } catch {
        // Not ours.
      }
      response.writeHead(status).end();
    });
  }

  static async open(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}/hook`;
  }

  /** All messages of this type, once there are so many. */
  hears(type: string, count = 1, within = 20_000): Promise<Told[]> {
    return eventually(
      async () => {
        const found = this.told.filter((one) => one.type === type);
        return found.length >= count ? found : undefined;
      },
      { within, reason: () => `not ${count} of ${type} among ${JSON.stringify(this.told)}` },
    );
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
