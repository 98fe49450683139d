import type { Log } from '@littlepbx/core/ports';
import type { Actor, Administration } from '@littlepbx/core/tenancy/administration';
import type { BrainSettings } from '../settings.ts';
import type { Live } from './live.ts';

/** What every plugin of the API works with. */
export interface Context {
  administration: Administration;
  live: Live;
  settings: Pick<BrainSettings, 'sip'>;
  log: Log;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is asking; null on open routes. */
    actor: Actor | null;
  }
  interface FastifyContextConfig {
    /** Scope that the key must hold. A route without one answers nobody. */
    scope?: string;
    isOperatorOnly?: boolean;
    /** Operation id of the contract, for the audit log. */
    operation?: string;
  }
}
