/** A transfer we asked for: the REFER we sent and what the far end's NOTIFYs say about it (RFC 3515). */

import type { SipResponse } from './sip-message.ts';
import { duration, PATIENCE, Signal } from './wait.ts';

export class Transfer {
  /** Statuses of the `message/sipfrag` bodies, in order. */
  readonly progress: number[] = [];
  /** Answer to the REFER itself; null while it is out. */
  response: SipResponse | null = null;
  error: Error | null = null;

  readonly #name: string;
  readonly #signal = new Signal();
  readonly #seen: () => string;

  constructor(name: string, seen: () => string) {
    this.#name = name;
    this.#seen = seen;
  }

  /** Resolves when the REFER was accepted (2xx); rejects when it was refused. */
  async accepted({ within = PATIENCE }: { within?: number } = {}): Promise<void> {
    await this.#signal.until(
      () => {
        if (this.error) throw this.error;
        if (this.response && this.response.status >= 300) {
          throw new Error(`${this.#name}'s REFER was refused with ${this.response.status} ${this.response.reason}`);
        }
        return this.response ? true : undefined;
      },
      () => `${this.#name}'s REFER was not answered within ${duration(within)}; it saw: ${this.#seen()}`,
      within,
    );
  }

  /** Resolves with the final status that the far end reported (200 = done). */
  async finished({ within = PATIENCE }: { within?: number } = {}): Promise<number> {
    await this.accepted({ within });
    return this.#signal.until(
      () => this.progress.find((status) => status >= 200),
      () =>
        `${this.#name} was not told how its transfer went within ${duration(within)}; ` +
        `progress: ${this.progress.join(', ') || 'none'}; it saw: ${this.#seen()}`,
      within,
    );
  }

  answeredWith(response: SipResponse): void {
    this.response = response;
    this.#signal.changed();
  }

  failed(error: Error): void {
    this.error = error;
    this.#signal.changed();
  }

  notified(sipfrag: string): void {
    const status = /SIP\/2\.0 (\d{3})/.exec(sipfrag)?.[1];
    if (status === undefined) return;
    this.progress.push(Number(status));
    this.#signal.changed();
  }
}
