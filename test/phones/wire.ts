/** Everything a phone sent and received, kept for assertions and for the text of errors. */

import { cseq, formatMessage, type SipMessage, type SipRequest, type SipResponse, summary } from './sip-message.ts';

export interface WireEntry {
  direction: 'sent' | 'received';
  /** Milliseconds since the epoch. */
  at: number;
  message: SipMessage;
}

/** One direction of the wire. */
export class WireLog {
  readonly entries: WireEntry[] = [];

  get messages(): SipMessage[] {
    return this.entries.map((entry) => entry.message);
  }

  /** Requests in order, retransmissions included; all methods when none is named. */
  requests(method?: string): SipRequest[] {
    return this.messages.filter(
      (message): message is SipRequest =>
        message.kind === 'request' && (method === undefined || message.method === method),
    );
  }

  /** Responses in order; all when no status is named; `method` is that of the request answered. */
  responses(status?: number, method?: string): SipResponse[] {
    return this.messages.filter(
      (message): message is SipResponse =>
        message.kind === 'response' &&
        (status === undefined || message.status === status) &&
        (method === undefined || cseq(message).method === method),
    );
  }
}

export class Wire {
  readonly sent = new WireLog();
  readonly received = new WireLog();
  readonly #all: WireEntry[] = [];

  record(direction: 'sent' | 'received', message: SipMessage): void {
    const entry: WireEntry = { direction, at: Date.now(), message };
    this.#all.push(entry);
    this[direction].entries.push(entry);
  }

  /** One line for each of the last messages, for errors. */
  summary(last = 12): string {
    if (this.#all.length === 0) return 'nothing';
    return this.#all
      .slice(-last)
      .map((entry) => `${entry.direction === 'sent' ? '->' : '<-'} ${summary(entry.message)}`)
      .join(', ');
  }

  /** The whole conversation as text, for a log when a test fails. */
  text(): string {
    return this.#all
      .map((entry) => {
        const arrow = entry.direction === 'sent' ? '>>>' : '<<<';
        return `${arrow} ${new Date(entry.at).toISOString()}\n${formatMessage(entry.message)}`;
      })
      .join('\n');
  }
}
