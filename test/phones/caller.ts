/** Who calls, as the INVITE tells it: what a phone's display and a carrier's switch look at. */

import { type Address, parseAddress, parseUri, type SipRequest } from './sip-message.ts';

export class Caller {
  readonly invite: SipRequest;

  constructor(invite: SipRequest) {
    this.invite = invite;
  }

  get from(): Address {
    return parseAddress(this.invite.headers.get('From') ?? '');
  }

  get callerName(): string | null {
    return this.from.name;
  }

  get callerNumber(): string {
    return parseUri(this.from.uri).user;
  }

  /** User part of the Request-URI: the number that was dialled, for a carrier. */
  get dialled(): string {
    return parseUri(this.invite.uri).user;
  }

  /** User part of To. */
  get toNumber(): string {
    return parseUri(parseAddress(this.invite.headers.get('To') ?? '').uri).user;
  }

  /** P-Asserted-Identity (RFC 3325), number and name. */
  get assertedIdentity(): { name: string | null; number: string } | null {
    const value = this.invite.headers.all('P-Asserted-Identity')[0];
    if (value === undefined) return null;
    const { name, uri } = parseAddress(value);
    return { name, number: parseUri(uri).user };
  }

  /** Values of Privacy (RFC 3323), lower case. */
  get privacy(): string[] {
    return (this.invite.headers.get('Privacy') ?? '')
      .split(/[;,]/)
      .map((value) => value.trim().toLowerCase())
      .filter(Boolean);
  }

  /** Numbers of Diversion (RFC 5806), newest first. */
  get diversions(): string[] {
    return this.invite.headers.all('Diversion').map((value) => parseUri(parseAddress(value).uri).user);
  }
}
