import type { Readable } from 'node:stream';
import type { Alert, OperatorChannel } from '@littlepbx/core/alerts/alert-book';
import type { FileRef } from '@littlepbx/core/files/files';
import type { Session } from '@littlepbx/core/persons/person';
import type { Log } from '@littlepbx/core/ports';
import type { Protection } from '@littlepbx/core/protection/protection';
import type { Actor } from '@littlepbx/core/tenancy/actor';
import type { Administration } from '@littlepbx/core/tenancy/administration';
import type { EventHub } from '../events/hub.ts';
import type { Logins } from '../persons/logins.ts';
import type { BrainSettings } from '../settings.ts';
import type { Live } from './live.ts';
import type { BuiltPage } from './page.ts';

/** Where the bytes of sounds are. */
export interface SoundSource {
  /** Null when there is no such file. `stream` gives bytes `from` to `to`, both included. */
  open(file: FileRef): Promise<{ bytes: number; stream(from: number, to: number): Readable } | null>;
}

/** The running brain's alerts. */
export interface AlertDesk {
  list(): Alert[];
  /** What is set is to be in effect when it resolves. */
  settingsChanged(): Promise<void>;
  /** Sends a test by each channel that is set up. */
  test(): Promise<{ channel: OperatorChannel; isSent: boolean; reason: string | null }[]>;
}

/** What every plugin of the API works with. */
export interface Context {
  administration: Administration;
  logins: Logins;
  live: Live;
  sounds: SoundSource;
  page: BuiltPage;
  protection: Protection;
  settings: Pick<BrainSettings, 'sip'>;
  log: Log;
  alerts: AlertDesk;
  events: Pick<EventHub, 'listen'>;
  /** Prometheus' page, with series of the organizations named. */
  metrics: (organizations: readonly string[]) => Promise<string>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is asking; null on open routes, and for a person on those for anybody. */
    actor: Actor | null;
    /** The person's, when it is one who asks. */
    session: Session | null;
  }
  interface FastifyContextConfig {
    /** Scope that whoever asks must hold. A route without one answers nobody. */
    scope?: string;
    isOperatorOnly?: boolean;
    isPersonOnly?: boolean;
    /** Something secret can be tried here: the banned are refused first. */
    isGuessable?: boolean;
    /** Media type of its body, when that is no JSON. */
    takes?: 'audio/*' | 'image/*';
    /** The body may take minutes to arrive. */
    isUpload?: boolean;
    /** Requests that need no key. */
    isOpenTo?: (request: FastifyRequest) => boolean;
    /** Operation id of the contract, for the audit log. */
    operation?: string;
  }
}
