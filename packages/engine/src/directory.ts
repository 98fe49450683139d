/**
 * What the engine must know of an organization to register its phones, to accept its carriers, and to ring
 * phones by itself while the brain is away. Core computes it (`config/on-engine.ts`); the driver stores it.
 * Every name in here was made by us: usernames are random, ids are UUIDs, numbers are digits.
 */

/** Which challenges a device is given; `both`: MD5 first. */
export type Digest = 'md5' | 'sha-256' | 'both';
export const DIGESTS: readonly Digest[] = ['md5', 'sha-256', 'both'];

export interface DeviceOnEngine {
  /** Globally unique, random, `[a-z0-9]{12,32}`. */
  username: string;
  /** HA1 in hex over `username:realm:password` (RFC 7616); the realm is `SIP_REALM`. */
  digestMd5: string;
  digestSha256: string;
  digest: Digest;
  /** Number of the extension it belongs to, as applied. */
  extension: string;
  displayName: string;
  /** It registers no more and is not rung; emergency calls alone go out. */
  isSuspended: boolean;
  /** Voicemail box whose waiting messages light its lamp: UUID of the extension. */
  mailbox: string;
  /** Of what the engine says to it while nobody decides; ISO 639-1. */
  language: string;
  /** `tls`: only by TLS, with SRTP (SDES). `any`: UDP, TCP, or TLS, media in the clear unless the phone offers SRTP. */
  transport: 'any' | 'tls';
}

export interface TrunkOnEngine {
  /** UUID. */
  id: string;
  /** Whether calls may come in or go out by it. */
  isInbound: boolean;
  isOutbound: boolean;
  /** Host (and port) of the carrier that calls are sent to, and registrations. Host is a name or an IP address. */
  host: string;
  port: number | null;
  transport: 'udp' | 'tcp' | 'tls';
  /** By TLS: calls and registrations go to nobody but who shows a certificate for `host` of an authority that is trusted. */
  verifyCertificate: boolean;
  /** PEM, trusted besides the machine's; for all carriers, since the engine knows one list. */
  certificateAuthority: string | null;
  /** Registers at `host` when set. */
  register: boolean;
  username: string | null;
  authUsername: string | null;
  /** In the clear: a trunk password must be sent as an answer to the carrier's challenge. */
  password: string | null;
  outboundProxy: string | null;
  fromUser: string | null;
  fromDomain: string | null;
  /** In order of preference. */
  codecs: Codec[];
  /** Addresses or CIDRs that its calls come from. Several trunks, of several organizations, may list the same. */
  addresses: string[];
}

export type Codec = 'opus' | 'g722' | 'alaw' | 'ulaw';

export interface OrganizationOnEngine {
  /** UUID; the engine's tenant id on every leg. */
  id: string;
  /** Rises with each change; the driver skips what it has. */
  version: number;
  isSuspended: boolean;
  /** Whom its phones hold hears its own music, instead of the stock. */
  hasMusic: boolean;
  devices: DeviceOnEngine[];
  trunks: TrunkOnEngine[];
  /** Used only while the brain is away. */
  fallback: {
    /** `ringTime` in seconds. */
    extensions: { number: string; devices: string[]; ringTime: number }[];
    /** DID in E.164 (`+…`) to the extension it rings, with the inbound trunks that may bring it. */
    numbers: { e164: string; extension: string; trunkIds: string[] }[];
    /** Emergency numbers of the organization's country, as dialled, with the trunk and caller ID to use. */
    emergency: { number: string; trunkId: string; callerId: string | null }[];
  };
}

/** A device's live registration. */
export interface DeviceRegistration {
  username: string;
  /** `ip:port` it was seen from. */
  address: string;
  transport: 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';
  userAgent: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

export interface TrunkRegistration {
  trunkId: string;
  /** `rejected`: the carrier refused, or gave no answer. */
  state: 'registered' | 'trying' | 'rejected' | 'unregistered';
}

/** A queue of work within the engine, all of one family together. */
export interface EngineQueue {
  name: string;
  /** Waiting now. */
  waiting: number;
  /** Done since the engine's start. */
  processed: number;
}

/** A call the engine made by itself while no brain was there, from its own record. */
export interface FallbackCall {
  id: string;
  organizationId: string;
  kind: 'internal' | 'inbound' | 'emergency';
  from: string;
  to: string;
  startedAt: number;
  answeredAt: number | null;
  endedAt: number;
  /** Dialplan's DIALSTATUS in lower case, or `engine-lost` when the engine died in it. */
  outcome: 'answer' | 'busy' | 'noanswer' | 'cancel' | 'congestion' | 'chanunavail' | 'engine-lost';
}

export interface EngineDirectory {
  /** Brings the engine's store to these organizations, in one transaction. Live when it resolves. */
  publish(organizations: OrganizationOnEngine[]): Promise<void>;
  /** Compares the whole store: organizations not listed are removed. */
  replaceAll(organizations: OrganizationOnEngine[]): Promise<void>;
  deviceRegistrations(): Promise<DeviceRegistration[]>;
  /**
   * Asks these devices whether they are there, and says how long each took to answer, in milliseconds; null: it did not. Who
   * cannot be asked is not in it. Whoever does not answer is rung all the same. Takes up to some seconds.
   */
  roundTrips(usernames: readonly string[]): Promise<Map<string, number | null>>;
  trunkRegistrations(): Promise<TrunkRegistration[]>;
  queues(): Promise<EngineQueue[]>;
  /**
   * Forgets where devices are; they must register again, with their present passwords.
   * @param keep contacts that came by these transports stay
   */
  unregister(usernames: readonly string[], keep?: readonly DeviceRegistration['transport'][]): Promise<void>;
  /**
   * Requests from these addresses, and no others, are refused before anything is looked up for them. CIDRs. Without effect
   * on an engine that a firewall protects (`hasFirewall` of its configuration).
   */
  block(networks: string[]): Promise<void>;
  /** Ended fallback calls; `acknowledge` forgets them once they are safely recorded. */
  endedFallbackCalls(): Promise<FallbackCall[]>;
  acknowledgeFallbackCalls(ids: string[]): Promise<void>;
}

/** One constant realm for the whole product: HA1 contains it, so it is never a host or tenant name. */
export const SIP_REALM = 'littlepbx';
