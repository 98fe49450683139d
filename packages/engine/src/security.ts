/**
 * What the engine tells of those who try to get in, and what it can do against them. Beside the port, since it is no part
 * of a call. Core judges (`core/protection`), the driver reports and enforces.
 */

/**
 * `unknown-account`: no such user, or no user at all. `wrong-password`: the user exists, and the answer to our own
 * challenge was wrong. `scanner`: software that only ever looks for open systems, by its User-Agent.
 * `refused-address`, `bad-request`: against an access list, or not understood.
 */
export type FailureReason = 'unknown-account' | 'wrong-password' | 'scanner' | 'refused-address' | 'bad-request';

export interface SecurityEvent {
  /** Null: it authenticated. */
  failure: FailureReason | null;
  /** As the far end said; of any length and content. */
  account: string;
  /** IP address, without port. */
  address: string;
  transport: 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';
  /**
   * The address is the sender's own: what we sent there came back. A UDP request alone proves nothing, anybody can
   * write any address into it.
   */
  isProven: boolean;
}

export interface SecurityEvents {
  /** One handler, set once; it must return quickly. */
  onEvent(handler: (event: SecurityEvent) => void): void;
  /** Called each time events begin to arrive: at the start, and after the engine was away. */
  onConnected(handler: () => void): void;
  close(): void;
}
