/** A network that loses datagrams, between phones and the engine: each phone's port gets a port of its own here, as behind NAT. */
import { createSocket, type Socket } from 'node:dgram';

export class LossRelay {
  readonly #front: Socket = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 });
  /** By the phone's port. */
  readonly #backs = new Map<number, Socket>();
  readonly #engine: number;
  /** Share of the datagrams that is lost, each way. */
  loss = 0;
  lost = 0;
  passed = 0;

  private constructor(engine: number) {
    this.#engine = engine;
    this.#front.on('message', (data, from) => this.#fromPhone(data, from.port));
  }

  static async before(engine: number): Promise<LossRelay> {
    const relay = new LossRelay(engine);
    await new Promise<void>((resolve) => relay.#front.bind(0, '127.0.0.1', resolve));
    return relay;
  }

  get port(): number {
    return this.#front.address().port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of [this.#front, ...this.#backs.values()]) {
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    }
  }

  #fromPhone(data: Buffer, phone: number): void {
    if (this.#isLost()) return;
    let back = this.#backs.get(phone);
    if (!back) {
      back = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 });
      back.on('message', (answer) => {
        if (!this.#isLost()) this.#front.send(answer, phone, '127.0.0.1');
      });
      this.#backs.set(phone, back);
    }
    back.send(data, this.#engine, '127.0.0.1');
  }

  #isLost(): boolean {
    const isLost = Math.random() < this.loss;
    if (isLost) this.lost += 1;
    else this.passed += 1;
    return isLost;
  }
}
