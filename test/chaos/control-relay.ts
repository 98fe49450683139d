/** A relay between brain and engine that can swallow everything, as a network that drops packets does. */
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { System } from '../kit/system.ts';
import type { Machine } from './machine.ts';

interface Pair {
  near: Socket;
  far: Socket;
}

export class ControlRelay {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #restore: () => Promise<void>;
  #isSwallowing = false;

  private constructor(enginePort: number, restore: () => Promise<void>) {
    this.#restore = restore;
    this.#server = createServer((near) => this.#relay({ near, far: connect(enginePort, '127.0.0.1') }));
  }

  /** From now on the brain reaches the engine through here: a new brain reads the changed settings. */
  static async between(system: System, machine: Machine): Promise<ControlRelay> {
    const file = join(system.installation.data, 'brain', 'settings.json');
    const settings = readFileSync(file, 'utf8');
    const relay = new ControlRelay(system.installation.ariPort, async () => {
      // In place, so that the file stays the brain's own.
      writeFileSync(file, settings);
      await machine.brainIsBack(machine.kill('brain'));
    });
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve));
    const parsed = JSON.parse(settings) as { ari: { port: number } };
    parsed.ari.port = (relay.#server.address() as AddressInfo).port;
    writeFileSync(file, JSON.stringify(parsed));
    await machine.brainIsBack(machine.kill('brain'));
    return relay;
  }

  /** What comes is lost, and no connection closes; new ones are taken and never answered. */
  swallow(isOn: boolean): void {
    this.#isSwallowing = isOn;
    // Bytes are missing in these: nothing sensible can come of them any more.
    if (!isOn) for (const { near, far } of this.#pairs) for (const socket of [near, far]) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#restore();
    for (const { near, far } of this.#pairs) for (const socket of [near, far]) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #relay(pair: Pair): void {
    this.#pairs.add(pair);
    for (const [from, to] of [
      [pair.near, pair.far],
      [pair.far, pair.near],
    ] as const) {
      from.on('data', (data) => {
        if (!this.#isSwallowing) to.write(data);
      });
      from.on('error', () => {});
      from.on('close', () => {
        // A hole passes on no end either.
        if (!this.#isSwallowing) to.destroy();
        this.#pairs.delete(pair);
      });
    }
  }
}
