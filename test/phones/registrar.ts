/** The carrier's side of a registration (RFC 3261, section 10.3), and its challenge of calls. */

import { randomBytes } from 'node:crypto';
import type { Agent } from './agent.ts';
import { challengeText, type DigestAlgorithm, parseDigest, verify } from './digest.ts';
import { parseAddress, parseUri } from './sip-message.ts';
import type { ServerTransaction } from './transactions.ts';
import type { Peer } from './transport.ts';
import { duration, PATIENCE, Signal } from './wait.ts';

export interface RegistrarOptions {
  /** Password by digest username. */
  accounts: Record<string, string>;
  realm?: string;
  algorithm?: DigestAlgorithm;
  /** Longest registration granted. Seconds; 3600. */
  maxExpires?: number;
  /** Challenge calls too (407), as carriers do with registering trunks. */
  challengesCalls?: boolean;
}

export interface Binding {
  /** URI of Contact: what calls to this account are sent to. */
  contact: string;
  /** User part of To. */
  user: string;
  /** Username of the digest. */
  authUsername: string;
  expires: number;
  source: Peer;
  /** Milliseconds since the epoch. */
  at: number;
  count: number;
}

export class Registrar {
  /** When set, every REGISTER is refused with this status. */
  refusesWith: number | null = null;
  /** By user part of To. */
  readonly bindings = new Map<string, Binding>();

  readonly #agent: Agent;
  readonly #options: RegistrarOptions;
  readonly #nonces = new Set<string>();
  readonly #signal = new Signal();

  constructor(agent: Agent, options: RegistrarOptions) {
    this.#agent = agent;
    this.#options = options;
  }

  /** Resolves with the binding once `user` is registered. */
  registered(user: string, { within = PATIENCE }: { within?: number } = {}): Promise<Binding> {
    return this.#signal.until(
      () => this.bindings.get(user),
      () =>
        `${user} did not register at ${this.#agent.name} within ${duration(within)}; ${this.#agent.name} saw: ${this.#agent.wire.summary()}`,
      within,
    );
  }

  get challengesCalls(): boolean {
    return this.#options.challengesCalls === true;
  }

  /** True when the request carries the right digest; else it was answered with a challenge or 403. */
  admits(transaction: ServerTransaction, isProxy: boolean): boolean {
    const { request } = transaction;
    const { accounts, realm = 'carrier', algorithm = 'MD5' } = this.#options;
    const value = request.headers.get(isProxy ? 'Proxy-Authorization' : 'Authorization');
    const params = value === undefined ? {} : parseDigest(value);
    const { username = '', nonce = '' } = params;
    if (value === undefined || !this.#nonces.has(nonce)) {
      const fresh = randomBytes(12).toString('hex');
      this.#nonces.add(fresh);
      const field = isProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate';
      this.#agent.respond(transaction, isProxy ? 407 : 401, {
        fields: [[field, challengeText(realm, fresh, algorithm)]],
      });
      return false;
    }
    const password = accounts[username];
    if (password !== undefined && verify(value, request.method, password, { nonce, algorithm })) return true;
    this.#agent.respond(transaction, 403);
    return false;
  }

  receive(transaction: ServerTransaction): void {
    const { request } = transaction;
    if (this.refusesWith !== null) {
      this.#agent.respond(transaction, this.refusesWith);
      return;
    }
    if (!this.admits(transaction, false)) return;
    const { maxExpires = 3600 } = this.#options;
    const { user } = parseUri(parseAddress(request.headers.get('To') ?? '').uri);
    const contact = parseAddress(request.headers.all('Contact')[0] ?? '');
    const asked = Number(contact.params.expires ?? request.headers.get('Expires') ?? 3600);
    const expires = Math.min(asked, maxExpires);
    const authUsername = parseDigest(request.headers.get('Authorization') ?? '').username ?? '';
    if (expires === 0 || contact.uri === '*') this.bindings.delete(user);
    else {
      const count = (this.bindings.get(user)?.count ?? 0) + 1;
      this.bindings.set(user, {
        contact: contact.uri,
        user,
        authUsername,
        expires,
        source: transaction.from,
        at: Date.now(),
        count,
      });
    }
    this.#agent.respond(transaction, 200, {
      fields: expires === 0 ? [] : [['Contact', `<${contact.uri}>;expires=${expires}`]],
    });
    this.#signal.changed();
  }
}
