/** Phones and carriers for tests. */

export type { Call, CallState, Ending } from './call.ts';
export type { DigestAlgorithm } from './digest.ts';
export type { Codec } from './g711.ts';
export type { IncomingCall } from './incoming.ts';
export type { DialOptions, OutgoingCall } from './outgoing.ts';
export { Phone, type PhoneOptions } from './phone.ts';
export type { Binding, Registrar, RegistrarOptions } from './registrar.ts';
export type { HearOptions } from './rtp.ts';
export type { SipMessage, SipRequest, SipResponse } from './sip-message.ts';
export { parseAddress, parseUri, summary } from './sip-message.ts';
export type { Transfer } from './transfer.ts';
export type { Peer, Protocol, TlsOptions } from './transport.ts';
export { eventually, NotInTime, PATIENCE } from './wait.ts';
