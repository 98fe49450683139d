/** One dialog (RFC 3261, section 12): tags, targets, routes and sequence numbers. */

import { type Agent, newTag, type RequestOptions } from './agent.ts';
import { parseAddress, parseUri, type SipMessage, type SipRequest, type SipResponse, tagOf } from './sip-message.ts';
import { newBranch } from './transactions.ts';
import type { Peer } from './transport.ts';

export class Dialog {
  readonly callId: string;
  readonly localTag: string;
  remoteTag: string;
  remoteTarget: string;
  readonly sequence: { value: number };
  /** Where the far end's messages come from; connections are reused to it. */
  peer: Peer;

  readonly #agent: Agent;
  readonly #localUri: string;
  readonly #remoteUri: string;
  #routes: string[];

  private constructor(
    agent: Agent,
    side: { callId: string; localTag: string; remoteTag: string; localUri: string; remoteUri: string },
    target: { uri: string; routes: string[]; peer: Peer; sequence: { value: number } },
  ) {
    this.#agent = agent;
    this.callId = side.callId;
    this.localTag = side.localTag;
    this.remoteTag = side.remoteTag;
    this.#localUri = side.localUri;
    this.#remoteUri = side.remoteUri;
    this.remoteTarget = target.uri;
    this.#routes = target.routes;
    this.peer = target.peer;
    this.sequence = target.sequence;
  }

  /** The caller's side, made from the answer to its INVITE. */
  static ofCaller(
    agent: Agent,
    invite: SipRequest,
    response: SipResponse,
    peer: Peer,
    sequence: { value: number },
  ): Dialog {
    return new Dialog(
      agent,
      {
        callId: invite.headers.get('Call-ID') ?? '',
        localTag: tagOf(invite, 'From'),
        remoteTag: tagOf(response, 'To'),
        localUri: withoutTag(invite.headers.get('From') ?? ''),
        remoteUri: withoutTag(response.headers.get('To') ?? ''),
      },
      {
        uri: contactOf(response) ?? invite.uri,
        routes: response.headers.all('Record-Route').reverse(),
        peer,
        sequence,
      },
    );
  }

  /** The called side, made from the INVITE. */
  static ofCallee(agent: Agent, invite: SipRequest, peer: Peer): Dialog {
    return new Dialog(
      agent,
      {
        callId: invite.headers.get('Call-ID') ?? '',
        localTag: newTag(),
        remoteTag: tagOf(invite, 'From'),
        localUri: withoutTag(invite.headers.get('To') ?? ''),
        remoteUri: withoutTag(invite.headers.get('From') ?? ''),
      },
      { uri: contactOf(invite) ?? '', routes: invite.headers.all('Record-Route'), peer, sequence: { value: 0 } },
    );
  }

  /** Contact of a re-INVITE or its answer moves the far end. */
  refresh(message: SipMessage): void {
    const contact = contactOf(message);
    if (contact !== null) this.remoteTarget = contact;
  }

  make(method: string, fields: readonly (readonly [string, string])[] = [], body = ''): SipRequest {
    this.sequence.value += 1;
    return this.#make(method, this.sequence.value, fields, body);
  }

  async request(request: SipRequest, options: Omit<RequestOptions, 'to'> = {}): Promise<SipResponse> {
    return this.#agent.request(request, { ...options, to: this.hop(), sequence: this.sequence });
  }

  /** ACK of a 2xx is a request of its own, sent once per 2xx (RFC 3261, section 13.2.2.4). */
  ack(number: number, fields: readonly (readonly [string, string])[] = [], body = ''): void {
    const ack = this.#make('ACK', number, fields, body);
    const via = this.#agent.via().replace(/branch=[^;]+/, `branch=${newBranch()}`);
    const headers = ack.headers.clone().remove('Via').add('Via', via);
    this.#agent.send({ ...ack, headers }, this.hop()).catch(() => {});
  }

  hop(): Peer {
    if (this.#agent.options.viaServer && this.#agent.server) return this.#agent.server;
    if (this.#agent.protocol !== 'udp') return this.peer;
    return this.#agent.hop(this.#routes[0] === undefined ? this.remoteTarget : parseAddress(this.#routes[0]).uri);
  }

  /** `callid;to-tag=…;from-tag=…` that names this dialog to its far end (RFC 3891). */
  get replaces(): string {
    return `${this.callId};to-tag=${this.remoteTag};from-tag=${this.localTag}`;
  }

  #make(method: string, number: number, fields: readonly (readonly [string, string])[], body: string): SipRequest {
    const request = this.#agent.make(
      method,
      this.remoteTarget,
      [
        ...this.#routes.map((route) => ['Route', route] as const),
        ['From', `${this.#localUri};tag=${this.localTag}`],
        ['To', this.remoteTag === '' ? this.#remoteUri : `${this.#remoteUri};tag=${this.remoteTag}`],
        ['Call-ID', this.callId],
        ['CSeq', `${number} ${method}`],
        ...fields,
      ],
      body,
    );
    return request;
  }
}

const withoutTag = (value: string): string => value.replace(/;\s*tag=[^;\s]+/i, '');

const contactOf = (message: SipMessage): string | null => {
  const contact = message.headers.all('Contact')[0];
  if (contact === undefined || contact === '*') return null;
  const { uri } = parseAddress(contact);
  return parseUri(uri).scheme === '' ? null : uri;
};
